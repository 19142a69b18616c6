"""The layout of a network's parameters in one array; gradients are arrays of the same layout.

GMF's parameters come first, then the tower's; either part may be missing. Each table is aligned to a cache line; the
gaps between tables are zero and stay zero.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from recommenders.kernels.arrays import LINE
from recommenders.kernels.compiled import inlined

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Floats, Sizes


def n_parameters(n_users: int, n_items: int, gmf_size: int, widths: tuple[int, ...]) -> int:
    """Return the length of the array.

    Parameters
    ----------
    gmf_size
        Length of GMF's vectors; 0 without GMF.
    widths
        Widths of the tower: input, hidden layers, and 1; ``(1,)`` without tower.
    """
    gmf_output = gmf_size + 1 if gmf_size else 0
    layers = sum((n_in + 1) * n_out for n_in, n_out in pairwise(widths))
    sizes = (size * n for size in (gmf_size, widths[0] // 2) for n in (n_users, n_items))
    return sum(-(-size // LINE) * LINE for size in (*sizes, gmf_output, layers))


def parts(
    flat: Floats, n_users: int, n_items: int, gmf_size: int, tower_size: int
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Cut the array into views.

    Returns
    -------
    users, items, output
        Of GMF: ``(n_users, gmf_size)``, ``(n_items, gmf_size)`` and ``(1, gmf_size + 1)``, the weights and then the
        bias; all empty if ``gmf_size`` is 0.
    users, items, layers
        Of the tower: ``(n_users, tower_size)``, ``(n_items, tower_size)``, and the rest of the array (see `layer`).
    """
    gmf_output = gmf_size + 1 if gmf_size else 0
    a = -(-n_users * gmf_size // LINE) * LINE
    b = a - (-n_items * gmf_size // LINE) * LINE
    c = b - (-gmf_output // LINE) * LINE
    d = c - (-n_users * tower_size // LINE) * LINE
    e = d - (-n_items * tower_size // LINE) * LINE
    return (
        flat[: n_users * gmf_size].reshape((n_users, gmf_size)),
        flat[a : a + n_items * gmf_size].reshape((n_items, gmf_size)),
        flat[b : b + gmf_output].reshape((1, gmf_output)),
        flat[c : c + n_users * tower_size].reshape((n_users, tower_size)),
        flat[d : d + n_items * tower_size].reshape((n_items, tower_size)),
        flat[e:],
    )


def layer(layers: Floats, widths: Sizes | tuple[int, ...], index: int) -> tuple[Floats, Floats]:
    """Return the weights ``(width, width before)`` and biases ``(width,)`` of one layer, as views."""
    start = 0
    for before in range(index):
        start += (widths[before] + 1) * widths[before + 1]
    n_in, n_out = widths[index], widths[index + 1]
    end = start + n_in * n_out
    return layers[start:end].reshape((n_out, n_in)), layers[end : end + n_out]


compiled_parts, compiled_layer = inlined(parts), inlined(layer)
