"""Functions compiled by numba, with the options that all of this package share."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")

_OPTIONS: dict[str, Any] = {
    "error_model": "numpy",
    # Sums may be reordered, so that they are computed several at a time, and a product may be fused with a sum. Nothing
    # is assumed of NaN and infinity: a training that diverges shows them.
    "fastmath": {"reassoc", "contract", "nsz"},
    "nogil": True,
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
    compiled: Any = numba.njit(forceinline=True, **_OPTIONS)(function)
    return cast("Function", compiled)


def kernel(signature: str) -> Callable[[Function], Function]:
    """Compile a function when its module is imported, or load it from the cache on disk.

    Numba looks at a kernel's own file only before it takes it from the cache. So the name under which it is kept has a
    digest of all files of this package.

    Parameters
    ----------
    signature
        The parameters' types, in numba's terms: ``"(float32[::1], int64)"``; `READ_ONLY` for arrays that may be
        read-only.
    """

    def decorate(function: Function) -> Function:
        function.__qualname__ += f"_{_PACKAGE[:16]}"
        compiled: Any
        try:
            compiled = numba.njit(signature, cache=True, **_OPTIONS)(function)
        except RuntimeError as error:
            if "no locator available" not in str(error):
                raise
            # Neither beside the file nor in the user's own cache can anything be written.
            compiled = numba.njit(signature, **_OPTIONS)(function)
        return cast("Function", compiled)

    return decorate
