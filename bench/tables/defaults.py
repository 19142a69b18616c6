"""Notes about default hyper-parameters: on which data they were chosen, and how to tune them on these."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from bench.tables.subject import is_imported, is_random_split, is_split_at_time
from bench.writing.sheet import UNTUNED
from bench.writing.text import enumerated
from protocol.tasks.split_rule import LAST, rule_of_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.analysis.summary import Summary
    from bench.records.task import RecordedTask

TRIALS = 30
"""A budget that finds good parameters of most recommenders."""

_USUAL_NEGATIVES, _USUAL_SEED = 100, "0"


def defaults_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the rows whose defaults were chosen on this dataset."""
    dataset = summary.task.dataset
    chosen = [row.label for row in summary.rows if row.chosen_defaults == dataset]
    if not chosen:
        return
    text = f"{enumerated(chosen)}: defaults that were chosen on {dataset}, on the validation task of leave-last-out."
    if is_split_at_time(summary.task) or is_random_split(summary.task):
        text += " The items held out there may be test items here."
    yield "Defaults", text


def untuned_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the rows whose defaults were chosen on other data, and say how to tune them."""
    by_dataset: dict[str, list[str]] = {}
    for label, dataset in summary.untuned.items():
        by_dataset.setdefault(dataset, []).append(label)
    for dataset, labels in by_dataset.items():
        names = dict.fromkeys(row.recommender.name for row in summary.rows if row.label in labels)
        yield (
            "Not tuned",
            f"{UNTUNED} {enumerated(labels)}: defaults of {dataset}, not tuned here; "
            f"`{tune_command(summary.task, list(names))}`, or `recbench run` with --tune {TRIALS}.",
        )


def tune_command(task: RecordedTask, names: Sequence[str]) -> str:
    """Return the command that tunes recommenders on the data of a task, by the names of both.

    Worked: ``recbench tune --dataset ml-1m -r als -r mlp --trials 30``.
    """
    words = ["recbench", "tune", "--dataset", str(task.dataset)]
    rule = rule_of_part(task.parts.split)
    if not is_imported(task) and str(rule) != LAST:
        words += ["--split", str(rule)]
    if not is_imported(task) and task.facts.n_negatives != _USUAL_NEGATIVES:
        words += ["--negatives", str(task.facts.n_negatives)]
    if task.parts.protocol_seed != _USUAL_SEED:
        words += ["--protocol-seed", str(task.parts.protocol_seed)]
    for name in names:
        words += ["-r", name]
    return shlex.join([*words, "--trials", str(TRIALS)])
