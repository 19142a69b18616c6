"""Why a job is not answered by the stored record of the same row and seed: code or settings that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import convert

from bench.records.device import RecordedDevice
from bench.writing.text import count_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bench.records.record import Record
    from bench.running.plan import Job

    Say = Callable[[Any, Any], Iterator[str]]


def changed_settings(job: Job, documents: Sequence[Record]) -> list[str]:
    """Return what differs between a job and the stored record of its row and seed that is most like it.

    Empty where the store has no such record, and where one has the job's key: that one failed, or is damaged.

    Parameters
    ----------
    documents
        All records of the store, without their arrays.
    """
    alike = [record for record in documents if _is_of(record, job)]
    if not alike or any(record.key == job.key for record in documents):
        return []
    found = (differences(record.document, _as_on_its_device(job, record)) for record in alike)
    return min(found, key=len) or ["the stored record is of other settings"]


def _is_of(record: Record, job: Job) -> bool:
    return (record.recommender.label, record.seed, record.failed) == (job.choice.label, job.seed, False)


def _as_on_its_device(job: Job, record: Record) -> Mapping[str, Any]:
    """Return the document of a job, with the device of a record where the job may run on that."""
    device = record.document.get("device")
    return {**job.document, "device": device} if job.may_be_on(record.device) else job.document


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what differs between two documents of what the key covers, each in words: ``reg was 1 and is 2``."""
    return [
        text
        for path, say in _SAID.items()
        if (old := _part(before, path)) != (new := _part(now, path))
        for text in say(old, new)
    ]


def _part(document: Mapping[str, Any], path: str) -> Any:
    found: Any = document
    for name in path.split("."):
        found = (found or {}).get(name)
    return found


def _code(_: Any, __: Any) -> Iterator[str]:
    yield "its code has changed"


def _values(before: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[str]:
    old, new = before or {}, now or {}
    for name in sorted({**old, **new}):
        if old.get(name) != new.get(name):
            yield f"{name} was {_shown(old.get(name))} and is {_shown(new.get(name))}"


def _threads(before: Any, now: Any) -> Iterator[str]:
    yield f"it had {count_text(before or 0, 'thread')} and has {now}"


def _patience(before: Any, now: Any) -> Iterator[str]:
    yield f"the patience was {_shown(before)} and is {_shown(now)}"


def _shown(value: Any) -> Any:
    return "none" if value is None else value


def _instructions(before: str | None, now: str | None) -> Iterator[str]:
    yield f"the processor's instructions were {before or 'not recorded'} and are {now or 'not known'}"


def _device(before: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[str]:
    old, new = (None if one is None else convert(one, RecordedDevice) for one in (before, now))
    if (old and old.deciding) != (new and new.deciding):
        before_text, now_text = _device_text(old), _device_text(new)
        if old and new and before_text == now_text:
            before_text, now_text = f"{before_text}, {_software_of(old)}", _software_of(new)
        yield f"it ran on {before_text} and is to run on {now_text}"


def _device_text(device: RecordedDevice | None) -> str:
    return "the processor" if device is None else f"{device.words}{(device.name and f' ({device.name})') or ''}"


def _software_of(device: RecordedDevice) -> str:
    return f"{device.runtime or 'an unknown runtime'} with driver {device.driver or 'unknown'}"


_SAID: dict[str, Say] = {
    "recommender.source_sha256": _code,
    "recommender.parameters": _values,
    "recommender.libraries": _values,
    "environment.versions": _values,
    "environment.instructions": _instructions,
    "device": _device,
    "threads": _threads,
    "patience": _patience,
}
"""Parts of a record's document that its key covers, and how a difference is said."""
