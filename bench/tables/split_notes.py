"""The title, the caption and the notes of a table over repeated splits (P28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.analysis.conduct import TIMES_SHARED
from bench.analysis.significance import ALPHA
from bench.analysis.views import views_of
from bench.records.compared import n_compared
from bench.tables.defaults import untuned_note
from bench.tables.measures import metrics_note
from bench.tables.origins import time_note
from bench.tables.remaking_several import again_over_splits
from bench.tables.subject import DIGEST_DIGITS, is_split_at_time, rivals_of, subject_of, time_text
from bench.tables.timing import timing_notes
from bench.writing.sheet import MARK
from bench.writing.text import accuracy_text, count_text, enumerated
from protocol.evaluation.over_splits import LEAST_SPLITS
from protocol.evaluation.statistics import LEAST_USERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analysis.over_splits import RowOverSplits, SplitsSummary
    from bench.analysis.summary import Summary


_MOST_MOVES = 8
"""Rows that change their place and are named below the table; the column of places has all."""


def title_over_splits(summary: SplitsSummary) -> str:
    """Return the title: which data, how many splits, and what held-out items are ranked against."""
    first, n_splits = summary.first, len(summary.summaries)
    view = first.primary_view
    users = sorted({n_compared(each.task, view) for each in summary.summaries.values()})
    n_users = count_text(users[0], "user") if len(users) == 1 else f"{users[0]:,} to {users[-1]:,} users"
    against = rivals_of(first.task, {}, view)
    other = "" if view == views_of(first.task)[0] else "; this is not the measure of the task"
    return (
        f"{_data(first)}: means over {n_splits} splits ({enumerated(list(summary.summaries))}), {n_users} each, one "
        f"held-out item each against {against}{other}"
    )


def _data(first: Summary) -> str:
    """Return the data without what their split adds: the splits are named one by one."""
    return subject_of(first.task, with_split=False)


def caption_over_splits(summary: SplitsSummary) -> str:
    """Return the protocol in brief: the caption in a paper, where the notes may be cut."""
    parts = [f"Means over {len(summary.summaries)} splits of one dataset.", "sd: between splits."]
    parts += [f"{_marks(summary)}."] if any(_is_marked(summary, row) for row in summary.rows) else []
    return " ".join(parts)


def notes_over_splits(summary: SplitsSummary) -> Iterable[tuple[str, str]]:
    """Yield keywords and sentences."""
    yield from _missing_note(summary)
    yield from _suspicion_note(summary)
    yield from untuned_note(summary.first)
    yield from metrics_note(summary.first)
    yield (
        "Splits",
        f"{'; '.join(_split_text(name, each) for name, each in summary.summaries.items())}. Each is a task of its own, "
        "and its folder has a table with all notes.",
    )
    yield (
        "Means",
        "over splits, of each split's mean over users. sd is the standard deviation between splits: with the data it "
        "has the chance of the split and of training again in it.",
    )
    yield from _order_note(summary)
    if not is_split_at_time(summary.first.task):
        yield from time_note(summary.first)
    yield "Tests", _tests_text(summary)
    yield from _timing_notes(summary)
    yield from again_over_splits(summary)


def _missing_note(summary: SplitsSummary) -> Iterable[tuple[str, str]]:
    """Name the rows that lack a split, and say why."""
    for row in summary.rows:
        if row in summary.complete:
            continue
        there = list(row.values(summary.first.primary))
        has = f"has {summary.first.primary} in {enumerated(there)} only" if there else "has no figure"
        failures = {name: each.failure for name, each in row.rows.items() if each.failed}
        why = "".join(f"; {name}: {message}" for name, message in failures.items())
        yield "Incomplete", f"{row.label} {has}, so it has no mean and no test{why}"


def _suspicion_note(summary: SplitsSummary) -> Iterable[tuple[str, str]]:
    for name, each in summary.summaries.items():
        for label, reason in each.suspicions.items():
            yield (
                "Suspicious",
                f"{label} in {name}: {reason}. That is nearly always a leak. It is not counted as the best.",
            )


def _timing_notes(summary: SplitsSummary) -> Iterable[tuple[str, str]]:
    """Say which times cannot be compared."""
    yield from timing_notes(summary.timing, summary.timing_sentence)
    shared = [row.label for row in summary.rows if any(map(TIMES_SHARED.is_in, row.records))]
    if shared:
        yield TIMES_SHARED.keyword, f"{enumerated(shared)}: {TIMES_SHARED.text}"


def _split_text(name: str, summary: Summary) -> str:
    """Return ``time:0.9 (cut at ..., 120 users, task 0123456789ab)``."""
    task = summary.task
    cut = f"cut at {time_text(task.facts.of_time_split().cut_time)}, " if is_split_at_time(task) else ""
    users = count_text(n_compared(task, summary.primary_view), "user")
    return f"{name} ({cut}{users}, {task.facts.n_train:,} training interactions, task {task.digest[:DIGEST_DIGITS]})"


def _order_note(summary: SplitsSummary) -> Iterable[tuple[str, str]]:
    """Say how the order of rows changes between splits."""
    taus = {each.splits: each.kendall_tau for each in summary.agreements if np.isfinite(each.kendall_tau)}
    if not taus:
        return
    lowest = min(taus, key=lambda pair: taus[pair])
    yield (
        "Order",
        f"Kendall's tau between the orders of two splits by {summary.first.primary}: "
        f"{tau_text(float(np.mean(list(taus.values()))))} on average, {tau_text(taus[lowest])} at least (between "
        f"{' and '.join(lowest)}); {_leaders_text(summary)}; {_moves_text(summary)}.",
    )


def _leaders_text(summary: SplitsSummary) -> str:
    leaders = summary.leaders
    if len(leaders) == 1:
        return f"{leaders[0]} is first in every split"
    return f"first in at least one split: {enumerated(sorted(leaders))}"


def _moves_text(summary: SplitsSummary) -> str:
    """Say which rows change their place between splits, and from where to where."""
    moved = [f"{label} ({best} to {worst})" for label, (best, worst) in summary.moved.items()]
    if not moved:
        return "no row changes its place"
    named = moved if len(moved) <= _MOST_MOVES else [*moved[:_MOST_MOVES], f"{len(moved) - _MOST_MOVES} more"]
    return f"{len(moved)} of {count_text(len(summary.complete), 'row')} change their place: {enumerated(named)}"


def tau_text(value: float) -> str:
    """Return a correlation with its sign: ``.67``, ``-.33``, ``1.00``."""
    text = accuracy_text(abs(value), 2)
    return f"-{text}" if value < 0 and text.strip(".0") else text


def _is_marked(summary: SplitsSummary, row: RowOverSplits) -> bool:
    test = summary.test_of(row)
    return test is not None and not test.distinguishable


def _marks(summary: SplitsSummary) -> str:
    """Say what the marks mean."""
    found = summary.significance
    reference = "" if found is None else found.reference
    role = "the baseline" if found is not None and found.is_baseline else "the best row"
    return f"{MARK} marks rows not distinguishable from {role}, {reference}, by {summary.first.primary}"


def _tests_text(summary: SplitsSummary) -> str:
    """Say what the tests found, or why there are none."""
    found = summary.significance
    if found is None:
        return _no_tests(summary)
    begin = (
        _marks(summary)
        if any(_is_marked(summary, row) for row in summary.rows)
        else f"every row is distinguishable from {found.reference} by {summary.first.primary}"
    )
    return (
        f"{begin}: t-tests over users and splits at once, with the correction of Nadeau and Bengio (2003) for training "
        f"sets that overlap, and Holm's correction over {count_text(len(found.pairs), 'pair')}, at {100 * ALPHA:.0f} "
        "%. They are about other splits like these, not about other data; more splits find smaller differences."
        f"{'' if found.is_baseline else f' CSV has the tests against {found.reference}, JSON those of all pairs.'}"
    )


def _no_tests(summary: SplitsSummary) -> str:
    if len(summary.summaries) < LEAST_SPLITS:
        return f"none: there are {len(summary.summaries)} splits, and a test needs {LEAST_SPLITS} or more."
    if len(summary.complete) < 2:
        return "none: fewer than two rows have a figure in every split."
    if summary.failed_baseline is not None:
        return f"none: the baseline, {summary.failed_baseline}, lacks a split."
    return f"none: a split has fewer than {LEAST_USERS} users who count in it, and a test needs as many."
