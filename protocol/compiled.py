"""Compile functions with numba when their module is imported, or load them from the cache on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")

_compiled_here: list[str] = []
"""The functions that this process did not find in the cache."""

# A kernel in the cache names the module that it is of. So `recbench.protocol` needs kernels with names of its own.
_SHARED = hashlib.sha256(
    __name__.encode()
    + b"".join(Path(__file__).with_name(name).read_bytes() for name in ("compiled.py", "quickselect.py"))
).hexdigest()[:16]


def compiled(signature: str, **options: Any) -> Callable[[Function], Function]:
    """Compile a function for the given types of parameters; it releases Python's global lock.

    Numba loads it from its cache if the function's file and name are unchanged. So the name gets a digest of this file
    and of `protocol.quickselect`. Everything else that the function calls must be in its own file, or change its name,
    too.

    Parameters
    ----------
    signature
        The parameters' types, in numba's terms: ``"(float32[::1], int64)"``.
    options
        Further options of `numba.njit`.
    """

    def decorate(function: Function) -> Function:
        function.__qualname__ += f"_{_SHARED}"
        compiled: Any
        try:
            compiled = numba.njit(signature, cache=True, nogil=True, **options)(function)
        except RuntimeError as error:
            if "no locator available" not in str(error):
                raise
            # Neither the file's folder nor the user's cache can be written.
            # Every process compiles, so that none is better off than this one.
            return cast("Function", numba.njit(signature, nogil=True, **options)(function))
        # With NUMBA_DISABLE_JIT it is the function itself.
        if compiled is not function and not compiled.stats.cache_hits:
            _compiled_here.append(function.__qualname__)
        return cast("Function", compiled)

    return decorate


def compiled_here() -> bool:
    """Return whether this process has compiled a function: it then holds the compiler until it ends."""
    return bool(_compiled_here)
