"""What is made of an exception that ended a job: a failure that says what a reader can do."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench.machine.devices.at_work import is_out_of_memory
from bench.machine.memory import size_text
from bench.records.outcome import Failure
from protocol.errors import ScoreError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.machine.devices.at_work import AtWork
    from bench.records.outcome import EpochLine


def failure_of(error: BaseException, device: AtWork, about: Mapping[str, Any]) -> Failure:
    """Return an exception as a failure.

    Parameters
    ----------
    device, about
        Where the job computed, and what its record says of that; empty for the processor.
    """
    detail = "".join(traceback.format_exception(error))
    if about and is_out_of_memory(error):
        return Failure("device memory", _no_room(error, device.peak_mib(), about), detail=detail)
    kinds = {MemoryError: "memory", ScoreError: "scores"}
    kind = next((kind for raised, kind in kinds.items() if isinstance(error, raised)), "raised")
    message = registry.said_by(error) if kind == "scores" else registry.error_text(error)
    if not about and "No CUDA GPUs are available" in message:
        message += "; a job sees a GPU only if its recommender takes it, by a parameter `device` of its constructor"
    return Failure(kind, message, detail=detail)


def _no_room(error: BaseException, taken_mib: float | None, about: Mapping[str, Any]) -> str:
    """Return what a job took of its device's memory, and what there is."""
    there_is = about.get("memory_mib")
    parts = [
        f"no memory left on {about.get('name') or about['kind']}",
        None if there_is is None else f"which has {_size(there_is)}",
        None if taken_mib is None else f"the job had taken {_size(taken_mib)}",
    ]
    known = ", ".join(part for part in parts if part is not None)
    return f"{known}: {registry.error_text(error)}; smaller batches or fewer parameters need less"


def _size(mib: float) -> str:
    return size_text(round(mib * 2**20))


@contextmanager
def naming_the_loss(curve: Sequence[EpochLine]) -> Iterator[None]:
    """Let errors about scores name the epoch whose loss was not finite, where there was one."""
    try:
        yield
    except ScoreError as error:
        lost = next((line.epoch for line in curve if line.loss is None), None)
        if lost is None:
            raise
        raise ScoreError(
            f"{error}; the loss of epoch {lost} was NaN or infinite, and training stopped there"
        ) from error
