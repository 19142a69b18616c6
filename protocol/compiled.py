"""Functions compiled by numba when their module is imported, or loaded from the cache on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")

_SHARED = hashlib.sha256(
    b"".join(Path(__file__).with_name(name).read_bytes() for name in ("compiled.py", "quickselect.py"))
).hexdigest()[:16]


def compiled(signature: str, **options: Any) -> Callable[[Function], Function]:
    """Compile a function for given types of parameters; it does not hold Python's lock.

    Numba takes it from the cache if the function's own file and its name are the same. The name gets a digest of this
    file and of `protocol.quickselect`; what else it depends on should stand in its own file, or be a part of its name,
    too.

    Parameters
    ----------
    signature
        The parameters' types, in numba's terms: ``"(float32[::1], int64)"``.
    options
        Others of `numba.njit`.
    """

    def decorate(function: Function) -> Function:
        function.__qualname__ += f"_{_SHARED}"
        compiled: Any
        try:
            compiled = numba.njit(signature, cache=True, nogil=True, **options)(function)
        except RuntimeError as error:
            if "no locator available" not in str(error):
                raise
            # Neither beside the file nor in the user's own cache can anything be written.
            compiled = numba.njit(signature, nogil=True, **options)(function)
        return cast("Function", compiled)

    return decorate
