"""Whether a record that came back is of the job that was sent: the driver compares it with what it knows itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec import structs

from bench.machine.devices.choosing import Placement
from bench.machine.devices.device import Device
from bench.machine.environment import versions
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.running.stored import MOST_NAMED
from bench.running.travel.bundle import BundleError, unbundled
from bench.running.vetting import problems_of_content
from recommenders import registry
from recommenders.registry.used.changes import changes

if TYPE_CHECKING:
    from pathlib import Path

    from bench.records.device import RecordedDevice
    from bench.records.record import Record
    from bench.running.plan import Job
    from recommenders.registry.used.outcome import Root


def accepted(
    content: bytes, job: Job, models: Path | None = None, *, sees_our_folder: bool = True
) -> tuple[Record, Path | None]:
    """Return the record of a bundle, if it is that of a job, and the folder of its model in ``models``, if wanted.

    Environment, and a device that the worker chose, are the worker's; all else is as the driver planned it.

    Parameters
    ----------
    sees_our_folder
        Whether the files of its current folder, as far as the job read them, have to be those of this process.

    Raises
    ------
    BundleError
        If the bundle is damaged, or of another job.
    """
    record, model = unbundled(content, models)
    there = on_its_machine(job, record)
    problem = next(problems_of_content(record, there), None)
    if not job.may_be_on(record.device):
        problem = problem or "its device is not the one that was asked for"
    if dict(record.environment.versions) != versions():
        problem = problem or "its libraries are not those of the driver"
    if problem is not None:
        raise BundleError(f"the record of {job.title} that came back is of something else: {problem}")
    if (difference := _used_otherwise(record, job, sees_our_folder)) is not None:
        return failed_record(there.document, Failure("raised", difference, detail=difference)), None
    return _as_used_here(record, job), model


def on_its_machine(job: Job, record: Record) -> Job:
    """Return a job as the machine of a record had it."""
    environment = record.document["environment"]
    where = job.placement if job.asked is None else _placement(record.device)
    return replace(job, environment=environment, placement=where)


def _placement(device: RecordedDevice | None) -> Placement:
    """Return the placement that a worker chose, as far as its record tells."""
    if device is None:
        return Placement()
    fields = structs.asdict(device)
    precision, tf32 = fields.pop("precision"), fields.pop("tf32")
    return Placement(None if device.kind == "cpu" else Device(**fields), precision, tf32)


def _used_otherwise(record: Record, job: Job, sees_our_folder: bool) -> str | None:
    """Return what the job used at its worker and is another one here; None where all is the same.

    Variables of the environment, and the folders from which Python imports, are the worker's own.
    """
    if record.used is None:
        return None
    own: list[Root] = ["plug-in", "current"] if sees_our_folder else ["plug-in"]
    files = {root: record.used.files[root] for root in own if root in record.used.files}
    used = replace(record.used, files=files, variables={})
    found = changes(used, registry.roots_of(job.choice.entry))
    if not found:
        return None
    return (
        f"what it used at its worker is not what is here: {', '.join(found[:MOST_NAMED])}; with a plug-in go its "
        "Python files, and the data files in its folder that these name; put other data into a package that is "
        "installed on all machines"
    )


def _as_used_here(record: Record, job: Job) -> Record:
    """Return a record that names the plug-in's folder by its path from the current folder of the driver."""
    used: dict[str, Any] | None = record.document.get("used")
    if used is None:
        return record
    folder = registry.roots_of(job.choice.entry).plugin_from_current
    return replace(record, document={**record.document, "used": {**used, "folder": folder}})
