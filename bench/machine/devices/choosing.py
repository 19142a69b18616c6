"""Which device the jobs of a run take, from what the user asks for and what there is."""

from __future__ import annotations

from dataclasses import dataclass

from bench.machine.devices.device import Device  # noqa: TC001 - readers of parcels evaluate the annotations
from bench.machine.devices.seen import torch_seen
from bench.machine.devices.words import AUTO, BF16, CPU, CUDA, FLOAT32, MPS, TF32
from protocol.errors import RecommenderError


@dataclass(frozen=True)
class Asked:
    """What the user asks for, as `bench.options` reads it.

    Parameters
    ----------
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"mps"``.
    precision
        One of `bench.machine.devices.words.PRECISIONS`.
    """

    device: str = AUTO
    precision: str = FLOAT32

    @property
    def kind(self) -> str:
        """The device without its index."""
        return self.device.partition(":")[0]

    def takes(self, kind: str) -> bool:
        """Return whether a device of a kind is one that is asked for."""
        return self.device == AUTO or self.kind == kind

    def arithmetic(self, *, takes_precision: bool) -> tuple[str | None, bool]:
        """Return the precision that a recommender is told, if any, and whether products may be rounded to TF32."""
        tf32 = self.precision == TF32
        return (FLOAT32 if tf32 else self.precision) if takes_precision else None, tf32


ON_CPU = Asked(CPU)


@dataclass(frozen=True)
class Placement:
    """Where a job runs, and how it computes there.

    Parameters
    ----------
    device
        None for the processor.
    precision
        What the recommender is told; None for one that is told a device alone.
    tf32
        Whether products may be rounded to TF32.
    """

    device: Device | None = None
    precision: str | None = None
    tf32: bool = False

    @property
    def place(self) -> str:
        """The device as PyTorch takes it."""
        return CPU if self.device is None else self.device.place

    @property
    def arguments(self) -> dict[str, str]:
        """What the recommender's constructor is given."""
        return {"device": self.place, **({} if self.precision is None else {"precision": self.precision})}

    @property
    def is_plain(self) -> bool:
        """Whether this is the processor with ordinary arithmetic, of which no record says a word."""
        return self.device is None and self.precision in (None, FLOAT32)


def placement(asked: Asked, *, takes_precision: bool) -> Placement:
    """Return where a recommender runs that takes a device.

    PyTorch is asked what there is unless the processor is asked for.

    Parameters
    ----------
    takes_precision
        Whether its constructor takes a precision, too.

    Raises
    ------
    RecommenderError
        If there is no such device, or it cannot compute as asked.
    """
    device = None if asked.device == CPU else _device(asked.device)
    precision, tf32 = asked.arithmetic(takes_precision=takes_precision)
    if tf32 and (device is None or device.kind != CUDA):
        raise RecommenderError(
            f"precision: {TF32} is arithmetic of CUDA devices, and {device.place if device else CPU} is none; write "
            f"{FLOAT32} or {BF16}"
        )
    return Placement(device, precision, tf32)


def _device(asked: str) -> Device | None:
    """Return the device that is asked for, or the best one there is; None where that is the processor."""
    seen = torch_seen()
    if asked == AUTO:
        return next(iter((*seen.of_kind(CUDA), *seen.of_kind(MPS))), None)
    kind, _, index = asked.partition(":")
    known = seen.of_kind(kind)
    found = next((device for device in known if not index or device.index == int(index)), None)
    if found is not None:
        return found
    if not seen.devices:
        raise RecommenderError(f"device: there is no {asked} here: {seen.problem}; write --device cpu, or leave it out")
    there_are = ", ".join(f"{device.place} ({device.name})" for device in seen.devices)
    raise RecommenderError(f"device: there is no {asked} here; there are {there_are}, and {CPU}")
