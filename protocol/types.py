"""Arrays and small immutable types that all modules share."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scipy.sparse import csr_array

IndexArray: TypeAlias = npt.NDArray[np.int32]
"""Dense user or item indices."""

Scores: TypeAlias = npt.NDArray[np.floating[Any]]
"""One score per candidate, in the shape of the candidates; finite, higher is better."""


def frozen(array: npt.NDArray[Any], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return ``array`` as a contiguous, read-only array of ``dtype``, copied only if need be.

    Raises
    ------
    ValueError
        If ``dtype`` cannot hold a value.
    """
    result = np.ascontiguousarray(array, dtype=dtype)
    if result.dtype != array.dtype and not np.array_equal(result, array):
        raise ValueError(f"{array.dtype} holds values that {result.dtype} cannot")
    if result.flags.writeable:
        result = result.view()
        result.flags.writeable = False
    return result


@dataclass(frozen=True, eq=False)
class Ids:
    """Raw ids, as the dataset's file has them, in arrays that any process can map.

    Parameters
    ----------
    values
        int64, or uint64 where one does not fit, ``(n,)``: the ids; or uint8: their texts in UTF-8, one behind the
        other.
    ends
        int64, ``(n,)``: where each text ends; None where the ids are integers.
    """

    values: npt.NDArray[Any]
    ends: npt.NDArray[np.int64] | None = None

    @classmethod
    def of(cls, ids: npt.NDArray[Any]) -> Self:
        """Return some ids, ``(n,)``: integers or texts."""
        if np.issubdtype(ids.dtype, np.integer) or all(isinstance(one, int) for one in ids):
            is_beyond = ids.dtype == np.uint64 and ids.size > 0 and ids.max() > np.iinfo(np.int64).max
            return cls(frozen(ids, np.uint64 if is_beyond else np.int64))
        texts = [one.encode("utf-8", "surrogatepass") for one in map(str, ids.tolist())]
        ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
        return cls(np.frombuffer(b"".join(texts), np.uint8), frozen(ends, np.int64))

    def listed(self) -> list[int] | list[str]:
        """Return the ids as Python's integers or texts."""
        if self.ends is None:
            numbers: list[int] = self.values.tolist()
            return numbers
        whole, ends = self.values.tobytes(), self.ends.tolist()
        starts = [0, *ends[:-1]]
        return [whole[start:end].decode("utf-8", "surrogatepass") for start, end in zip(starts, ends, strict=True)]


@dataclass(frozen=True, eq=False)
class Interactions:
    """Implicit feedback: user ``users[i]`` touched item ``items[i]`` at ``timestamps[i]``; each pair once.

    Parameters
    ----------
    users, items
        Dense indices, int32, ``(n,)``, within ``0 .. n_users - 1`` and ``0 .. n_items - 1``.
    timestamps
        int64, ``(n,)``; only their order matters.
    n_users, n_items
        The sizes of the index spaces. Users and items without an interaction are allowed.
    known_users, known_items
        The raw ids of the users and items that have an interaction, in the order of their indices; None where the
        indices are the ids.

    Rows are sorted by user, then time, then a tie key, so that a user's rows are contiguous and oldest first.
    The arrays are read-only.

    Raises
    ------
    ValueError
        If the arrays differ in length, an index is out of range, or the rows are not sorted by user and time.
    """

    users: IndexArray
    items: IndexArray
    timestamps: npt.NDArray[np.int64]
    n_users: int
    n_items: int
    known_users: Ids | None = None
    known_items: Ids | None = None

    def __post_init__(self) -> None:
        for name, dtype in (("users", np.int32), ("items", np.int32), ("timestamps", np.int64)):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype))
        if not self.users.shape == self.items.shape == self.timestamps.shape == (self.users.size,):
            raise ValueError(
                f"users {self.users.shape}, items {self.items.shape} and timestamps {self.timestamps.shape} "
                "must be one-dimensional and of one length"
            )
        if len(self) == 0:
            return
        for name, size in (("users", self.n_users), ("items", self.n_items)):
            indices = getattr(self, name)
            if indices.min() < 0 or indices.max() >= size:
                raise ValueError(f"{name} range over {indices.min()} .. {indices.max()}, expected 0 .. {size - 1}")
        if not _in_order(self.users, self.timestamps):
            raise ValueError("interactions must be sorted by user, then by time")

    def __len__(self) -> int:
        return int(self.users.size)

    @cached_property
    def offsets(self) -> npt.NDArray[np.int64]:
        """The first row of each user: user ``u`` owns ``offsets[u]:offsets[u + 1]``; int64, ``(n_users + 1,)``."""
        every_user = np.arange(self.n_users + 1, dtype=np.int32)
        result: npt.NDArray[np.int64] = frozen(np.searchsorted(self.users, every_user), np.int64)
        return result

    @property
    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name; with `sizes` they are all that this object is made of."""
        named: dict[str, npt.NDArray[Any]] = {"users": self.users, "items": self.items, "timestamps": self.timestamps}
        return {**named, **ids_to_arrays(self)}

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes of the index spaces by name."""
        return {"n_users": self.n_users, "n_items": self.n_items}

    @classmethod
    def of_arrays(
        cls, arrays: Mapping[str, npt.NDArray[Any]], sizes: Mapping[str, int], *, unchanged: bool = False
    ) -> Self:
        """Return the interactions of `arrays` and `sizes`.

        Parameters
        ----------
        sizes
            It may hold other names, too.
        unchanged
            Whether it is certain that the arrays are those of interactions, and read-only: then they are not read.
        """
        values: dict[str, Any] = {name: arrays[name] for name in _COLUMNS}
        values |= {name: sizes[name] for name in ("n_users", "n_items")} | ids_from_arrays(arrays)
        if not unchanged:
            return cls(**values)
        made = object.__new__(cls)
        for one in fields(cls):
            object.__setattr__(made, one.name, values.get(one.name))
        return made

    def move_to(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Read the interactions from other memory from now on, where equal arrays are (see `arrays`).

        What held them so far is given up: many processes can share the other memory, and hold them once.

        Raises
        ------
        ValueError
            If the arrays are of other lengths or types.
        """
        for name in _COLUMNS:
            own, other = getattr(self, name), arrays[name]
            if (own.shape, own.dtype) != (other.shape, other.dtype):
                raise ValueError(f"{name} are {own.shape} of {own.dtype}, the others {other.shape} of {other.dtype}")
            object.__setattr__(self, name, frozen(other, other.dtype))

    @property
    def user_ids(self) -> npt.NDArray[np.object_]:
        """The raw id of each user, object ``(n_users,)``: an integer or a text.

        None where the user has no interaction, so that nothing is known that training does not tell. It is made anew
        each time, as most recommenders need none.
        """
        return _ids_in_place(self.users, self.known_users, self.n_users)

    @property
    def item_ids(self) -> npt.NDArray[np.object_]:
        """The raw id of each item, object ``(n_items,)``, as `user_ids`: by it an item's features are found."""
        return _ids_in_place(self.items, self.known_items, self.n_items)

    def named(self, user_ids: npt.NDArray[Any], item_ids: npt.NDArray[Any]) -> Interactions:
        """Return these interactions with the raw ids of the users and items that have one.

        Parameters
        ----------
        user_ids, item_ids
            Of all, ``(n_users,)`` and ``(n_items,)``: integers or texts.
        """
        users, items = (
            Ids.of(ids[_present(indices, ids.size)])
            for ids, indices in ((user_ids, self.users), (item_ids, self.items))
        )
        return replace(self, known_users=users, known_items=items)

    def where(self, mask: npt.NDArray[np.bool_]) -> Interactions:
        """Return the rows at which ``mask``, bool ``(n,)``, is true, in the same order and index spaces."""
        rows = Interactions(self.users[mask], self.items[mask], self.timestamps[mask], self.n_users, self.n_items)
        if self.known_users is None or self.known_items is None:
            return rows
        return rows.named(self.user_ids, self.item_ids)

    def to_csr(self, dtype: npt.DTypeLike = np.float32) -> csr_array[Any, tuple[int, int]]:
        """Return the users × items matrix of ones, ``(n_users, n_items)``, with column indices sorted in each row."""
        from scipy.sparse import csr_array  # It takes longer than all else that a worker loads.

        # Of offsets of eight bytes, SciPy makes column indices of eight bytes.
        narrow = np.int32 if len(self) <= np.iinfo(np.int32).max else np.int64
        entries = np.ones(len(self), dtype=dtype), self.items.copy(), self.offsets.astype(narrow)
        matrix = csr_array(entries, shape=(self.n_users, self.n_items))
        matrix.sort_indices()
        return matrix


CHECKED_ROWS = 2**20
"""The number of rows whose order is checked at once, at four bytes each."""


def _in_order(users: IndexArray, timestamps: npt.NDArray[np.int64]) -> bool:
    """Return whether rows are sorted by user, then by time."""
    for start in range(0, users.size - 1, CHECKED_ROWS):
        rows, following = slice(start, start + CHECKED_ROWS), slice(start + 1, start + 1 + CHECKED_ROWS)
        after = users[following]
        before, then = users[rows][: after.size], timestamps[rows][: after.size]
        if not np.all((after > before) | ((after == before) & (timestamps[following] >= then))):
            return False
    return True


def _present(indices: IndexArray, size: int) -> npt.NDArray[np.int64]:
    """Return which of ``0 .. size - 1`` occur, ascending."""
    occurs = np.zeros(size, dtype=np.bool_)
    occurs[indices] = True
    return np.flatnonzero(occurs)


def _ids_in_place(indices: IndexArray, known: Ids | None, size: int) -> npt.NDArray[np.object_]:
    """Return an array with the ids of the indices that occur at their places, and None elsewhere."""
    present = _present(indices, size)
    found = np.full(size, None, dtype=object)
    found[present] = present.tolist() if known is None else known.listed()
    return found


_COLUMNS = ("users", "items", "timestamps")
_KNOWN = ("known_users", "known_items")


def ids_to_arrays(interactions: Interactions) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of the raw ids by name, for a file; none where the indices are the ids."""
    arrays = {}
    for name in _KNOWN:
        ids: Ids | None = getattr(interactions, name)
        if ids is not None:
            arrays[name] = ids.values
            arrays.update({} if ids.ends is None else {f"{name}_ends": ids.ends})
    return arrays


def ids_from_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, Ids]:
    """Return the raw ids of the arrays that `ids_to_arrays` made, as `Interactions` takes them."""
    return {name: Ids(arrays[name], arrays.get(f"{name}_ends")) for name in _KNOWN if name in arrays}
