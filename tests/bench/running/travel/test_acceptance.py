"""A record that came back is of the job that was sent, and of the files and libraries that are here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jobs_here import jobs_here

from bench.running.travel.acceptance import accepted
from bench.running.travel.visiting import visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.records.record import Record
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


@pytest.fixture
def here() -> Iterator[None]:
    """Run a test's jobs in this process, and so in the current folder."""
    with jobs_here():
        yield


@pytest.fixture
def came_back(
    plan: Plan, plugin: Plugin, parcel_of: ParcelOf, blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Record]:
    """Return a function that runs `READS` at a worker, and returns what the driver makes of its record."""

    def run(parameters: str = "", meanwhile: Callable[[Path], object] = lambda _: None) -> Record:
        monkeypatch.chdir(tmp_path)
        path = Path(plugin(READS, "reads.py"))
        path.with_name("weights.txt").write_text("-1.0")
        (job,) = plan([f"reads{parameters}"], [str(path)])
        parcel = parcel_of(job)
        answer = visit(parcel, blobs)
        meanwhile(path)
        return accepted(answer.bundle, job)[0]

    return run


@pytest.mark.usefixtures("here")
def test_a_data_file_that_the_source_names_travels_with_it(came_back: Callable[..., Record]) -> None:
    record = came_back()
    assert record.failure is None
    assert record.used is not None
    assert set(record.used.files["plug-in"]) >= {"weights.txt"}


@pytest.mark.usefixtures("here")
def test_data_that_changed_meanwhile_cost_the_row(came_back: Callable[..., Record]) -> None:
    record = came_back(meanwhile=lambda path: path.with_name("weights.txt").write_text("2.0"))
    assert record.failure is not None
    assert record.failure.message.startswith(
        "what it used at its worker is not what is here: weights.txt has changed; with a plug-in go its Python files"
    )


def test_data_that_did_not_travel_are_never_silently_missing(came_back: Callable[..., Record], tmp_path: Path) -> None:
    (tmp_path / "others.txt").write_text("-1.0")
    record = came_back(":path=others.txt")
    assert record.failure is not None
    assert "others.txt is new" in record.failure.message
