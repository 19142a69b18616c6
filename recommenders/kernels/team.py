"""Kernels that run in several threads at once and wait for each other: each thread is a member of the team.

Between two steps that depend on each other, all members meet. A step of training takes tens of microseconds, less than
starting it in another thread would. So threads run for the whole epoch, and a member that arrives first at a meeting
checks again and again whether the others are there.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import cgutils, types

from recommenders.kernels.compiled import inlined
from recommenders.kernels.intrinsics import GIVEN, operation
from recommenders.kernels.threads import n_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recommenders.kernels.intrinsics import Code

Arrivals: TypeAlias = npt.NDArray[np.int64]
"""int64, ``(1,)``: how often members have arrived at a meeting. 0 at the beginning."""

PATIENCE = 10_000
"""A waiting member yields its core between two checks after this many checks, which take some microseconds."""

_RELEASED = 2**62
"""More arrivals than there can be: at this count no member waits any longer."""

_yield_core: Any = types.ExternalFunction("sched_yield", types.int32())


def run_team(work: Callable[[int, int, Arrivals], None], most: int) -> None:
    """Call ``work(member, n_members, arrivals)`` for all members at once, and return when all are done.

    If a member fails or cannot be started, the others no longer wait for it, and the error is raised when all have
    ended.

    Parameters
    ----------
    work
        The work of a member, a compiled function that does not hold Python's lock. It may call `meet`.
    most
        The largest number of members. A team of one runs in the calling thread.
    """
    n_members, arrivals = min(n_threads(), most), np.zeros(1, dtype=np.int64)
    if n_members == 1:
        work(0, 1, arrivals)
        return

    @contextmanager
    def releasing_after_an_error() -> Iterator[None]:
        try:
            yield
        except BaseException:
            arrivals[0] = _RELEASED
            raise

    def work_of(member: int) -> None:
        with releasing_after_an_error():
            work(member, n_members, arrivals)

    with ThreadPoolExecutor(n_members) as executor:
        with releasing_after_an_error():
            members = [executor.submit(work_of, member) for member in range(n_members)]
        for member in members:
            member.result()


def _first(code: Code, array: Any) -> Any:
    """Return the address of the first element of the array; it is the function's first parameter."""
    kind = code.signature.args[0]
    made = code.context.make_array(kind)(code.context, code.builder, array)
    index = code.context.get_constant(types.intp, 0)
    return cgutils.get_item_pointer(code.context, code.builder, kind, made, (index,))  # type: ignore[no-untyped-call]


@operation(types.none, GIVEN)
def _arrive(code: Code, arrivals: Any) -> Any:
    """Add one; a thread that sees the new count also sees all that this thread wrote before."""
    code.builder.atomic_rmw("add", _first(code, arrivals), ir.IntType(64)(1), "seq_cst")
    return code.context.get_dummy_value()


@operation(types.int64, GIVEN)
def _n_arrived(code: Code, arrivals: Any) -> Any:
    return code.builder.load_atomic(_first(code, arrivals), "seq_cst", align=8)


@inlined
def meet(arrivals: Arrivals, until: int) -> None:
    """Wait until members have arrived ``until`` times: the number of members times the number of meetings so far."""
    _arrive(arrivals)
    looks = 0
    while _n_arrived(arrivals) < until:
        looks += 1
        if looks > PATIENCE:
            _yield_core()
