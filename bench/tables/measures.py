"""Notes about the measures: metrics, views, beyond accuracy, and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.tables.subject import is_full_ranking, is_imported, is_split_at_time, rivals_of
from bench.writing.text import amount_text, count_text, enumerated
from protocol.evaluation.metrics import METRICS, ONE_HELD_OUT, PRIMARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.analysis.summary import Summary


def other_names() -> str:
    """Return a sentence about Recall and MAP, which have other names here, because readers look for them."""
    return f"{ONE_HELD_OUT[0].upper()}{ONE_HELD_OUT[1:]}."


def metrics_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Explain the metrics, if the user named them, and say which other names they have."""
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
    full = rivals_of(summary.task, summary.rivals, "full")
    if is_full_ranking(summary.task):
        yield (
            f"full ranks each held-out item against {full}. No negatives are drawn (--negatives 0), "
            "so there is no other view. Score times are for all items."
        )
    else:
        yield (
            f"sampled ranks each held-out item against {rivals_of(summary.task, summary.rivals, 'sampled')}; full "
            f"ranks it against {full}; {_expected(summary)}. Sampled metrics can order recommenders differently from "
            "the full ranking (Krichene & Rendle 2020)."
        )
    yield "If items tie, a metric is the mean over all their orders."


def _expected(summary: Summary) -> str:
    """Say what the expected view is, or why it is undefined."""
    n_negatives, n_undrawable = summary.task.facts.n_negatives, summary.n_undrawable
    if n_undrawable:
        have = "has" if n_undrawable == 1 else "have"
        users = count_text(n_undrawable, "user")
        return f"expected is undefined, because {users} {have} fewer than {n_negatives} untouched items"
    known = [name for name in summary.metrics if METRICS[name].expected is not None]
    unknown = [name for name in summary.metrics if name not in known]
    if not known:
        return f"no exact mean of {enumerated(unknown)} is known"
    return (
        f"expected is the exact mean of {enumerated(known)} over all draws of {n_negatives} untouched items, without "
        "the noise of one draw but with the bias of sampling"
        + (" (not the mean over the given lists)" if is_imported(summary.task) else "")
        + (f"; no exact mean of {enumerated(unknown)} is known" if unknown else "")
    )


def _beyond_accuracy(summary: Summary) -> Iterable[str]:
    """Define the measures of each user's best items, with sources."""
    heldout = summary.heldout_popularity
    others = ", nor touched from the cut on" if is_split_at_time(summary.task) else ""
    yield (
        f"the best-scored items of each user that are not in train{others}, by these trained models. No measure here "
        "says that these items are good."
    )
    yield from _list_ties(summary)
    n_items = summary.task.facts.n_items
    yield f"coverage: the share of all {n_items:,} items that at least one user is shown (Ge et al. 2010)."
    yield "Gini: 0 if all items are shown equally often, 1 if one item has every place (Shani & Gunawardana 2011)."
    yield "popularity: the mean number of training interactions of the items shown, ARP (Yin et al. 2012)" + (
        "." if heldout is None else f"; for the held-out items it is {amount_text(heldout)}."
    )
    yield (
        "novelty: the mean self-information of the items shown, -log2 of the share of users who have the item in train "
        "(Zhou et al. 2010; Vargas & Castells 2011)."
    )


def _list_ties(summary: Summary) -> Iterable[str]:
    """Say how the lists order equal scores, and which rows do not record it."""
    with_lists = [row for row in summary.rows if any(record.top_items is not None for record in row.records)]
    unknown = [row for row in with_lists if any(record.contents.list_ties is None for record in row.records)]
    if len(unknown) < len(with_lists):
        yield "Items with equal scores are ordered by a keyed hash of user and item, another order for each user."
    if unknown:
        rows = "any row" if len(unknown) == len(with_lists) else enumerated([row.label for row in unknown])
        yield (
            f"How the lists order items with equal scores is not recorded for {rows}: an older recbench made them, "
            "perhaps in one order for all users. `recbench run --refit` makes them again."
        )


def _cost(summary: Summary) -> Iterable[str]:
    """Say what select, build, fit, cpu, score and peak count."""
    if summary.has_selection_seconds:
        foreign = [row.label for row in summary.rows if row.has_foreign_parameters]
        yield (
            f"select is the time that choosing on {'a' if foreign else 'the'} validation task took, training and "
            "scoring included: all trials of the search that found the parameters (--params), with all their seeds, "
            "and choosing the epochs (--patience), as a mean over seeds. Of failed trials only timeouts count. select "
            "is not included in fit; a dash means that no selection is recorded."
        )
        if foreign:
            yield (
                f"The search that found the parameters of {enumerated(foreign)} is not known to be on these data (see "
                "Parameters)."
            )
    where = "the machine of each row (see Machine)" if summary.has_several_machines else "this machine"
    yield f"fit and score are times on {where}, without imports, loading and evaluation, as means over seeds."
    if summary.has_several_machines:
        yield "Times of rows of different machines cannot be compared."
    if summary.has_several_devices:
        yield "Times of rows of different devices (see Device) cannot be compared."
    if any(row.has_notable_build for row in summary.rows):
        yield "build is the time of the constructor, with what it imports itself; it is not included in fit."
    if any(row.has_notable_cpu or row.exceeds_threads for row in summary.rows):
        yield "cpu is the processor time of fitting: of all threads, and of all processes that the job started."
    yield from _peak(summary)
    if any(row.device_peak_mib is not None for row in summary.rows):
        yield (
            "device is the most memory of the device that PyTorch had given out while a job fitted and scored, over "
            "all seeds; a dash means that the row used no device, or that it does not count."
        )


def threads_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the rows that used more processor time than their threads can."""
    beyond = [row.label for row in summary.rows if row.exceeds_threads]
    if beyond:
        yield (
            "Threads",
            f"{enumerated(beyond)}: used more processor time than the threads of a job can in the time that it took. "
            "These times cannot be compared with those of other rows.",
        )


def _peak(summary: Summary) -> Iterable[str]:
    """Say what peak counts; records of an earlier recbench have less in it."""
    known = [row for row in summary.rows if row.peak_mib is not None]
    earlier = [row.label for row in known if any(record.usage is None for record in row.records)]
    measured = [row.label for row in known if row.label not in earlier]
    if measured:
        yield (
            f"{_of(measured, earlier)}peak is the highest memory while a job fits and scores, over all seeds: that of "
            "its largest process or, where that was seen to be more, of all its processes together, with shared pages "
            "counted once and without what recbench loads itself to rank all items."
        )
    if earlier or not measured:
        yield f"{_of(earlier, measured)}peak is the highest memory of the process itself while it fits, over all seeds."


def _of(labels: Sequence[str], others: Sequence[str]) -> str:
    """Return which rows a sentence is about, where it is not about the others."""
    return f"For {enumerated(labels)}, " if others else ""
