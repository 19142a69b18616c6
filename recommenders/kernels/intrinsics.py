"""Functions for compiled code, written in LLVM's instructions (https://llvm.org/docs/LangRef.html)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

GIVEN = None
"""Marks a parameter of any type: the type of the argument is taken."""


@dataclass(frozen=True)
class Code:
    """The place to write instructions to: numba's target context, LLVM's builder, and the function's signature."""

    context: Any
    builder: Any
    signature: Any


def operation(result: Any, *parameters: Any) -> Callable[[Any], Any]:
    """Make a function for compiled code, of the given types, from one that writes its instructions.

    The decorated function takes a `Code` and LLVM's values of the arguments.
    """

    def decorate(write: Any) -> Any:
        # Numba reads the parameters from the wrapped function's signature, without the first one.
        @wraps(write)
        def resolve(_: Any, *given: Any) -> Any:
            taken = (own if wanted is GIVEN else wanted for own, wanted in zip(given, parameters, strict=True))
            return result(*taken), lambda context, builder, signature, values: write(
                Code(context, builder, signature), *values
            )

        return intrinsic(resolve)

    return decorate
