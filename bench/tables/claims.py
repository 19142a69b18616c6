"""Notes about what the table claims: whether the views agree on the order, and what the tests find (P23, P24)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.analysis.conduct import FAULTS
from bench.analysis.significance import ALPHA
from bench.records.compared import n_compared
from bench.tables.subject import primary_text
from bench.writing.sheet import MARK
from bench.writing.text import count_text, enumerated
from protocol.evaluation.statistics import LEAST_SEEDS, LEAST_USERS, enough_users

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.analysis.significance import Significance
    from bench.analysis.summary import Summary
    from bench.analysis.views import Agreement

TOO_FEW_SEEDS = f"Not deterministic and with fewer than {LEAST_SEEDS} training seeds"
"""Why the tests claim nothing about the algorithms."""

MORE_SEEDS = f"--seeds 0-{LEAST_SEEDS - 1} or more would include the variation between trainings; five seeds are better"

UNEQUAL_SEEDS = (
    "Two random rows are compared over as many training seeds as both have, each row's lowest ones, paired in "
    "ascending order; a row with a single seed is compared with all seeds of the other."
)
"""The one rule for rows with different numbers of seeds."""

MOST_PAIRS = 12
"""How many swapped pairs a note names; JSON has all."""

_ROUNDING = 1e-9
"""The rounding error of Kendall's tau."""


def order_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say whether the views order the rows alike."""
    if not summary.agreements:
        return
    metric = summary.primary_label
    views = list(dict.fromkeys(view for agreement in summary.agreements for view in agreement.views))
    swapped = {frozenset(pair) for agreement in summary.agreements for pair in agreement.swapped}
    if not swapped:
        yield "Order", f"{enumerated(views)} {metric} give the rows the same order."
        return
    parts = "; ".join(
        _agreement_text(agreement, summary.agreements[:number]) for number, agreement in enumerate(summary.agreements)
    )
    text = f"the order of the rows depends on the view. Kendall's tau of {metric}: {parts}."
    yield "Warning", text + _distinguishable_text(summary, swapped)


def interval_note(_: Summary) -> Iterable[tuple[str, str]]:
    """Say what the intervals cover."""
    yield (
        "Interval",
        "± is half of the 95 % interval over users. It is about these trained models and does not include the "
        "variation between trainings. Compare rows by the tests, not by whether their intervals overlap.",
    )


def tests_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say what the tests found."""
    n_users = n_compared(summary.task, summary.primary_view)
    if summary.significance:
        yield "Tests", " ".join(_tests(summary, summary.significance))
    elif summary.failed_baseline:
        yield "Tests", f"none: the baseline, {summary.failed_baseline}, {_why_no_baseline(summary)}."
    elif sum(not row.failed for row in summary.rows) > 1 and not enough_users(n_users):
        yield "Tests", f"none: {too_few_users(n_users)}."


def _why_no_baseline(summary: Summary) -> str:
    """Say why there is no figure of the baseline: its jobs failed, or it does not have the view that is tested."""
    rows = [row for row in summary.rows if row.label == summary.failed_baseline]
    return "failed" if all(row.failed for row in rows) else f"has no {primary_text(summary)}"


def too_few_users(n_users: int) -> str:
    """Say why so few users are not tested."""
    verb = "is" if n_users == 1 else "are"
    return (
        f"{count_text(n_users, 'user')} {verb} evaluated, and a test needs {LEAST_USERS} or more, because a t-test on "
        "fewer values gives far more false alarms than it claims"
    )


def _agreement_text(agreement: Agreement, said: Sequence[Agreement]) -> str:
    """Return ``.80 between sampled and full (swapped: als and bpr)``; shorter if the same pairs were just ``said``."""
    text = f"{_tau_text(agreement.kendall_tau)} between {' and '.join(agreement.views)}"
    if said and agreement.swapped and set(agreement.swapped) == set(said[-1].swapped):
        return f"{text} (swapped: the same pairs)"
    pairs = [f"{one} and {other}" for one, other in agreement.swapped[:MOST_PAIRS]]
    if len(agreement.swapped) > MOST_PAIRS:
        pairs.append(f"{len(agreement.swapped) - MOST_PAIRS} more, all in --format json")
    return f"{text} (swapped: {', '.join(pairs)})" if pairs else text


def _tau_text(tau: float) -> str:
    """Return ``.80``, ``-.33``, ``0`` and ``1``; only the same order gives ``1``."""
    if math.isnan(tau):
        return "undefined"
    shown = round(tau, 2)
    if abs(shown) == 1 and abs(tau) < 1 - _ROUNDING:
        shown = math.copysign(0.99, tau)
    return f"{shown:.2f}".replace("0.", ".", 1) if shown % 1 else f"{shown + 0:.0f}"


def _distinguishable_text(summary: Summary, swapped: set[frozenset[str]]) -> str:
    """Say how many of the swapped pairs are distinguishable, if all pairs are tested."""
    found = summary.significance
    if found is None or found.is_baseline:
        return ""
    n = sum(pair.distinguishable for pair in found.pairs if frozenset((pair.ours, pair.theirs)) in swapped)
    if len(swapped) == 1:
        subject = f"The pair is {'' if n else 'not '}"
    else:
        subject = f"{n or 'None'} of these {len(swapped)} pairs {'are' if n > 1 else 'is'} "
    return f" {subject}distinguishable by {primary_text(summary)}."


def _tests(summary: Summary, found: Significance) -> Iterable[str]:
    """Say what the marks mean, how they were found, and what they claim."""
    reference = f"{summary.reference_role}, {found.reference},"
    family = f"its {count_text(len(found.pairs), 'pair')}" if found.is_baseline else _all_pairs(len(found.pairs))
    method = f"paired t-tests on per-user values, Holm's correction over {family}, at {100 * ALPHA:.0f} %"
    if any(summary.is_marked(row) for row in summary.rows):
        yield f"{MARK} marks rows not distinguishable from {reference} by {primary_text(summary)}: {method}."
        yield "Not distinguishable does not mean equal: this sample of users cannot tell the rows apart."
    else:
        yield f"every row is distinguishable from {reference} by {primary_text(summary)}: {method}."
    yield from _claim(summary, found)


def suspicion_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the rows that are likely to know the held-out items."""
    for label, reason in summary.suspicions.items():
        yield (
            "Suspicious",
            f"{label}: {reason}. That is nearly always a leak: check whether the recommender can see held-out "
            "interactions, in the file of the dataset or in features made of all of it. It is not counted as the best.",
        )


def conduct_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name the rows whose recommenders behaved so that their figures are in doubt."""
    for fault in FAULTS:
        rows = [_with_places(row.label, fault.places(row.records)) for row in summary.rows if fault in row.faults]
        if rows:
            yield fault.keyword, f"{enumerated(rows)}: {fault.text}"


def _with_places(label: str, places: Sequence[str]) -> str:
    return f"{label} ({'; '.join(places)})" if places else label


def _all_pairs(n_pairs: int) -> str:
    return "the one pair" if n_pairs == 1 else f"all {n_pairs} pairs"


def _claim(summary: Summary, found: Significance) -> Iterable[str]:
    """Say whether the tests are about trained models or about the algorithms."""
    random = [row for row in summary.rows if not (row.failed or row.recommender.deterministic)]
    if found.too_few_seeds:
        few = [row for row in random if row.label in found.too_few_seeds]
        averaged = ", averaged over their seeds" if any(len(row.seeds) > 1 for row in few) else ""
        rows = "this row" if len(found.too_few_seeds) == 1 else "these rows"
        hint = "" if all(row.external for row in few) else f" ({MORE_SEEDS})"
        yield (
            f"{TOO_FEW_SEEDS}: {enumerated(found.too_few_seeds)}. Tests with {rows} are about these trained models "
            f"only{averaged}{hint}."
        )
    about_algorithms = [pair for pair in found.pairs if pair.comparison.about_algorithms]
    if about_algorithms:
        subject = "The other tests" if found.too_few_seeds else "The tests"
        retrained = any(pair.n_seeds > 1 for pair in about_algorithms)
        reason = "they include the variation between trainings" if retrained else "training again changes nothing"
        yield f"{subject} are about the algorithms: {reason}."
    several = [row for row in random if len(row.seeds) > 1]
    if len({len(row.seeds) for row in several}) > 1:
        pooled = enumerated([f"{row.label} {len(row.seeds)}" for row in several])
        yield (
            "The means in the table are over all seeds of a row, the tests over fewer where rows have different "
            f"numbers of seeds ({pooled}). {UNEQUAL_SEEDS}"
        )
