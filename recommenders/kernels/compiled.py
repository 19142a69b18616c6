"""Functions compiled by numba, with the options that all of this package share."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numba

from protocol.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.compiled import Function

_OPTIONS: dict[str, Any] = {
    "error_model": "numpy",
    # Sums may be reordered, so that they are computed several at a time, and a product may be fused with a sum. Nothing
    # is assumed of NaN and infinity: a training that diverges shows them.
    "fastmath": {"reassoc", "contract", "nsz"},
}

_PACKAGE = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()

READ_ONLY = "Array({}, 1, 'C', readonly=True)"
"""For `kernel`: one-dimensional, of a given type of elements."""


def inlined(function: Function) -> Function:
    """Compile a function that kernels call, as a part of each.

    It has to be a part: what is only called is compiled on its own, too, perhaps with sums in another order, and the
    process that compiles a kernel would call this, where one that finds the kernel in the cache calls what is there.
    """
    return cast("Function", numba.njit(forceinline=True, **_OPTIONS)(function))


def kernel(signature: str) -> Callable[[Function], Function]:
    """Compile a function when its module is imported, or load it from the cache on disk (see `protocol.compiled`).

    The name under which it is kept has a digest of all files of this package.

    Parameters
    ----------
    signature
        The parameters' types, in numba's terms: ``"(float32[::1], int64)"``; `READ_ONLY` for arrays that may be
        read-only.
    """

    def decorate(function: Function) -> Function:
        function.__qualname__ += f"_{_PACKAGE[:16]}"
        return compiled(signature, **_OPTIONS)(function)

    return decorate
