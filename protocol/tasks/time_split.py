"""The global time split: no recommender trains on anything that happened after any held-out interaction (P26).

The rule is that of Ji et al., "A critical study on data leakage in recommender system offline evaluation", TOIS 2023,
and of LensKit's ``split_global_time``: everything before one point in time is trained on, and users are evaluated on
what they did from then on. Here one of these interactions is held out, so that each user has one held-out item: the
first, the last or a random one. Gusak et al., "Time to Split", RecSys 2025, compare these targets. Meng et al.,
"Exploring data splitting strategies for the evaluation of recommendation models", RecSys 2020, compare this split with
leave-last-out.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from protocol.errors import ProtocolError
from protocol.tasks.drawn import TARGET, drawn_rows
from protocol.tasks.needed_times import refuse_without_times
from protocol.tasks.split import MIN_ITEMS, Split, order_ties
from protocol.tasks.split_rule import TARGETS, SplitRule, Target

if TYPE_CHECKING:
    from decimal import Decimal

    import numpy.typing as npt

    from protocol.data.dataset import Dataset
    from protocol.types import Interactions

MIN_TRAIN = MIN_ITEMS - 1
"""Users with fewer interactions before the cut are not evaluated; leave-last-out requires the same number."""


def split_at_time(dataset: Dataset, protocol_seed: int, share: Decimal, target: Target = TARGETS[0]) -> Split:
    """Train on all interactions before the cut; hold out one from then on of every user with a history.

    Users with at least `MIN_TRAIN` interactions before the cut and one from then on are evaluated. Several interactions
    at one time are ordered by their tie keys (P6). The other interactions from the cut on are not trained on.

    Parameters
    ----------
    share
        See `cut_time`.
    target
        Which of a user's interactions from the cut on is held out; a random one is drawn by the protocol seed.

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
            f"{dataset.name}: no user can be evaluated with --split {SplitRule(share, target)}: {n_silent:,} users "
            f"have no interaction from {cut} on, and {np.count_nonzero(is_short):,} have fewer than {MIN_TRAIN} before "
            "it; ask for another share, or for --split last"
        )
    is_later = ~is_past & is_evaluated[interactions.users]
    heldout = _heldout_rows(dataset, interactions, np.flatnonzero(is_later), target, protocol_seed)
    # A random target is drawn whatever the times are, so that no tie decides.
    tied = np.zeros(users.size, dtype=np.bool_) if target == "random" else _is_tied(interactions, is_later, heldout)
    is_later[heldout] = False
    seen = np.bincount(interactions.items[is_past], minlength=interactions.n_items) > 0
    return Split(
        train=interactions.where(is_past),
        users=users.astype(np.int32),
        items=interactions.items[heldout],
        tied=tied,
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


def _heldout_rows(
    dataset: Dataset, interactions: Interactions, rows: npt.NDArray[np.int64], target: Target, protocol_seed: int
) -> npt.NDArray[np.int64]:
    """Return the row that is held out of each user, out of some rows; a user's rows are in the order of time."""
    if target == "random":
        return drawn_rows(dataset, interactions, rows, protocol_seed, TARGET)
    users = interactions.users[rows]
    changes = users[1:] != users[:-1]
    chosen: npt.NDArray[np.int64] = rows[
        np.append([True], changes) if target == "first" else np.append(changes, [True])
    ]
    return chosen


def _is_tied(
    interactions: Interactions, is_later: npt.NDArray[np.bool_], heldout: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Return which users have another interaction from the cut on at the time of the held-out one, ``(n_eval,)``."""
    tied = np.zeros(heldout.size, dtype=np.bool_)
    for step in (-1, 1):
        beside = np.clip(heldout + step, 0, len(interactions) - 1)
        tied |= (
            (beside != heldout)
            & is_later[beside]
            & (interactions.users[beside] == interactions.users[heldout])
            & (interactions.timestamps[beside] == interactions.timestamps[heldout])
        )
    return tied
