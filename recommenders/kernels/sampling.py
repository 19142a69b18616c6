"""An epoch's training examples, compiled: interactions and fresh negatives, in random order.

They come in parts of at most `PART` examples, so that an epoch needs no memory for all of its negatives. An epoch of
one part is in random order as a whole. Of a longer one the interactions are in random order, and each part of them is
put in random order together with its negatives.

Negatives are drawn exactly uniformly from the items that the user did not train on (or from all, where nobody is said
to have touched any), with repetition and without rejection. With a user's touched items ``t_0 < t_1 < ...``, there are
``t_k - k`` untouched ones before ``t_k``. So the untouched item at position ``p`` is ``p + k``, where ``k`` is the
number of touched items with ``t_k - k <= p``. The positions are divided into as many equal ranges as there are touched
items, and for each range a hint says where to begin to count ``k``; from there it is one step on average, for any
touched items.

Random numbers are SplitMix64's (Steele, Lea and Flood, OOPSLA 2014), bounded without bias (Lemire, ACM Transactions on
Modeling and Computer Simulation 2019, arXiv:1805.10941); the order is shuffled while it is written (Fisher and Yates,
"inside out": Knuth, The Art of Computer Programming, volume 2, 3.4.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from protocol.errors import RecommenderError
from recommenders.kernels.compiled import READ_ONLY, inlined, kernel
from recommenders.kernels.prefetching import prefetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.types import IndexArray, Interactions
    from recommenders.kernels.arrays import Examples

PART = 2**24
"""The most examples that are drawn at once, at twelve bytes each; those of one interaction are never divided."""

MOST_ROWS = 2**31 - 1
"""The most interactions; they are numbered with four bytes."""

BLOCK = 2**17
"""The most interactions whose positions are computed at once; a user of more is alone."""

AT_ONCE = 256
"""Examples that are drawn before the first of them is written, so that memory for all of them is asked for at once."""

Stream: TypeAlias = npt.NDArray[np.uint64]
"""The state of SplitMix64, ``(1,)``; each draw changes it."""


@dataclass(frozen=True, eq=False)
class Sampler:
    """Draws the examples of epochs from one training set.

    Parameters
    ----------
    users, items
        The interactions, int32, ``(n,)`` each.
    offsets
        int64, ``(n_users + 1,)``: where each user's positions begin.
    passed
        int32, ``(n,)``: ``t_k - k`` of each user's touched items, ascending.
    hints
        int32, ``(n,)``: for each range of a user's positions, how many of ``passed`` are at most its first one. Where
        negatives are of all items, no user has a position: the offsets are 0, and both arrays hold one number that
        nothing depends on.
    stream
        The state of the random numbers of all draws.
    """

    users: IndexArray
    items: IndexArray
    n_items: int
    offsets: npt.NDArray[np.int64]
    passed: npt.NDArray[np.int32]
    hints: npt.NDArray[np.int32]
    stream: Stream

    @classmethod
    def of(cls, train: Interactions, rng: np.random.Generator) -> Self:
        """Return the sampler of ``train``; its stream is seeded with one draw from ``rng``.

        Raises
        ------
        RecommenderError
            If there are more than `MOST_ROWS` interactions.
        """
        _check_number(train)
        passed, hints = np.empty(len(train), np.int32), np.empty(len(train), np.int32)
        for first, last in _blocks_of_users(train.offsets):
            rows = slice(train.offsets[first], train.offsets[last])
            passed[rows], hints[rows] = _untouched_positions(train, rows)
        return cls(train.users, train.items, train.n_items, train.offsets, passed, hints, _stream(rng))

    @classmethod
    def of_all_items(cls, train: Interactions, rng: np.random.Generator) -> Self:
        """Return a sampler whose negatives are of all items, those that the user trained on among them.

        Raises
        ------
        RecommenderError
            If there are more than `MOST_ROWS` interactions.
        """
        _check_number(train)
        nothing = np.zeros(1, np.int32)
        return cls(
            train.users, train.items, train.n_items, np.zeros_like(train.offsets), nothing, nothing, _stream(rng)
        )

    def labelled(self, n_negatives: int) -> Iterator[Examples]:
        """Yield user, item and label: all interactions (1), and ``n_negatives`` for each of them (0), part by part.

        A user who touched every item has no negatives.
        """
        for users, items in self._parts(1 + n_negatives):
            n = users.size + n_negatives * self._n_open(users)
            yield self._draw(users, items, n, n_negatives, compared=False)

    def compared(self) -> Iterator[Examples]:
        """Yield user, item and a negative for each interaction of a user who did not touch every item, part by part."""
        for users, items in self._parts(1):
            yield self._draw(users, items, self._n_open(users), 1, compared=True)

    def _parts(self, for_each: int) -> Iterator[tuple[IndexArray, IndexArray]]:
        """Yield users and items of interactions that have at most `PART` examples, ``for_each`` of them one."""
        n_rows = max(1, PART // for_each)
        if self.users.size <= n_rows:
            yield self.users, self.items
            return
        rows = np.arange(self.users.size, dtype=np.int32)
        _shuffle(rows, self.stream)
        for start in range(0, rows.size, n_rows):
            part = rows[start : start + n_rows]
            yield self.users[part], self.items[part]

    def _n_open(self, users: IndexArray) -> int:
        """Return how many of some interactions' users have an untouched item."""
        is_open = np.diff(self.offsets) < self.n_items
        return int(np.count_nonzero(is_open[users]))

    def _draw(self, users: IndexArray, items: IndexArray, n: int, n_negatives: int, *, compared: bool) -> Examples:
        examples = np.empty((n, 3), dtype=np.int32)
        touched = self.n_items, self.offsets, self.passed, self.hints
        _draw(users, items, *touched, n_negatives, compared, self.stream, examples)
        return examples


def _check_number(train: Interactions) -> None:
    if len(train) > MOST_ROWS:
        raise RecommenderError(
            f"negatives can be drawn for {MOST_ROWS:,} interactions at most, and there are {len(train):,}; train "
            "on a sample of the users"
        )


def _stream(rng: np.random.Generator) -> Stream:
    return rng.integers(2**64, size=1, dtype=np.uint64)


def _blocks_of_users(offsets: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield ranges of users, ``first .. last - 1``, with at most `BLOCK` interactions, or of one user."""
    first, n_users = 0, offsets.size - 1
    while first < n_users:
        last = int(np.searchsorted(offsets, offsets[first] + BLOCK, side="right")) - 1
        last = max(last, first + 1)
        yield first, last
        first = last


def _untouched_positions(train: Interactions, rows: slice) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return ``passed`` and ``hints`` of a `Sampler` for all interactions of some users."""
    users, items = train.users[rows].astype(np.int64), train.items[rows]
    begin = train.offsets[users]
    n_touched = train.offsets[users + 1] - begin
    rank = np.arange(rows.start, rows.stop) - begin
    codes = users * train.n_items
    passed = np.sort(codes + items) - codes - rank
    first_positions = rank * (train.n_items - n_touched) // n_touched
    # One search for these users: the ranges of their positions are put one after the other.
    user_start = users * (train.n_items + 1)
    found = np.searchsorted(user_start + passed, user_start + first_positions, side="right")
    return passed, found + rows.start - begin


@inlined
def _bits(stream: Stream) -> np.uint64:
    """Return 32 random bits."""
    stream[0] += np.uint64(0x9E3779B97F4A7C15)
    z: np.uint64 = stream[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) >> np.uint64(32)


@inlined
def _fair_bits(bound: int, stream: Stream) -> np.uint64:
    """Return bits that `_scaled` maps to each of ``0 .. bound - 1`` equally often; ``bound`` is below 2**32."""
    n = np.uint64(bound)
    bits = _bits(stream)
    if _rest(bits, n) < n:
        unfair = np.uint64(2**32) % n
        while _rest(bits, n) < unfair:
            bits = _bits(stream)
    return bits


@inlined
def _rest(bits: np.uint64, n: np.uint64) -> np.uint64:
    return (bits * n) & np.uint64(0xFFFFFFFF)


@inlined
def _scaled(bits: np.uint64, n: int) -> np.int64:
    """Return ``bits / 2**32 * n``, rounded down."""
    return np.int64((bits * np.uint64(n)) >> np.uint64(32))


@inlined
def _untouched(
    n_items: int, start: int, end: int, passed: npt.NDArray[np.int32], hints: npt.NDArray[np.int32], stream: Stream
) -> int:
    """Return a random item that the user whose touched items are in ``passed[start:end]`` did not touch."""
    position, hint = _position(n_items, start, end, stream)
    return int(_item_at(position, hints[hint], start, end, passed))


@inlined
def _position(n_items: int, start: int, end: int, stream: Stream) -> tuple[np.int64, np.int64]:
    """Return the position of a random item that a user did not touch, and which of the hints is about it."""
    n_touched = end - start
    bits = _fair_bits(n_items - n_touched, stream)
    return _scaled(bits, n_items - n_touched), start + _scaled(bits, n_touched)


@inlined
def _item_at(position: np.int64, k: int, start: int, end: int, passed: npt.NDArray[np.int32]) -> np.int64:
    """Return the untouched item at a position, of which ``k`` touched ones are known to come before it."""
    while start + k < end and passed[start + k] <= position:
        k += 1
    return position + k


@inlined
def _place(n: int, stream: Stream) -> np.int64:
    """Return a random place for an example among it and ``n`` others."""
    return _scaled(_fair_bits(n + 1, stream), n + 1)


@inlined
def _insert(examples: Examples, n: int, place: int, user: int, item: int | np.int64, third: int | np.int64) -> None:
    """Put an example at a place among ``n`` others; the example that was there moves to the end."""
    for column in range(3):
        examples[n, column] = examples[place, column]
    examples[place, 0] = user
    examples[place, 1] = item
    examples[place, 2] = third


@kernel("(int32[::1], uint64[::1])")
def _shuffle(rows: npt.NDArray[np.int32], stream: Stream) -> None:
    """Put rows in random order, each order equally often."""
    for last in range(rows.size - 1, 0, -1):
        place = _scaled(_fair_bits(last + 1, stream), last + 1)
        rows[last], rows[place] = rows[place], rows[last]


_INDICES, _OFFSETS = READ_ONLY.format("int32"), READ_ONLY.format("int64")


@kernel(f"({_INDICES}, {_INDICES}, int64, {_OFFSETS}, {_INDICES}, {_INDICES}, int64, bool, uint64[::1], int32[:, ::1])")
def _draw(
    users: IndexArray,
    items: IndexArray,
    n_items: int,
    offsets: npt.NDArray[np.int64],
    passed: npt.NDArray[np.int32],
    hints: npt.NDArray[np.int32],
    n_negatives: int,
    compared: bool,
    stream: Stream,
    examples: Examples,
) -> None:
    """Fill ``examples`` for `Sampler.compared`, if ``compared``, or for `Sampler.labelled`.

    Random numbers are drawn for some interactions, then these look up their hints, and then they are written: the
    memory of one is fetched while the others wait for theirs.
    """
    for_each = n_negatives if compared else 1 + n_negatives
    n_rows = max(1, AT_ONCE // max(1, for_each))
    positions, hints_of, places = (
        np.empty(n_rows * for_each, np.int64),
        np.empty(n_rows * for_each, np.int64),
        np.empty(n_rows * for_each, np.int64),
    )
    n = 0
    for first in range(0, users.size, n_rows):
        last = min(first + n_rows, users.size)
        drawn = 0
        for row in range(first, last):
            start, end = offsets[users[row]], offsets[users[row] + 1]
            if not compared:
                places[drawn] = _place(n + drawn, stream)
                prefetch(examples[:, 0], places[drawn])
                drawn += 1
            for _ in range(n_negatives if end - start < n_items else 0):
                positions[drawn], hints_of[drawn] = _position(n_items, start, end, stream)
                prefetch(hints, hints_of[drawn])
                places[drawn] = _place(n + drawn, stream)
                prefetch(examples[:, 0], places[drawn])
                drawn += 1
        drawn = 0
        for row in range(first, last):
            start, end = offsets[users[row]], offsets[users[row] + 1]
            drawn += not compared
            for _ in range(n_negatives if end - start < n_items else 0):
                hints_of[drawn] = hints[hints_of[drawn]]
                prefetch(passed, start + hints_of[drawn])
                drawn += 1
        drawn = 0
        for row in range(first, last):
            user, item = users[row], items[row]
            start, end = offsets[user], offsets[user + 1]
            if not compared:
                _insert(examples, n + drawn, places[drawn], user, item, 1)
                drawn += 1
            for _ in range(n_negatives if end - start < n_items else 0):
                negative = _item_at(positions[drawn], hints_of[drawn], start, end, passed)
                if compared:
                    _insert(examples, n + drawn, places[drawn], user, item, negative)
                else:
                    _insert(examples, n + drawn, places[drawn], user, negative, 0)
                drawn += 1
        n += drawn
