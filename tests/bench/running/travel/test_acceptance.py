"""A record that came back is of the job that was sent, and of the files and libraries that are here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench.machine.devices.choosing import Asked, Placement
from bench.machine.devices.device import Device
from bench.machine.environment import versions
from bench.records.making import failed_record
from bench.records.outcome import Failure
from bench.running.travel.acceptance import accepted
from bench.running.travel.bundle import BundleError, bundle
from bench.running.travel.visiting import visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.running.plan import Job
    from bench.running.travel.blobs import Blobs

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]
    ParcelOf = Callable[[Job], bytes]

READS = """
from pathlib import Path

class Reads:
    deterministic = True
    def __init__(self, path: str = ""):
        self.path = path
    def fit(self, train, *, rng):
        place = Path(self.path) if self.path else Path(__file__).with_name("weights.txt")
        try:
            self.weight = float(place.read_text())
        except OSError:
            self.weight = 1.0
        return self
    def score(self, users, items):
        return -items * self.weight
"""


def at_a_worker(job: Job, parcel_of: ParcelOf, blobs: Blobs) -> bytes:
    """Return the record that came back, from a process of the job's own: nothing else is opened there."""
    return visit(parcel_of(job), blobs).bundle


def test_data_that_the_source_names_travel_and_cost_the_row_where_they_changed_meanwhile(
    plan: Plan, parcel_of: ParcelOf, blobs: Blobs, tmp_path: Path
) -> None:
    source, weights = tmp_path / "reads.py", tmp_path / "weights.txt"
    source.write_text(READS)
    weights.write_text("-1.0")
    (job,) = plan(["reads"], [str(source)])
    bundle = at_a_worker(job, parcel_of, blobs)
    record = accepted(bundle, job)[0]
    assert record.failure is None
    assert record.used is not None
    assert set(record.used.files["plug-in"]) >= {"weights.txt"}

    weights.write_text("2.0")
    failure = accepted(bundle, job)[0].failure
    assert failure is not None
    assert failure.message.startswith(
        "what it used at its worker is not what is here: weights.txt has changed; with a plug-in go its Python files"
    )


def test_data_that_did_not_travel_are_never_silently_missing(
    plan: Plan, plugin: Plugin, parcel_of: ParcelOf, blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "others.txt").write_text("-1.0")
    (job,) = plan(["reads:path=others.txt"], [plugin(READS, "reads.py")])
    failure = accepted(at_a_worker(job, parcel_of, blobs), job)[0].failure
    assert failure is not None
    assert "others.txt is new" in failure.message


def test_a_device_that_was_not_asked_for_is_refused(plan: Plan) -> None:
    environment = {"cpu": "A_CPU", "versions": versions()}
    job = replace(plan(["ease"], environment=environment)[0], asked=Asked("cuda"))
    for where, is_accepted in ((Placement(Device("cuda", 0, "A GPU")), True), (Placement(), False)):
        content = bundle(failed_record(replace(job, placement=where).document, Failure("raised", "not today")))
        if is_accepted:
            assert accepted(content, job)[0].failed
        else:
            with pytest.raises(BundleError, match="its device is not the one that was asked for"):
                accepted(content, job)
