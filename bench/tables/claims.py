"""Notes about what the table claims: whether the views agree on the order, and what the tests say (P23, P24)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.analysis.significance import ALPHA
from bench.tables.subject import primary_text
from bench.writing.sheet import MARK
from bench.writing.text import count_text, enumerated
from protocol.evaluation.statistics import LEAST_SEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.analysis.significance import Significance
    from bench.analysis.summary import Summary
    from bench.analysis.views import Agreement

TOO_FEW_SEEDS = f"not deterministic and with fewer than {LEAST_SEEDS} training seeds"
"""Why the tests claim nothing about algorithms."""

MORE_SEEDS = f"--seeds 0-{LEAST_SEEDS - 1} or more would count what training again changes; five are better"

MOST_PAIRS = 12
"""How many swapped pairs are named; JSON has all."""

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
        yield "Order", f"{enumerated(views)} {metric} put the rows into one order."
        return
    parts = "; ".join(
        _agreement_text(agreement, summary.agreements[:number]) for number, agreement in enumerate(summary.agreements)
    )
    text = f"the order of the rows depends on the view. Kendall's tau of {metric}: {parts}."
    yield "Warning", text + _told_apart(summary, swapped)


def interval_note(_: Summary) -> Iterable[tuple[str, str]]:
    """Say what the intervals are about."""
    yield (
        "Interval",
        "± is half of the 95 % interval over users, for these trained models: what training again would change is not "
        "in it. Rows are compared by tests, not by whether intervals overlap.",
    )


def tests_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Say what the tests found."""
    if summary.significance:
        yield "Tests", " ".join(_tests(summary, summary.significance))
    if summary.failed_baseline:
        yield "Tests", f"none: the baseline, {summary.failed_baseline}, failed."


def _agreement_text(agreement: Agreement, said: Sequence[Agreement]) -> str:
    """Return ``.80 between sampled and full (swapped: als and bpr)``; in brief, if they were ``said`` just before."""
    text = f"{_tau_text(agreement.kendall_tau)} between {' and '.join(agreement.views)}"
    if said and agreement.swapped and set(agreement.swapped) == set(said[-1].swapped):
        return f"{text} (swapped: the same)"
    pairs = [f"{one} and {other}" for one, other in agreement.swapped[:MOST_PAIRS]]
    if len(agreement.swapped) > MOST_PAIRS:
        pairs.append(f"{len(agreement.swapped) - MOST_PAIRS} more, all in --format json")
    return f"{text} (swapped: {', '.join(pairs)})" if pairs else text


def _tau_text(tau: float) -> str:
    """Return ``.80``, ``-.33``, ``0`` and ``1``, which only one and the same order has."""
    if math.isnan(tau):
        return "undefined"
    shown = round(tau, 2)
    if abs(shown) == 1 and abs(tau) < 1 - _ROUNDING:
        shown = math.copysign(0.99, tau)
    return f"{shown:.2f}".replace("0.", ".", 1) if shown % 1 else f"{shown + 0:.0f}"


def _told_apart(summary: Summary, swapped: set[frozenset[str]]) -> str:
    """Say how many of some pairs the tests tell apart, where all pairs are tested."""
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
    """Say what the marks are, how they were found, and what they claim."""
    reference = f"the baseline, {found.reference}," if found.is_baseline else f"the best row, {found.reference},"
    family = f"its {count_text(len(found.pairs), 'pair')}" if found.is_baseline else _all_pairs(len(found.pairs))
    method = f"paired t-tests on per-user values, Holm's correction over {family}, at {100 * ALPHA:.0f} %"
    if any(summary.is_marked(row) for row in summary.rows):
        yield f"{MARK} is not distinguishable from {reference} by {primary_text(summary)}: {method}."
        yield "Not distinguishable is not equal: these users do not tell."
    else:
        yield f"every row is distinguishable from {reference} by {primary_text(summary)}: {method}."
    yield from _claim(summary, found)


def _all_pairs(n_pairs: int) -> str:
    return "the one pair" if n_pairs == 1 else f"all {n_pairs} pairs"


def _claim(summary: Summary, found: Significance) -> Iterable[str]:
    """Say whether the tests are about trained models or about the algorithms."""
    random = [row for row in summary.rows if not (row.failed or row.recommender.deterministic)]
    if found.too_few_seeds:
        few = [row for row in random if row.label in found.too_few_seeds]
        averaged = ", averaged over their seeds" if any(len(row.seeds) > 1 for row in few) else ""
        hint = "" if all(row.external for row in few) else f" ({MORE_SEEDS})"
        yield (
            f"{TOO_FEW_SEEDS.capitalize()}: {enumerated(found.too_few_seeds)}; of them nothing is "
            f"claimed but of these trained models{averaged}{hint}."
        )
    about_algorithms = [pair for pair in found.pairs if pair.comparison.about_algorithms]
    if about_algorithms:
        subject = "Other claims are" if found.too_few_seeds else "The claim is"
        retrained = any(pair.n_seeds > 1 for pair in about_algorithms)
        reason = "what training again changes is counted" if retrained else "training again changes nothing"
        yield f"{subject} about the algorithms: {reason}."
    if len({len(row.seeds) for row in random if len(row.seeds) > 1}) > 1:
        yield "Seeds are paired in ascending order, as many as both rows have."
