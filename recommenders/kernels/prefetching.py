"""Memory that is asked for before it is needed.

Vectors of many users lie far apart in memory, and to wait for each takes longer than to compute with it. A kernel that
knows which ones come next asks for them: the processor fetches them while it computes. Results do not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llvmlite import ir
from numba.core import cgutils, types

from recommenders.kernels.arrays import LINE
from recommenders.kernels.compiled import inlined
from recommenders.kernels.intrinsics import GIVEN, operation

if TYPE_CHECKING:
    from recommenders.kernels.arrays import Floats
    from recommenders.kernels.intrinsics import Code

AHEAD = 4
"""How many vectors before its turn a vector is asked for."""

_INTEGER, _BYTE = ir.IntType(32), ir.IntType(8)
_TO_WRITE, _KEPT, _DATA = 1, 3, 1
"""What LLVM's instruction is told: the memory will be written to, it stays in all caches, and it is no code."""


def _ask(code: Code, array: Any, place: tuple[Any, ...]) -> Any:
    """Ask for the line of the cache that holds an element of the array, the function's first parameter."""
    kind = code.signature.args[0]
    made = code.context.make_array(kind)(code.context, code.builder, array)
    element = cgutils.get_item_pointer(code.context, code.builder, kind, made, place)  # type: ignore[no-untyped-call]
    parameters = [_BYTE.as_pointer(), _INTEGER, _INTEGER, _INTEGER]
    function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
        code.builder.module, ir.FunctionType(ir.VoidType(), parameters), "llvm.prefetch.p0"
    )
    how = [_INTEGER(number) for number in (_TO_WRITE, _KEPT, _DATA)]
    code.builder.call(function, [code.builder.bitcast(element, _BYTE.as_pointer()), *how])
    return code.context.get_dummy_value()


@operation(types.none, GIVEN, types.intp)
def prefetch(code: Code, array: Any, index: Any) -> Any:
    """Ask for an element of a vector."""
    return _ask(code, array, (index,))


@operation(types.none, GIVEN, types.intp, types.intp)
def _prefetch_line(code: Code, matrix: Any, row: Any, column: Any) -> Any:
    return _ask(code, matrix, (row, column))


@inlined
def prefetch_row(matrix: Floats, row: int) -> None:
    """Ask for a row of a matrix of float32."""
    for column in range(0, matrix.shape[1], LINE):
        _prefetch_line(matrix, row, column)
