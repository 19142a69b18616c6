"""Arrays and small immutable types that all modules share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

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
        same_user = self.users[1:] == self.users[:-1]
        later = self.timestamps[1:] >= self.timestamps[:-1]
        if not np.all((self.users[1:] > self.users[:-1]) | (same_user & later)):
            raise ValueError("interactions must be sorted by user, then by time")

    def __len__(self) -> int:
        return int(self.users.size)

    @cached_property
    def offsets(self) -> npt.NDArray[np.int64]:
        """The first row of each user: user ``u`` owns ``offsets[u]:offsets[u + 1]``; int64, ``(n_users + 1,)``."""
        counts = np.bincount(self.users, minlength=self.n_users)
        result: npt.NDArray[np.int64] = frozen(np.concatenate(([0], np.cumsum(counts))), np.int64)
        return result

    @property
    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name; with `sizes` they are all that this object is made of."""
        return {"users": self.users, "items": self.items, "timestamps": self.timestamps}

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes of the index spaces by name."""
        return {"n_users": self.n_users, "n_items": self.n_items}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], sizes: Mapping[str, int]) -> Self:
        """Return the interactions of `arrays` and `sizes`; ``sizes`` may hold other names, too."""
        return cls(arrays["users"], arrays["items"], arrays["timestamps"], sizes["n_users"], sizes["n_items"])

    def where(self, mask: npt.NDArray[np.bool_]) -> Interactions:
        """Return the rows at which ``mask``, bool ``(n,)``, is true, in the same order and index spaces."""
        return Interactions(self.users[mask], self.items[mask], self.timestamps[mask], self.n_users, self.n_items)

    def to_csr(self, dtype: npt.DTypeLike = np.float32) -> csr_array[Any, tuple[int, int]]:
        """Return the users × items matrix of ones, ``(n_users, n_items)``, with column indices sorted in each row."""
        matrix = csr_array(
            (np.ones(len(self), dtype=dtype), self.items, self.offsets), shape=(self.n_users, self.n_items), copy=True
        )
        matrix.sort_indices()
        return matrix
