"""Functions for compiled code that are written in LLVM's instructions (https://llvm.org/docs/LangRef.html)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

GIVEN = None
"""The type of a parameter that may be any."""


@dataclass(frozen=True)
class Code:
    """Where instructions are written to: numba's target context, LLVM's builder, and the function's signature."""

    context: Any
    builder: Any
    signature: Any


def operation(result: Any, *parameters: Any) -> Callable[[Any], Any]:
    """Make what writes instructions, given a `Code` and values, a function for compiled code, of the given types."""

    def decorate(write: Any) -> Any:
        # The wrapped function's signature, but for its first parameter, is what numba calls it by.
        @wraps(write)
        def resolve(_: Any, *given: Any) -> Any:
            taken = (own if wanted is GIVEN else wanted for own, wanted in zip(given, parameters, strict=True))
            return result(*taken), lambda context, builder, signature, values: write(
                Code(context, builder, signature), *values
            )

        return intrinsic(resolve)

    return decorate
