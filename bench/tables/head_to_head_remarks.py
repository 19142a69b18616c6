"""The few sentences that a terminal shows below a comparison of two rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analysis.significance import ALPHA
from bench.tables.subject import DIGEST_DIGITS
from bench.writing.sheet import RESULT, Remark
from bench.writing.text import count_text, difference_text, enumerated, finite, p_words, spread_text
from protocol.evaluation.statistics import LEAST_SEEDS, LEAST_USERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.analysis.head_to_head import HeadToHead


def remarks_head_to_head(found: HeadToHead) -> Iterator[Remark]:
    """Yield the sentences, the most important first; the last one names the task."""
    yield Remark(RESULT, _result(found))
    for text in _cautions(found):
        yield Remark("Warning", text, is_warning=True)
    yield Remark("Limits", "p is valid for one pair that was named beforehand; slices are explored, not tested.")
    yield Remark("Signs", "±: half a 95 % interval; effect size: A - B in its standard deviations over users.")
    yield Remark("Task", found.task.digest[:DIGEST_DIGITS])


def _result(found: HeadToHead) -> str:
    """Return the difference over all users, what the test says of it, and for how many users each row is better."""
    everyone = found.slices[0]
    compared, p_value = everyone.comparison, finite(everyone.comparison.p_value)
    spread = spread_text(compared.high - compared.difference)
    difference = f"A - B by {found.figure}: {difference_text(compared.difference)} {spread}".rstrip()
    verdict = "untested" if p_value is None else f"{p_words(p_value)}, {_verdict(p_value)}"
    better = f"A is better for {count_text(everyone.wins, 'user')}, B for {everyone.losses:,}"
    return f"{difference} ({verdict}). {better}."


def _verdict(p_value: float) -> str:
    return "told apart" if p_value <= ALPHA else 'not told apart, which is not "equal"'


def _cautions(found: HeadToHead) -> Iterator[str]:
    everyone = found.slices[0]
    if finite(everyone.comparison.p_value) is None:
        yield f"no test: it needs {LEAST_USERS} users, and there are {everyone.n_users}."
    elif found.too_few_seeds:
        few = enumerated(found.too_few_seeds)
        yield f"fewer than {LEAST_SEEDS} seeds of {few} (--seeds 0-4): the test is of these models alone."
    rivals = found.rivals.get(found.view)
    n_users = 0 if rivals is None else rivals.n_users_below(found.k)
    if n_users:
        yield f"{count_text(n_users, 'user')} with fewer rivals than the cut-off, which then says little."
