"""It learns a planted pattern, finds nothing in random data, and gives items that are unknown no advantage."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bench.checks.check import Check, DoubtfulError, NotApplicableError, RefutedError
from bench.checks.data import chance_task, checkerboard, every_pair, half_unknown
from bench.checks.determinism import TWICE
from bench.checks.subject import scores_of
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.metrics import hit_rate

if TYPE_CHECKING:
    import numpy.typing as npt

    from bench.checks.subject import Subject
    from protocol.contract import Recommender

LEARNS = "learns a planted checkerboard"
PERSONALISED = "is as personalised as it says"
NO_LEAK = "finds nothing where there is nothing"
NO_COLD_FIRST = "does not put items without training interactions first"

LEAST_SHARE = 0.8
"""The least share of pairs in the right order; a pair has an untouched item of each colour."""

MOST_BY_CHANCE = 0.6
"""The largest share that a recommender without personal taste may reach; popularity and chance reach about .5."""

MOST_COLD_FIRST = 0.9
"""The largest share of pairs in which an item without training interactions may beat one with some; chance is .5."""

CUTOFF = 10
ERRORS = 4
"""More standard errors above chance than this are a leak; chance alone exceeds it three times in 100,000."""


def _learns(subject: Subject) -> None:
    if not subject.is_personalised:
        raise NotApplicableError("does not apply: the class sets `personalised = False`")
    share = _share_in_order(subject.board_model)
    if share >= LEAST_SHARE:
        return
    found = (
        f"even users touched only even items, odd users only odd ones; of pairs of untouched items, one of each kind, "
        f"{share:.2f} are in the right order, expected {LEAST_SHARE} or more (chance is .5)"
    )
    if _is_the_same_for_all(subject.board_model):
        raise DoubtfulError(
            "all users get the same scores, so no taste is learned; if that is intended, set `personalised = False` "
            "in the class"
        )
    raise RefutedError(
        f"{found}; check that users and items are not swapped, that higher means better, and that it trains long enough"
    )


def _personalised(subject: Subject) -> None:
    if subject.is_personalised:
        raise NotApplicableError("does not apply: the class does not set `personalised = False`")
    share = _share_in_order(subject.board_model)
    if share > MOST_BY_CHANCE:
        raise RefutedError(
            f"the class sets `personalised = False`, but puts {share:.2f} of a checkerboard's pairs in order (chance "
            "is .5); remove that line, so that its learning is checked"
        )


def _share_in_order(model: Recommender) -> float:
    """Return how often an untouched item of the user's colour beats one of the other colour; a tie is half a win."""
    train = checkerboard()
    users, items = every_pair(train)
    scores = scores_of(model, users, items)
    touched = train.to_csr(np.bool_).toarray()
    own = users[:, None] % 2 == items % 2
    return float(np.mean([_wins(*rows) for rows in zip(scores, own & ~touched, ~own, strict=True)]))


def _wins(scores: npt.NDArray[np.floating], ours: npt.NDArray[np.bool_], theirs: npt.NDArray[np.bool_]) -> float:
    gaps = scores[ours][:, None] - scores[theirs]
    return float(np.mean((np.sign(gaps) + 1) / 2))


def _is_the_same_for_all(model: Recommender) -> bool:
    scores = scores_of(model, *every_pair(checkerboard()))
    return bool(np.all(scores == scores[0]))


def _no_leak(subject: Subject) -> None:
    task = chance_task()
    ranks = evaluate(subject.fitted(task.train), task, full=False).ranks
    found, chance = float(np.mean(hit_rate(ranks, CUTOFF))), CUTOFF / (1 + task.candidates.negatives.shape[1])
    bound = chance + ERRORS * math.sqrt(chance * (1 - chance) / task.candidates.n_evaluated)
    if found > bound:
        raise RefutedError(
            f"every user's items are drawn at random, but HR@{CUTOFF} is {found:.3f}, expected at most {bound:.3f} "
            f"(chance, {chance:.3f}, and {ERRORS} standard errors); it knows the held-out items: find out how"
        )


def _no_cold_first(subject: Subject) -> None:
    train = half_unknown()
    users, items = every_pair(train)
    scores = scores_of(subject.fitted(train), users, items)
    is_cold = items % 2 == 1
    is_untouched = ~train.to_csr(np.bool_).toarray()
    share = float(np.mean([_wins(*rows) for rows in zip(scores, is_cold, ~is_cold & is_untouched, strict=True)]))
    if share > MOST_COLD_FIRST:
        raise RefutedError(
            f"items without training interactions beat others in {share:.2f} of pairs, expected {MOST_COLD_FIRST} or "
            "less (chance is .5); such an item is in the catalogue only because it was held out for somebody (P7), so "
            "this uses knowledge of the test; give these items no advantage"
        )


CHECKS = (
    Check(LEARNS, _learns, needs=(TWICE,)),
    Check(PERSONALISED, _personalised, needs=(TWICE,)),
    Check(NO_LEAK, _no_leak, needs=(TWICE,)),
    Check(NO_COLD_FIRST, _no_cold_first, needs=(TWICE,)),
)
