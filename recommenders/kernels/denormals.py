"""Numbers next to zero as zero, while a kernel runs.

Below 1.2e-38 a float32 is denormal, and a processor may take many times as long for it. What a regularised training
lets go of decays through that range: once a tenth of its parameters had, an epoch of GMF on MovieLens-100K took two
thirds longer. Only x86 is told (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, 10.2.3).
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from llvmlite import ir
from numba.core import cgutils, types

from recommenders.kernels.intrinsics import operation

if TYPE_CHECKING:
    from recommenders.kernels.intrinsics import Code

IS_X86 = platform.machine() in {"x86_64", "AMD64"}

_FLUSH_TO_ZERO, _DENORMALS_ARE_ZERO = 1 << 15, 1 << 6
_REGISTER = ir.IntType(32)


@operation(types.uint32)
def flush_denormals(code: Code) -> Any:
    """Begin to take denormal numbers for zero; return what `restore` needs."""
    if not IS_X86:
        return _REGISTER(0)
    place = cgutils.alloca_once(code.builder, _REGISTER)  # type: ignore[no-untyped-call]
    _call(code, "llvm.x86.sse.stmxcsr", place)
    before = code.builder.load(place)
    _set(code, code.builder.or_(before, _REGISTER(_FLUSH_TO_ZERO | _DENORMALS_ARE_ZERO)))
    return before


@operation(types.none, types.uint32)
def restore(code: Code, before: Any) -> Any:
    """Go on as before `flush_denormals`, which returned ``before``."""
    if IS_X86:
        _set(code, before)
    return code.context.get_dummy_value()


def _set(code: Code, value: Any) -> None:
    place = cgutils.alloca_once_value(code.builder, value)  # type: ignore[no-untyped-call]
    _call(code, "llvm.x86.sse.ldmxcsr", place)


def _call(code: Code, name: str, place: Any) -> None:
    byte = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte])
    function = cgutils.get_or_insert_function(code.builder.module, kind, name)  # type: ignore[no-untyped-call]
    code.builder.call(function, [code.builder.bitcast(place, byte)])
