"""The notes below a table: what a reader must know to judge it. Each note is one entry of `NOTES`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.tables.below_popularity import below_popularity_note
from bench.tables.claims import conduct_note, interval_note, order_note, suspicion_note, tests_note
from bench.tables.cutoffs import cutoff_note
from bench.tables.defaults import defaults_note, untuned_note
from bench.tables.devices import devices_note
from bench.tables.failures import failures_note
from bench.tables.kept_models import kept_models_note
from bench.tables.machines import machines_note
from bench.tables.measures import beyond_accuracy_note, cost_note, metrics_note, threads_note, views_note
from bench.tables.missing import missing_note
from bench.tables.origins import (
    data_note,
    environments_note,
    libraries_note,
    programs_note,
    reading_note,
    seeds_note,
    selection_note,
    time_note,
)
from bench.tables.parameters import parameters_note
from bench.tables.processor import processor_note
from bench.tables.remaking import remaking_note
from bench.tables.slices import slices_note
from bench.tables.timing import timing_note
from bench.writing.text import enumerated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bench.analysis.summary import Summary

    Note = Callable[[Summary], Iterable[tuple[str, str]]]


def notes_of(summary: Summary, *, beyond_accuracy: bool = False) -> Iterable[tuple[str, str]]:
    """Yield keywords and sentences, in the order of `NOTES`.

    Parameters
    ----------
    beyond_accuracy
        Whether the values of `bench.analysis.beyond_accuracy` are shown.
    """
    for note in NOTES:
        if note is not beyond_accuracy_note or beyond_accuracy:
            yield from note(summary)


def _same_name(summary: Summary) -> Iterable[tuple[str, str]]:
    if any(row.shares_name for row in summary.rows):
        yield (
            "Same name",
            "rows marked # have the same name, but differ in source, threads, selection, versions, machine, device, "
            "used files or full ranking.",
        )


def _names(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say which recommenders and parameters are behind the names that the user gave."""
    given = [
        f"{row.label} is {row.recommender.label}"
        for row in summary.rows
        if any(record.recommender.display_name not in (None, row.recommender.label) for record in row.every_record)
    ]
    if given:
        yield "Names", f"{'; '.join(dict.fromkeys(given))}."


def _external(summary: Summary) -> Iterable[tuple[str, str]]:
    external = [row.label for row in summary.rows if row.external]
    if external:
        yield (
            "External",
            f"{enumerated(external)}: another program wrote the scores. They are ranked against the same candidates by "
            "the same rule. recbench does not know whether that program saw only the training interactions, what it "
            "cost, and how its results vary between trainings.",
        )


def _task(summary: Summary) -> Iterable[tuple[str, str]]:
    yield "Task", str(summary.task.digest)


NOTES: tuple[Note, ...] = (
    failures_note,
    suspicion_note,
    below_popularity_note,
    untuned_note,
    conduct_note,
    _same_name,
    _names,
    _external,
    metrics_note,
    cutoff_note,
    missing_note,
    order_note,
    interval_note,
    tests_note,
    views_note,
    beyond_accuracy_note,
    slices_note,
    cost_note,
    threads_note,
    timing_note,
    programs_note,
    environments_note,
    time_note,
    data_note,
    reading_note,
    seeds_note,
    selection_note,
    parameters_note,
    defaults_note,
    machines_note,
    devices_note,
    processor_note,
    libraries_note,
    kept_models_note,
    remaking_note,
    _task,
)
"""Functions that yield a keyword and a text, once or several times, or nothing where the note does not apply."""
