"""The device in the process that computes there: how it is set up, awaited, and asked what held."""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_ALGORITHM = re.compile(r"(?P<operation>\S+) does not have a deterministic implementation")
"""How PyTorch's warning begins where it has no deterministic algorithm, and takes another."""


@dataclass(frozen=True)
class Held:
    """What held on a device to the end (see `bench.records.device.DeviceUse`)."""

    deterministic: bool
    tf32: bool
    peak_mib: float | None
    exceptions: tuple[str, ...]


class AtWork(Protocol):
    """Where a job computes."""

    def synchronise(self) -> None:
        """Wait until all work is done that was handed to it: a clock is read only then."""
        ...

    def reset_peak(self) -> None:
        """Count the peak of memory from now on."""
        ...

    def peak_mib(self) -> float | None:
        """Return the most memory that was given out, in MiB; None where it is not counted."""
        ...

    def held(self) -> Held | None:
        """Return what held up to now; None for the processor."""
        ...


class Processor:
    """The processor: what is called has been done when it returns."""

    def synchronise(self) -> None:
        """Nothing is awaited."""

    def reset_peak(self) -> None:
        """Nothing is counted."""

    def peak_mib(self) -> float | None:
        """Return None: see `bench.machine.memory` for the memory of processes."""
        return None

    def held(self) -> Held | None:
        """Return None: nothing was set up."""
        return None


@dataclass
class Accelerator:
    """A device that PyTorch reaches. Work is handed to it and goes on while the processor does something else.

    Parameters
    ----------
    torch
        The module of PyTorch.
    kind, index
        See `bench.machine.devices.device.Device`.
    """

    torch: Any
    kind: str
    index: int | None
    exceptions: set[str] = field(default_factory=set)

    @property
    def _arguments(self) -> tuple[int, ...]:
        """The index, for functions that take one."""
        return () if self.index is None else (self.index,)

    @property
    def _counts_memory(self) -> bool:
        return hasattr(getattr(self.torch, self.kind), "max_memory_allocated")

    def set_up(self, *, tf32: bool) -> None:
        """Ask for deterministic algorithms and the precision of products, and wake the device, off every clock."""
        torch = self.torch
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.set_float32_matmul_precision("high" if tf32 else "highest")
        torch.backends.cudnn.allow_tf32 = tf32
        if self.index is not None:
            # A recommender that says "cuda" alone means this one.
            torch.cuda.set_device(self.index)
        torch.zeros(1, device=self.kind)
        self.synchronise()

    def synchronise(self) -> None:
        """See `AtWork`, and so for the others."""
        getattr(self.torch, self.kind).synchronize(*self._arguments)

    def reset_peak(self) -> None:
        """Count from now on."""
        if self._counts_memory:
            self.torch.cuda.reset_peak_memory_stats(self.index)

    def peak_mib(self) -> float | None:
        """Return the most that PyTorch gave out since then."""
        return self.torch.cuda.max_memory_allocated(self.index) / 2**20 if self._counts_memory else None

    def held(self) -> Held:
        """Return what held, whatever the recommender has changed."""
        enabled = self.torch.are_deterministic_algorithms_enabled()
        return Held(enabled and not self.exceptions, self._tf32(), self.peak_mib(), tuple(sorted(self.exceptions)))

    def _tf32(self) -> bool:
        try:
            products = self.torch.get_float32_matmul_precision()
            return products != "highest" or bool(self.torch.backends.cudnn.allow_tf32)
        except RuntimeError:
            # PyTorch refuses to say where its older and newer settings are mixed: a recommender has set one of them.
            return True

    def note(self, message: str) -> bool:
        """Note an operation without a deterministic algorithm; return whether a warning is about one."""
        found = _NO_ALGORITHM.search(message)
        if found:
            self.exceptions.add(found["operation"])
        return found is not None


@contextmanager
def at_work(place: str, *, tf32: bool) -> Iterator[AtWork]:
    """Yield the device of this process, set up; what PyTorch warns of meanwhile is noted.

    Parameters
    ----------
    place
        As PyTorch names devices: ``"cpu"``, ``"cuda:0"``, ``"mps"``.
    """
    kind, _, index = place.partition(":")
    if kind == "cpu":
        yield Processor()
        return
    device = Accelerator(import_module("torch"), kind, int(index) if index else None)
    with warnings.catch_warnings():
        warnings.filterwarnings("always", message=_NO_ALGORITHM.pattern)
        show = warnings.showwarning

        def note_or_show(message: Any, *about: Any, **where: Any) -> None:
            if not device.note(str(message)):
                show(message, *about, **where)

        warnings.showwarning = note_or_show
        device.set_up(tf32=tf32)
        yield device


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an exception, or its cause, says that a device has no memory left, whichever library raised it."""
    if error.__cause__ is not None and is_out_of_memory(error.__cause__):
        return True
    if type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and "out of memory" in str(error)
