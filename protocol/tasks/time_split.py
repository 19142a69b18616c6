"""The global time split: no recommender trains on anything that happened after any held-out interaction (P26).

The rule is that of Ji et al., "A critical study on data leakage in recommender system offline evaluation", TOIS 2023,
and of LensKit's ``split_global_time``: everything before one point in time is trained on, and users are evaluated on
what they did from then on. Here only the first of these interactions is held out, so that each user has one held-out
item. Meng et al., "Exploring data splitting strategies for the evaluation of recommendation models", RecSys 2020,
compare this split with leave-last-out.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError
from protocol.tasks.needed_times import refuse_without_times
from protocol.tasks.split import MIN_ITEMS, Split, order_ties
from protocol.tasks.split_rule import SplitRule

if TYPE_CHECKING:
    from decimal import Decimal

    import numpy.typing as npt

    from protocol.data.dataset import Dataset

MIN_TRAIN = MIN_ITEMS - 1
"""Users with fewer interactions before the cut are not evaluated; leave-last-out requires the same number."""


def split_at_time(dataset: Dataset, protocol_seed: int, share: Decimal) -> Split:
    """Train on all interactions before the cut; hold out the first one from then on of every user with a history.

    Users with at least `MIN_TRAIN` interactions before the cut and one from then on are evaluated. Several interactions
    at that first time are ordered by their tie keys (P6). Later interactions of evaluated users, and those of users
    without a history, are not trained on.

    Parameters
    ----------
    share
        See `cut_time`.

    Raises
    ------
    ProtocolError
        If there are no times, the times are positions, no interaction lies before the cut, or no user can be evaluated.
    """
    refuse_without_times(dataset)
    _refuse_positions(dataset)
    interactions = order_ties(dataset, protocol_seed)
    cut = cut_time(interactions.timestamps, share)
    is_past = interactions.timestamps < cut
    if not is_past.any():
        raise ProtocolError(
            f"{dataset.name}: no interaction lies before {cut}, the time at which a share of {share} is reached, so "
            "there is no training data; ask for a larger share, or for --split last"
        )
    n_past = np.bincount(interactions.users[is_past], minlength=interactions.n_users)
    n_from_then = np.diff(interactions.offsets) - n_past
    is_evaluated = (n_past >= MIN_TRAIN) & (n_from_then > 0)
    is_short = (n_past < MIN_TRAIN) & (n_from_then > 0)
    n_silent = int(np.count_nonzero((n_past > 0) & (n_from_then == 0)))
    users = np.flatnonzero(is_evaluated)
    if users.size == 0:
        raise ProtocolError(
            f"{dataset.name}: no user can be evaluated with --split {SplitRule(share)}: {n_silent:,} users have no "
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
    """Return the time of the cut; interactions at this time or later are after the cut.

    It is the time of interaction number ``floor(share * n)`` of ``n`` in the order of time, counted from 0, so that at
    most the given share is before it. Worked: of 10 20 20 30 the cut at .5 is 20, and one interaction is before it.
    """
    place = math.floor(Fraction(share) * timestamps.size)
    return int(np.partition(timestamps, place)[place])


def _refuse_positions(dataset: Dataset) -> None:
    """Refuse times that count each user's interactions from one common number: they are not times of one clock."""
    interactions = dataset.interactions
    places = np.arange(len(interactions)) - interactions.offsets[interactions.users]
    if dataset.times == "order" or (interactions.n_users > 1 and np.ptp(interactions.timestamps - places) == 0):
        first = int(interactions.timestamps[0])
        raise ProtocolError(
            f"{dataset.name}: every user's times are {first}, {first + 1}, {first + 2}, ...: the order of each user's "
            "interactions, not when others acted; a global time split needs times of one clock: give those, or "
            "leave out --split"
        )


def _is_tied(
    timestamps: npt.NDArray[np.int64], first: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Return which users have another interaction at the time of their first one from the cut on, at row ``first``."""
    following = np.minimum(first + 1, ends - 1)
    tied: npt.NDArray[np.bool_] = (following > first) & (timestamps[following] == timestamps[first])
    return tied
