"""The global time split: nobody trains on anything that happened after anybody's held-out interaction (P26).

The rule is that of Ji et al., "A critical study on data leakage in recommender system offline evaluation", TOIS 2023,
and of LensKit's ``split_global_time``: what lies before one point in time is trained on, and users are evaluated on
what they did from then on; here on the first thing, so that one item is held out of each. Meng et al., "Exploring data
splitting strategies for the evaluation of recommendation models", RecSys 2020, compare it with leave-last-out.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError
from protocol.tasks.split import MIN_ITEMS, Split, order_ties
from protocol.tasks.split_rule import SplitRule

if TYPE_CHECKING:
    from decimal import Decimal

    import numpy.typing as npt

    from protocol.data.dataset import Dataset

MIN_TRAIN = MIN_ITEMS - 1
"""Users with fewer interactions before the cut are not evaluated; leave-last-out asks for as many."""


def split_at_time(dataset: Dataset, protocol_seed: int, share: Decimal) -> Split:
    """Train on all interactions before the cut; hold out the first one from then on of every user with a history.

    Evaluated are users with at least `MIN_TRAIN` interactions before the cut and one from then on. Several at that
    first time are ordered by their tie keys (P6). What evaluated users did later still, and what users without a
    history did, is nobody's training data.

    Parameters
    ----------
    share
        See `cut_time`.

    Raises
    ------
    ProtocolError
        If the times are positions, no interaction lies before the cut, or no user can be evaluated.
    """
    interactions = order_ties(dataset, protocol_seed)
    _refuse_positions(dataset)
    cut = cut_time(interactions.timestamps, share)
    is_past = interactions.timestamps < cut
    if not is_past.any():
        raise ProtocolError(
            f"{dataset.name}: no interaction lies before {cut}, the time at which a share of {share} is reached, so "
            "nothing can be trained on; ask for a larger share, or for --split last"
        )
    n_past = np.bincount(interactions.users[is_past], minlength=interactions.n_users)
    n_from_then = np.diff(interactions.offsets) - n_past
    is_evaluated = (n_past >= MIN_TRAIN) & (n_from_then > 0)
    is_short = (n_past < MIN_TRAIN) & (n_from_then > 0)
    n_silent = int(np.count_nonzero((n_past > 0) & (n_from_then == 0)))
    users = np.flatnonzero(is_evaluated)
    if users.size == 0:
        raise ProtocolError(
            f"{dataset.name}: nobody can be evaluated with --split {SplitRule(share)}: {n_silent:,} users have no "
            f"interaction from {cut} on, and {np.count_nonzero(is_short):,} have fewer than {MIN_TRAIN} before it; "
            "ask for another share, or for --split last"
        )
    # A user's rows are in the order of time: those before the cut come first.
    first = interactions.offsets[users] + n_past[users]
    is_later = ~is_past & is_evaluated[interactions.users]
    is_later[first] = False
    seen = np.bincount(interactions.items[is_past], minlength=interactions.n_items) > 0
    return Split(
        train=interactions.where(is_past),
        users=users.astype(np.int32),
        items=interactions.items[first],
        tied=_is_tied(interactions.timestamps, first, interactions.offsets[users + 1]),
        n_short_users=int(np.count_nonzero(is_short)),
        later=interactions.where(is_later),
        facts={
            "cut_time": cut,
            "n_unused": int(np.count_nonzero(~is_past)) - users.size,
            "n_silent_users": n_silent,
            "n_new_users": int(np.count_nonzero(is_short & (n_past == 0))),
            "n_new_items": int(np.count_nonzero(~seen)),
        },
    )


def cut_time(timestamps: npt.NDArray[np.int64], share: Decimal) -> int:
    """Return the time that parts past and future: all interactions at one time, that one included, are future.

    Of ``n`` interactions in the order of time it is that of number ``floor(share * n)``, counted from 0, so that at
    most the share asked for lies before it. Worked: of 10 20 20 30 the cut at .5 is 20, and one lies before it.
    """
    place = math.floor(Fraction(share) * timestamps.size)
    return int(np.partition(timestamps, place)[place])


def _refuse_positions(dataset: Dataset) -> None:
    """Refuse times that count each user's interactions, all from one number on: they are no times of one clock."""
    interactions = dataset.interactions
    places = np.arange(len(interactions)) - interactions.offsets[interactions.users]
    if interactions.n_users > 1 and np.ptp(interactions.timestamps - places) == 0:
        first = int(interactions.timestamps[0])
        raise ProtocolError(
            f"{dataset.name}: every user's times are {first}, {first + 1}, {first + 2}, ...: the order of each user's "
            "interactions, and nothing of when others acted; a global time split needs times of one clock: give those, "
            "or leave out --split"
        )


def _is_tied(
    timestamps: npt.NDArray[np.int64], first: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Return whose first interaction from the cut on, at row ``first``, has another of the user's at its time."""
    following = np.minimum(first + 1, ends - 1)
    tied: npt.NDArray[np.bool_] = (following > first) & (timestamps[following] == timestamps[first])
    return tied
