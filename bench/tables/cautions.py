"""What a reader of a table has to be warned of, in a sentence each; the notes say the same in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.conduct import FAULTS
from bench.records.compared import n_compared
from bench.tables.failures import failure_words
from bench.tables.subject import is_synthetic
from bench.writing.text import count_text, enumerated
from protocol.evaluation.statistics import LEAST_SEEDS, LEAST_USERS, enough_users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary

MOST_NAMED = 4
"""How many rows a sentence names; it counts the others."""

_LONGEST_REASON = 120
"""Of a failure, in characters; a longer one is cut off."""


def cautions(summary: Summary) -> Iterable[str]:
    """Yield the sentences, the gravest first."""
    for caution in CAUTIONS:
        yield from caution(summary)


def some(labels: Iterable[str]) -> str:
    """Return names in words: ``a, b and c``, ``a, b, c, d and 7 more``."""
    names = list(dict.fromkeys(labels))
    n_others = len(names) - MOST_NAMED
    return enumerated([*names[:MOST_NAMED], f"{n_others} more"] if n_others > 1 else names)


def _fitted(summary: Summary) -> list[Row]:
    return [row for row in summary.rows if not row.failed]


def _data(summary: Summary) -> Iterable[str]:
    if is_synthetic(summary.task):
        yield "these are synthetic data; on real data the order may be another."


def _failed(summary: Summary) -> Iterable[str]:
    rows = [row for row in summary.rows if row.failed]
    if len(rows) == 1:
        reason = str(rows[0].failure)
        cut = (
            reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON].rstrip()}\N{HORIZONTAL ELLIPSIS}"
        )
        yield f"{rows[0].label} {failure_words(rows[0])}: {cut}"
    elif rows:
        yield f"{len(rows)} rows failed: {some(f'{row.label} ({failure_words(row)})' for row in rows)}."


def _suspicious(summary: Summary) -> Iterable[str]:
    if summary.suspicions:
        yield f"{some(summary.suspicions)}: too good to be true; look for a leak of held-out items."


def _conduct(summary: Summary) -> Iterable[str]:
    for fault in FAULTS:
        rows = [row.label for row in summary.rows if fault in row.faults]
        if rows:
            yield f"{fault.mark}: {some(rows)}."


def _reversed(summary: Summary) -> Iterable[str]:
    """Count the pairs that the tests tell apart by the first view, and that another view has in the reverse order."""
    tests = summary.significance
    if tests is None:
        return
    apart = {frozenset((pair.ours, pair.theirs)) for pair in tests.pairs if pair.distinguishable}
    found = {
        next(view for view in each.views if view != summary.primary_view): pairs
        for each in summary.agreements
        if summary.primary_view in each.views and (pairs := [pair for pair in each.swapped if frozenset(pair) in apart])
    }
    pairs = list(dict.fromkeys(pair for each in found.values() for pair in each))
    if pairs:
        told = "that the tests tell apart"
        subject = f"{len(pairs)} pairs {told}" if len(pairs) > 1 else f"{' and '.join(pairs[0])}, a pair {told},"
        verb = "are" if len(pairs) > 1 else "is"
        yield f"{subject} {verb} reversed by {enumerated(list(found))} {summary.primary_label}."


def _untested(summary: Summary) -> Iterable[str]:
    n_users = n_compared(summary.task, summary.primary_view)
    if summary.failed_baseline:
        yield f"no tests: the baseline, {summary.failed_baseline}, has no {summary.primary}."
    elif summary.significance is None and len(_fitted(summary)) > 1 and not enough_users(n_users):
        yield f"no tests: they need {LEAST_USERS} users, and there are {n_users}."


def _seeds(summary: Summary) -> Iterable[str]:
    few = set(summary.significance.too_few_seeds if summary.significance else ())
    random = [row for row in _fitted(summary) if not row.recommender.deterministic]
    rows = [row for row in random if row.label in few]
    if rows:
        hint = "" if all(row.external for row in rows) else " (--seeds 0-4)"
        of = "" if len(rows) == len(random) else f" of {some(row.label for row in rows)}"
        yield f"fewer than {LEAST_SEEDS} seeds{of}{hint}: the tests are of these models alone."


def _foreign_parameters(summary: Summary) -> Iterable[str]:
    rows = [row.label for row in summary.rows if row.has_foreign_parameters]
    if rows:
        yield f"not known to be tuned on these data: {some(rows)}."


def _defaults(summary: Summary) -> Iterable[str]:
    rows = [row.label for row in _fitted(summary) if _has_foreign_defaults(row, summary.task.dataset)]
    if rows:
        yield f"defaults not chosen on these data: {some(rows)}."


def _has_foreign_defaults(row: Row, dataset: str) -> bool:
    """Return whether a row has the parameters of its class, and these are not known to be chosen on its data."""
    recommender = row.recommender
    is_given = recommender.label != recommender.name or row.is_tuned or row.found_parameters or row.external
    return bool(recommender.parameters) and not is_given and recommender.chosen_on != dataset


def _times(summary: Summary) -> Iterable[str]:
    if summary.timing.are_several:
        yield f"times with different letters cannot be compared: they are of {summary.timing.are_of}."
    beyond = [row.label for row in summary.rows if row.exceeds_threads]
    if beyond:
        yield f"more threads used than allowed, so times cannot be compared: {some(beyond)}."


def _few_rivals(summary: Summary) -> Iterable[str]:
    rivals = summary.rivals.get(summary.primary_view)
    n_users = 0 if rivals is None else max(rivals.n_users_below(k) for k in summary.ks)
    if n_users:
        yield f"{count_text(n_users, 'user')} with fewer rivals than a cut-off, which then says little."


def _same_name(summary: Summary) -> Iterable[str]:
    if any(row.shares_name for row in summary.rows):
        yield "rows marked # have one name, and differ in code, versions, machine or options."


def _external(summary: Summary) -> Iterable[str]:
    rows = [row.label for row in summary.rows if row.external]
    if rows:
        yield f"scores of another program, of unknown training: {some(rows)}."


def _models(summary: Summary) -> Iterable[str]:
    rows = [row.label for row in summary.rows if any(record.model and record.model.problem for record in row.records)]
    if rows:
        yield f"fitted models that are not kept: {some(rows)}."


CAUTIONS: tuple[Callable[[Summary], Iterable[str]], ...] = (
    _data,
    _failed,
    _suspicious,
    _conduct,
    _reversed,
    _untested,
    _seeds,
    _foreign_parameters,
    _defaults,
    _times,
    _few_rivals,
    _same_name,
    _external,
    _models,
)
"""Functions that yield a sentence, or nothing where there is nothing to warn of."""
