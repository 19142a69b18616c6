"""Eight or sixteen float32 at once, for compiled functions in which the compiler finds no such code by itself.

A `Vector` is held in a register of the processor (in two, where registers are short), and exists only within compiled
code. Each function becomes one LLVM instruction, or a few. The lanes and the rounding of each function are fixed, so
results are the same to the last bit on every x86-64 processor. One without fused products (before Haswell, 2013) calls
the C library for them, and is many times slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import models, register_model

from recommenders.kernels.intrinsics import GIVEN, operation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommenders.kernels.intrinsics import Code

LANES, LONG = 8, 16
Vector: TypeAlias = Any

HAS_LONG_REGISTERS: bool = binding.get_host_cpu_features().get("avx512f", False)
"""Whether a register of the processor holds sixteen float32."""

_INTEGER = ir.IntType(32)


class _VectorType(types.Type):
    def __init__(self, lanes: int) -> None:
        super().__init__(name=f"Vector({lanes})")
        self.data = ir.VectorType(ir.FloatType(), lanes)


@register_model(_VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: _VectorType) -> None:
        super().__init__(manager, numba_type, numba_type.data)  # type: ignore[no-untyped-call]


_VECTOR, _LONG = _VectorType(LANES), _VectorType(LONG)
_FLOATS = _VECTOR.data
_EIGHT: Any = types.UniTuple(_VECTOR, LANES)  # type: ignore[no-untyped-call]


def _pointer(code: Code, matrix: Any, row: Any, column: Any, floats: Any) -> Any:
    """Return the address of consecutive elements of the matrix, which is the function's first parameter."""
    kind = code.signature.args[0]
    array = code.context.make_array(kind)(code.context, code.builder, matrix)
    place = cgutils.get_item_pointer(code.context, code.builder, kind, array, (row, column))  # type: ignore[no-untyped-call]
    return code.builder.bitcast(place, floats.as_pointer())


def _in_all_lanes(code: Code, number: Any, floats: Any) -> Any:
    single = code.builder.insert_element(ir.Constant(floats, ir.Undefined), number, _INTEGER(0))
    return code.builder.shuffle_vector(single, single, ir.Constant(ir.VectorType(_INTEGER, floats.count), None))


def _product_and_sum(code: Code, a: Any, b: Any, c: Any) -> Any:
    floats = a.type
    kind, name = ir.FunctionType(floats, [floats] * 3), f"llvm.fma.v{floats.count}f32"
    fused = cgutils.get_or_insert_function(code.builder.module, kind, name)  # type: ignore[no-untyped-call]
    return code.builder.call(fused, (a, b, c))


def _shuffled(code: Code, one: Any, other: Any, lanes: Iterable[int]) -> Any:
    """Return lanes of two vectors; those of the second are numbered from `LANES` on."""
    return code.builder.shuffle_vector(one, other, ir.Constant(ir.VectorType(_INTEGER, LANES), list(lanes)))


@operation(_VECTOR, GIVEN, types.intp, types.intp)
def load(code: Code, matrix: Any, row: Any, column: Any) -> Any:
    """Return ``matrix[row, column : column + 8]`` of a matrix whose rows are contiguous."""
    return code.builder.load(_pointer(code, matrix, row, column, _FLOATS), align=4)


@operation(types.none, GIVEN, types.intp, types.intp)
def prefetch(code: Code, matrix: Any, row: Any, column: Any) -> Any:
    """Let the processor fetch the cache line of ``matrix[row, column]``, which is soon used; no value depends on it."""
    line, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [line, number, number, number])
    function = cgutils.get_or_insert_function(code.builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
    place = code.builder.bitcast(_pointer(code, matrix, row, column, _FLOATS), line)
    to_read, in_all_levels, data = number(0), number(3), number(1)
    code.builder.call(function, (place, to_read, in_all_levels, data))
    return code.context.get_dummy_value()


@operation(types.none, GIVEN, types.intp, types.intp, _VECTOR)
def store(code: Code, matrix: Any, row: Any, column: Any, vector: Any) -> Any:
    """Write ``matrix[row, column : column + 8]`` of a matrix whose rows are contiguous."""
    code.builder.store(vector, _pointer(code, matrix, row, column, _FLOATS), align=4)
    return code.context.get_dummy_value()


@operation(_VECTOR, types.float32)
def splat(code: Code, number: Any) -> Any:
    """Return a number in all lanes."""
    return _in_all_lanes(code, number, _FLOATS)


@operation(_VECTOR, _VECTOR, _VECTOR)
def add(code: Code, a: Any, b: Any) -> Any:
    """Return ``a + b``."""
    return code.builder.fadd(a, b)


@operation(_VECTOR, _VECTOR, _VECTOR)
def subtract(code: Code, a: Any, b: Any) -> Any:
    """Return ``a - b``."""
    return code.builder.fsub(a, b)


@operation(_VECTOR, _VECTOR, _VECTOR)
def multiply(code: Code, a: Any, b: Any) -> Any:
    """Return ``a * b``."""
    return code.builder.fmul(a, b)


@operation(_VECTOR, _VECTOR, _VECTOR, _VECTOR)
def multiply_add(code: Code, a: Any, b: Any, c: Any) -> Any:
    """Return ``a * b + c``, rounded once: in one instruction where the processor has it, else by slow calls."""
    return _product_and_sum(code, a, b, c)


@operation(types.float32, _VECTOR)
def total(code: Code, vector: Any) -> Any:
    """Return the sum of the lanes."""
    for distance in (4, 2, 1):
        turned = _shuffled(code, vector, vector, [(lane + distance) % LANES for lane in range(LANES)])
        vector = code.builder.fadd(vector, turned)
    return code.builder.extract_element(vector, _INTEGER(0))


@operation(_EIGHT, _EIGHT)
def transpose(code: Code, rows: Any) -> Any:
    """Return the columns of eight rows, as a tuple."""
    return code.context.make_tuple(code.builder, _EIGHT, _columns(code, rows))


@operation(_VECTOR, _EIGHT)
def totals(code: Code, rows: Any) -> Any:
    """Return the sums of the lanes of eight rows: lane ``k`` has that of row ``k``."""
    vectors = _columns(code, rows)
    while len(vectors) > 1:
        vectors = [code.builder.fadd(one, other) for one, other in zip(vectors[::2], vectors[1::2], strict=True)]
    return vectors[0]


def _columns(code: Code, rows: Any) -> list[Any]:
    """Return the columns of eight rows.

    For blocks 4, 2 and then 1 wide: in each square of four blocks, the two off the diagonal are exchanged.
    """
    vectors: list[Any] = cgutils.unpack_tuple(code.builder, rows)  # type: ignore[no-untyped-call]
    for width in (4, 2, 1):
        upper = [lane if not lane & width else LANES + lane - width for lane in range(LANES)]
        lower = [lane + width if not lane & width else LANES + lane for lane in range(LANES)]
        for i in range(LANES):
            if not i & width:
                one, other = vectors[i], vectors[i + width]
                vectors[i], vectors[i + width] = _shuffled(code, one, other, upper), _shuffled(code, one, other, lower)
    return vectors


@operation(_LONG, GIVEN, types.intp, types.intp)
def load_long(code: Code, matrix: Any, row: Any, column: Any) -> Any:
    """Return ``matrix[row, column : column + 16]`` of a matrix whose rows are contiguous."""
    return code.builder.load(_pointer(code, matrix, row, column, _LONG.data), align=4)


@operation(types.none, GIVEN, types.intp, types.intp, _LONG)
def store_long(code: Code, matrix: Any, row: Any, column: Any, vector: Any) -> Any:
    """Write ``matrix[row, column : column + 16]`` of a matrix whose rows are contiguous."""
    code.builder.store(vector, _pointer(code, matrix, row, column, _LONG.data), align=4)
    return code.context.get_dummy_value()


@operation(_LONG, types.float32)
def splat_long(code: Code, number: Any) -> Any:
    """Return a number in all of sixteen lanes."""
    return _in_all_lanes(code, number, _LONG.data)


@operation(_LONG, _LONG, _LONG)
def add_long(code: Code, a: Any, b: Any) -> Any:
    """Return ``a + b`` of sixteen lanes."""
    return code.builder.fadd(a, b)


@operation(_LONG, _LONG, _LONG)
def multiply_long(code: Code, a: Any, b: Any) -> Any:
    """Return ``a * b`` of sixteen lanes."""
    return code.builder.fmul(a, b)


@operation(_LONG, _LONG, _LONG, _LONG)
def multiply_add_long(code: Code, a: Any, b: Any, c: Any) -> Any:
    """Return ``a * b + c`` of sixteen lanes, rounded once."""
    return _product_and_sum(code, a, b, c)
