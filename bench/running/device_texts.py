"""What a run says of devices before it starts: which one each recommender takes, and what is asked in vain."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from bench.machine.devices.seen import torch_seen
from bench.machine.devices.words import AUTO, CPU, FLOAT32, TF32
from bench.machine.memory import size_text
from bench.writing.text import enumerated
from protocol.errors import RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.machine.devices.choosing import Asked, Placement
    from bench.running.plan import Job


def device_texts(jobs: Sequence[Job], asked: Asked) -> Iterator[str]:
    """Yield a line for each device that recommenders take; warn of options that change nothing."""
    placed: dict[Placement, dict[str, None]] = {}
    for job in jobs:
        if job.placement is not None:
            placed.setdefault(job.placement, {})[job.choice.row_name] = None
    for where, rows in placed.items():
        if asked.device != CPU or not where.is_plain:
            yield f"{enumerated(list(rows))}: on {_text(where, asked)}"
    _warn_of_vain_options(jobs, asked)


def _text(where: Placement, asked: Asked) -> str:
    """Return where a recommender computes and how: ``cuda:0 (NVIDIA H200, 139 GiB), bf16``."""
    device = where.device
    precision = [] if where.precision is None else [TF32 if where.tf32 else where.precision]
    if device is None:
        reason = f" ({torch_seen().problem})" if asked.device == AUTO else ""
        return ", ".join([f"{CPU}{reason}", *precision])
    size = "" if device.memory_mib is None else f", {size_text(round(device.memory_mib * 2**20))}"
    return ", ".join([f"{device.place} ({device.name}{size})", *precision])


def _warn_of_vain_options(jobs: Sequence[Job], asked: Asked) -> None:
    """Warn where a device or a precision is asked for that no recommender takes."""
    takes_device = any(job.description.takes_device for job in jobs)
    takes_precision = any(job.description.takes_precision for job in jobs)
    if asked.device not in (AUTO, CPU) and not takes_device:
        _warn(
            f"--device {asked.device} changes nothing: no recommender here takes a device, so all are on the processor"
        )
    if asked.precision != FLOAT32 and not (takes_precision or (takes_device and asked.precision == TF32)):
        _warn(f"--precision {asked.precision} changes nothing: no recommender here takes a precision")


def _warn(text: str) -> None:
    warnings.warn(text, RecbenchWarning, stacklevel=4)
