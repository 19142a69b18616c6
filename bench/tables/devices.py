"""The devices that rows computed on, and what held there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.machine.memory import size_text
from bench.writing.text import enumerated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.analysis.rows import Row
    from bench.analysis.summary import Summary
    from bench.records.device import DeviceUse, RecordedDevice


def devices_note(summary: Summary) -> Iterable[tuple[str, str]]:
    """Name each device with how it computed and the rows that did so, of which some may have used several."""
    rows_of: dict[str, list[str]] = {}
    for row in summary.rows:
        for device in row.devices:
            rows_of.setdefault(_sentence(row, device), []).append(row.label)
    for sentence, labels in rows_of.items():
        yield "Device", f"{sentence}: {enumerated(list(dict.fromkeys(labels)))}."
    if rows_of:
        others = [row.label for row in summary.rows if row.device is None and not row.external]
        if others:
            yield "Device", f"the processor: {enumerated(list(dict.fromkeys(others)))}."


def device_text(device: RecordedDevice) -> str:
    """Return a device and how it computes: ``cuda:0, NVIDIA H200, 139 GiB, CUDA 12.8, driver 550.1, bf16``."""
    parts = (
        device.kind if device.index is None else f"{device.kind}:{device.index}",
        device.name,
        None if device.memory_mib is None else size_text(round(device.memory_mib * 2**20)),
        device.runtime,
        None if device.driver is None else f"driver {device.driver}",
        device.precision,
        f"TF32 {'on' if device.tf32 else 'off'}" if device.kind == "cuda" else None,
    )
    return ", ".join(part for part in parts if part is not None)


def _sentence(row: Row, device: RecordedDevice) -> str:
    uses = [record.device_use for record in row.records if record.device_use is not None and record.device == device]
    return ", ".join([device_text(device), *held_texts(device, uses)])


def held_texts(device: RecordedDevice, uses: Sequence[DeviceUse]) -> Iterable[str]:
    """Say whether algorithms were deterministic, and what the recommender changed."""
    if not uses:
        return
    exceptions = sorted({name for use in uses for name in use.exceptions})
    if exceptions:
        yield f"deterministic algorithms but for {enumerated(exceptions)}"
    else:
        yield f"deterministic algorithms{'' if all(use.deterministic for use in uses) else ' off, by the recommender'}"
    if any(use.tf32 for use in uses) and not device.tf32:
        yield "TF32 on in the end, by the recommender"
