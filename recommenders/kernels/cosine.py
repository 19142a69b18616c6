"""The nearest neighbours of sets by cosine similarity, compiled.

For each set, the common members with each other set are counted by going through the owners of each member; the most
similar sets are kept. Sets do not depend on each other, so the result is the same to the last bit with any number of
threads.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from protocol.blocks import blocks
from recommenders.kernels.compiled import READ_ONLY, inlined, kernel
from recommenders.kernels.highest import SCAN, closed_up, keep_highest
from recommenders.kernels.threads import share_out

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int32]
    Offsets = npt.NDArray[np.int64]
    Sparse: TypeAlias = csr_array[Any, tuple[int, int]]

BLOCK_MEMBERS = 2**20
"""The most members whose owners are counted at once, at 24 bytes each; a set of more is alone."""


def nearest(sets: Sparse, neighbors: int, shrinkage: float) -> Sparse:
    """Return the ``neighbors`` most similar other sets of each set, ``(n_sets, n_sets)``, with their similarities.

    The similarity of two sets is ``c / (sqrt(n_i * n_j) + shrinkage)``, with ``c`` common members, ``n_i`` members of
    one set and ``n_j`` of the other. Sets without common members are no neighbours. Of equally similar sets, those of
    lower index are kept.

    Parameters
    ----------
    sets
        A row for each set, ``(n_sets, n_members)``. Each stored entry is a member; its value is not used.
    neighbors
        1 or more.
    """
    n_sets = sets.shape[0]
    by_member = csr_array(csr_array((np.ones(sets.nnz, np.bool_), sets.indices, sets.indptr), shape=sets.shape).T)
    offsets, members = sets.indptr.astype(np.int64), sets.indices.astype(np.int32, copy=False)
    owner_offsets, owners = by_member.indptr.astype(np.int64), by_member.indices.astype(np.int32, copy=False)
    meetings = _meetings(offsets, members, np.diff(owner_offsets))
    # A set also meets itself, once for each member. A set that meets few others needs room for these only.
    room = np.minimum(min(neighbors, max(0, n_sets - 1)), np.diff(meetings) - np.diff(offsets))
    places = np.concatenate(([0], np.cumsum(room)))
    found, similarities, n_found = np.empty(places[-1], np.int32), np.empty(places[-1]), np.empty(n_sets, np.int64)
    norms = np.sqrt(np.diff(offsets))
    work = partial(
        _find, offsets, members, owner_offsets, owners, meetings, norms, shrinkage, places, found, similarities, n_found
    )
    share_out(work, meetings[1:] + np.arange(1, n_sets + 1))
    return closed_up(places, n_found, found, similarities, (n_sets, n_sets))


def _meetings(offsets: Offsets, members: Indices, n_owners: Offsets) -> Offsets:
    """Return the meetings of the sets before each set, int64, ``(n_sets + 1,)``: one for each owner of each member."""
    met = np.zeros(offsets.size, np.int64)
    for block in blocks(np.diff(offsets), BLOCK_MEMBERS):
        ends = offsets[block.start : block.stop + 1] - offsets[block.start]
        sums = np.cumsum(n_owners[members[offsets[block.start] : offsets[block.stop]]])
        met[block.start + 1 : block.stop + 1] = np.diff(np.concatenate(([0], sums))[ends])
    return np.cumsum(met)


@inlined
def _count(
    own: Indices, n_meetings: int, owner_offsets: Offsets, owners: Indices, counts: Indices, met: Indices
) -> int:
    """Count each set's members among ``own``.

    Write to ``met``, ascending, the sets that may have any, and return how many these are. With many meetings these are
    all sets, because remembering which were met would take longer (see `SCAN`).
    """
    is_dense = SCAN * n_meetings >= counts.size
    n_met = 0
    for member in own:
        for k in range(owner_offsets[member], owner_offsets[member + 1]):
            if not is_dense and counts[owners[k]] == 0:
                met[n_met] = owners[k]
                n_met += 1
            counts[owners[k]] += 1
    if is_dense:
        for other in range(counts.size):
            met[other] = other
        return counts.size
    met[:n_met].sort()
    return n_met


@inlined
def _choose(
    row: int,
    met: Indices,
    norms: Floats,
    shrinkage: float,
    counts: Indices,
    values: Floats,
    indices: Indices,
    room: Floats,
    most: int,
) -> int:
    """Write the ``most`` most similar of the sets met to the front of ``values`` and ``indices``.

    Return how many these are. ``counts`` are zeros afterwards.
    """
    n, least = 0, 0.0
    for other in met:
        count, counts[other] = counts[other], 0
        value = count / (norms[row] * norms[other] + shrinkage)
        # A set as similar as the lowest one kept comes after it, so it is not kept.
        if value > least and other != row:
            values[n], indices[n] = value, other
            n += 1
            if n == 2 * most:
                least, n = keep_highest(values, indices, room, n, most), most
    if n > most:
        keep_highest(values, indices, room, n, most)
        n = most
    return n


@kernel(
    f"({READ_ONLY.format('int64')}, {READ_ONLY.format('int32')}, {READ_ONLY.format('int64')}, "
    f"{READ_ONLY.format('int32')}, {READ_ONLY.format('int64')}, {READ_ONLY.format('float64')}, float64, "
    f"{READ_ONLY.format('int64')}, int32[::1], float64[::1], int64[::1], int64, int64)"
)
def _find(
    offsets: Offsets,
    members: Indices,
    owner_offsets: Offsets,
    owners: Indices,
    meetings: Offsets,
    norms: Floats,
    shrinkage: float,
    places: Offsets,
    found: Indices,
    similarities: Floats,
    n_found: Offsets,
    start: int,
    stop: int,
) -> None:
    """Write the neighbours of the sets ``start .. stop - 1``, each from its place on, in the order of the indices."""
    n_sets, most = norms.size, 1
    for row in range(start, stop):
        most = max(most, places[row + 1] - places[row])
    counts, met = np.zeros(n_sets, np.int32), np.empty(n_sets, np.int32)
    values, indices, room = np.empty(2 * most), np.empty(2 * most, np.int32), np.empty(2 * most)
    for row in range(start, stop):
        own = members[offsets[row] : offsets[row + 1]]
        n_met = _count(own, meetings[row + 1] - meetings[row], owner_offsets, owners, counts, met)
        limit = places[row + 1] - places[row]
        n_found[row] = _choose(row, met[:n_met], norms, shrinkage, counts, values, indices, room, limit)
        for k in range(n_found[row]):
            found[places[row] + k], similarities[places[row] + k] = indices[k], values[k]
