"""A device besides the processor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """A device besides the processor.

    Parameters
    ----------
    kind
        As PyTorch calls it: ``"cuda"`` (also AMD's devices) or ``"mps"``.
    index
        Among those of the kind; None where there can be one only.
    name
        The model.
    memory_mib
        Of the device, in MiB; None where it is the processor's.
    runtime
        What PyTorch was built for: ``"CUDA 12.8"``.
    driver
        Its version; None where that is not known.
    """

    kind: str
    index: int | None
    name: str
    memory_mib: float | None = None
    runtime: str | None = None
    driver: str | None = None

    @property
    def place(self) -> str:
        """The device as PyTorch takes it: ``"cuda:0"``, ``"mps"``."""
        return self.kind if self.index is None else f"{self.kind}:{self.index}"
