"""Functions compiled by numba, with the options that all kernels share."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numba

from protocol.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.compiled import Function

# Without "fastmath": the compiler may neither reorder sums nor fuse products with sums, because it would do so by the
# processor. Where speed needs either, a kernel says it with `recommenders.kernels.vectors`.
_OPTIONS: dict[str, Any] = {"error_model": "numpy"}

_PACKAGE = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()

READ_ONLY = "Array({}, 1, 'C', readonly=True)"
"""Numba's name of a one-dimensional array that may be read-only, for signatures; the type of elements goes in."""


def inlined(function: Function) -> Function:
    """Compile a function that kernels call; its code becomes a part of each kernel.

    So the compiler sees the whole kernel, and its file in the cache holds all of its code.
    """
    return cast("Function", numba.njit(forceinline=True, **_OPTIONS)(function))


def kernel(signature: str) -> Callable[[Function], Function]:
    """Compile a function when its module is imported, or load it from the cache on disk (see `protocol.compiled`).

    Its name in the cache contains a digest of all files of this package.

    Parameters
    ----------
    signature
        The parameters' types, as numba writes them: ``"(float32[::1], int64)"``; `READ_ONLY` for arrays that may be
        read-only.
    """

    def decorate(function: Function) -> Function:
        function.__qualname__ += f"_{_PACKAGE[:16]}"
        return compiled(signature, **_OPTIONS)(function)

    return decorate
