"""How many threads torch gets for the steps of a training: one where its operations are too small to be split.

Torch splits an operation between its threads, and waits for all of them before the next one. That takes microseconds,
however little there is to compute, and far longer where another program keeps a core busy. What the operations of the
first step compute decides, and no clock: so equal trainings use equal numbers of threads.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

WORTH_SPLITTING = 2**14
"""The elements of an average operation from which on its step is given several threads.

One thread takes some microseconds for them, about as long as several threads take to meet."""

FLOPS_PER_ELEMENT = 64
"""Floating-point operations of a matrix product that take as long as to read, change and write one element."""


class StepThreads:
    """Torch's threads within ``with threads:``, where a training takes its steps. Outside, their number is as before.

    The first step has one thread, and decides for all others. On a device that is no processor, nothing is changed.
    """

    def __init__(self, device: torch.device) -> None:
        self._is_processor = device.type == "cpu"
        self._outside = torch.get_num_threads()
        self._is_decided, self._inside = not self._is_processor, 1

    def __enter__(self) -> Self:
        self._outside = torch.get_num_threads()
        if self._is_processor:
            torch.set_num_threads(min(self._inside, self._outside))
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_processor:
            torch.set_num_threads(self._outside)

    def step(self) -> AbstractContextManager[None]:
        """Return what a step is taken in."""
        return _UNWATCHED if self._is_decided else self._watched()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        with StepWork() as work:
            yield
        self._is_decided = True
        if work.per_operation >= WORTH_SPLITTING:
            self._inside = self._outside
            torch.set_num_threads(self._inside)


_UNWATCHED: AbstractContextManager[None] = nullcontext()


class StepWork(TorchDispatchMode):
    """Counts what torch computes within ``with work:``."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._n_operations, self._n_elements = 0, 0.0

    @property
    def per_operation(self) -> float:
        """How many elements an operation computes, on average. One that only looks at a tensor anew does not count."""
        return self._n_elements / max(1, self._n_operations)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Compute an operation, and count it."""
        named = kwargs or {}
        found = func(*args, **named)
        n_elements = 0 if func.is_view else _n_elements(args if found is None else found)
        if n_elements:
            self._n_operations += 1
            self._n_elements += n_elements
            flops = flop_registry.get(func.overloadpacket)
            if flops is not None:
                self._n_elements += flops(*args, **named, out_val=found) / FLOPS_PER_ELEMENT
        return found


def _n_elements(tensors: Any) -> int:
    """Return the number of elements of all tensors in a tensor, a list or a tuple."""
    return sum(leaf.numel() for leaf in tree_leaves(tensors) if isinstance(leaf, torch.Tensor))
