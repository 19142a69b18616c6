"""Notes about the measures: metrics, views, beyond accuracy, and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.tables.subject import is_full_ranking, is_imported, is_split_at_time, rivals_of
from bench.writing.text import amount_text, count_text, enumerated
from protocol.evaluation.metrics import METRICS, ONE_HELD_OUT, PRIMARY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.analysis.summary import Summary


def other_names() -> str:
    """Return a sentence with the metrics that have another name here, since readers look for these."""
    return f"{ONE_HELD_OUT[0].upper()}{ONE_HELD_OUT[1:]}."


def metrics_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Explain the metrics, where somebody named them, and say which other names they have."""
    if summary.are_metrics_named:
        yield "Metrics", " ".join(_metrics(summary))


def views_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say what each view ranks against."""
    yield "Views", " ".join(_views(summary))


def beyond_accuracy_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Define coverage, Gini, popularity and novelty, with sources."""
    yield "Lists", " ".join(_beyond_accuracy(summary))


def cost_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say what the costs count."""
    yield "Cost", " ".join(_cost(summary))


def _metrics(summary: Summary) -> Iterable[str]:
    """Explain the metrics, and say which other names they have."""
    yield from (METRICS[name].explanation for name in summary.metrics)
    yield other_names()
    if summary.primary_metric != PRIMARY:
        yield f"{summary.primary_label} sorts the rows and is tested, because {PRIMARY} is not shown."


def _views(summary: Summary) -> Iterable[str]:
    """Say what each view ranks against."""
    several = len(summary.metrics) > 1
    shown, rank, their = enumerated(summary.metrics), "rank" if several else "ranks", "their" if several else "its"
    if is_full_ranking(summary.task):
        yield (
            f"{shown} (full) {rank} each held-out item against {rivals_of(summary.task)}, and nothing else is shown: "
            "no negatives are drawn (--negatives 0). Score times are those of all items. Ties count as the mean over "
            "their orders."
        )
        return
    n_negatives, n_undrawable = summary.task.facts.n_negatives, summary.n_undrawable
    yield f"{shown} (sampled) {rank} each held-out item against {rivals_of(summary.task)};"
    if n_undrawable:
        users = count_text(n_undrawable, "user")
        yield f"expected is undefined, because {users} have fewer than {n_negatives} untouched items;"
    else:
        yield (
            f"expected is {their} exact mean over all draws of {n_negatives} untouched items, without the noise of a "
            "draw but with the bias of sampling"
            + (", not the expectation of the given lists;" if is_imported(summary.task) else ";")
        )
    unknown = [name for name in summary.metrics if METRICS[name].expected is None]
    if unknown:
        yield f"no exact mean of {enumerated(unknown)} is known;"
    yield "full ranks against every item the user never touched."
    yield "Sampled figures can reverse an order (Krichene & Rendle 2020). Ties count as the mean over their orders."


def _beyond_accuracy(summary: Summary) -> Iterable[str]:
    """Define what is shown of each user's best items, with sources."""
    heldout = summary.heldout_popularity
    others = ", nor touched after the held-out one" if is_split_at_time(summary.task) else ""
    yield (
        f"each user's best items that are not in train{others}, of these trained models; none of it says that they "
        "are good."
    )
    yield f"coverage: the share of all {summary.task.facts.n_items:,} items shown to anybody (Ge et al. 2010)."
    yield "Gini: from 0, all items shown alike, to 1, one item in every place (Shani & Gunawardana 2011)."
    yield "popularity: mean number of training interactions of the items shown, ARP (Yin et al. 2012)" + (
        "." if heldout is None else f"; the held-out items have {amount_text(heldout)}."
    )
    yield (
        "novelty: mean self-information of the items shown, -log2 of the share of users who trained on them "
        "(Zhou et al. 2010; Vargas & Castells 2011)."
    )


def _cost(summary: Summary) -> Iterable[str]:
    """Say what is counted."""
    if summary.tells_selection:
        yield (
            "select is what choosing on the validation task took, training and scoring: all trials, with all their "
            "seeds, of the search that found a row's parameters (--params; of those that failed, timeouts alone), and "
            "choosing its epochs (--patience), a mean over seeds. It is no part of fit; - where nothing is known "
            "to have been chosen."
        )
    yield (
        "fit and score are times on this machine without imports, loading and evaluation, means over seeds; peak is "
        "the process's own memory while fitting, the highest over seeds."
    )
