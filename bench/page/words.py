"""The sentences of the page: the protocol in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.tables.subject import rivals_of, target_text
from protocol.evaluation.metrics import METRICS
from protocol.tasks.split_rule import IMPORTED, LAST, RANDOM, TIME, rule_of_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.analysis.summary import Summary
    from bench.records.task import RecordedTask


def protocol_words(summary: Summary) -> Iterator[str]:
    """Yield one or two sentences for each step, for readers who have never seen the protocol."""
    task = summary.task
    yield "Every recorded interaction counts as a 1, whatever its rating; a repeated pair of user and item counts once."
    yield _split_words(task)
    if task.purpose == "validation":
        yield "This is the validation task: the same rule, applied again to the training interactions of the test task."
    rivals = rivals_of(task, summary.rivals, summary.primary_view)
    yield (
        f"Each held-out item is ranked against {rivals}, by the recommender's scores. The candidates are the same for "
        "every recommender, and fixed before any recommender is loaded."
    )
    yield (
        f"{' '.join(METRICS[name].explanation for name in summary.metrics)} If items have equal scores, the metric is "
        "the mean over all their orders, so no recommender gains from ties."
    )
    yield (
        "Every recommender is fitted in its own process. Imports, loading and evaluation are not timed. recbench "
        "chooses parameters and epochs only on the validation task, and scores the test task once (about 1 % of its "
        "users once more, to see whether scores move). This protects against mistakes, not against malice: a "
        "recommender that looks for the held-out items can find them, for example in the file of the dataset."
    )


def _split_words(task: RecordedTask) -> str:
    split = task.parts.split
    if split == IMPORTED:
        return "Split and candidates come from the given files, unchanged."
    rule = rule_of_part(split)
    words = {
        LAST: "For every user with at least three items, the latest one is held out; recommenders train on everything "
        "else. Items with the same time are ordered by a keyed hash, never by their order in the file.",
        TIME: f"Time is cut so that a share of at most {rule.share} of all interactions lies before the cut. "
        f"Recommenders train on everything before it; {target_text(rule.target)} from then on is held out.",
        RANDOM: "For every user with at least three items, one is held out that a keyed hash draws, whenever the user "
        "touched it; recommenders train on everything else.",
    }
    return words[rule.kind]
