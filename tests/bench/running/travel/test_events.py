"""Events through a folder: each line once, half a line never."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from waiting import wait_until

from bench.running.progress.listening import Silence
from bench.running.travel import events
from bench.running.travel.events import EventFile, EventFolder
from bench.running.travel.visiting import BEGUN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from bench.running.plan import Job


class Noted(Silence):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def started(self, job: Job) -> None:
        self.told.append((job.title, "started"))

    def reported(self, job: Job, event: Any) -> None:
        self.told.append((job.title, event["phase"]))


def until(noted: Noted, number: int) -> list[Any]:
    wait_until(lambda: len(noted.told) >= number)
    return noted.told


def test_lines_of_two_jobs_arrive_once_and_whole(
    plan: Callable[..., list[Job]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LOOK_SECONDS", 0.01)
    one, other = plan(["popularity", "ease"])
    noted = Noted()
    folder = EventFolder(tmp_path, {"1": one, "2": other}, noted)
    EventFile(tmp_path, "1").write(dict(BEGUN))
    assert until(noted, 1) == [("popularity", "started")]
    with (tmp_path / "2").open("wb") as half:
        half.write(b'junk\n{"phase": "nonsense"}\n{"phase": "sc')
        half.flush()
        EventFile(tmp_path, "1").write({"phase": "fit"})
        assert until(noted, 2)[1:] == [("popularity", "fit")]
        half.write(b'ore"}\n')
    assert until(noted, 3)[2:] == [("ease", "score")]
    (tmp_path / "3").write_text('{"phase": "fit"}\n')
    folder.close()
    assert len(noted.told) == 3


def test_a_folder_that_cannot_be_written_costs_the_events_alone(tmp_path: Path) -> None:
    EventFile(tmp_path / "not there", "1").write({"phase": "fit"})
