"""What is written on a full disk leaves the old file whole, and no part of the new one."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import hand_made
import pytest

import bench
from bench.cli.main import main
from bench.records.store import Store
from bench.timing.baseline import write_baseline
from bench.timing.timings import Measured
from bench.tuning.search import Search
from bench.tuning.tuned_file import Tuned

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function after which only half of each file finds room."""

    def half(path: Path, content: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return lambda: monkeypatch.setattr(Path, "write_bytes", half)


RESULTS = bench.Results((hand_made.EASE, *hand_made.BPR), Path())

WRITERS: dict[str, Callable[[Path], object]] = {
    "report.html": lambda place: bench.report(RESULTS, place),
    "pareto.svg": lambda place: bench.plot("pareto", RESULTS, place),
    "trials.csv": lambda place: Search((), {}, place.parent).write(),
    "tuned.toml": lambda place: Tuned({"ease": {"reg": 1.0}}, {}, {}).write(place),
    "baseline.json": lambda place: write_baseline(place, Measured({"versions": {"python": "3.11"}}, {})),
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_old_file_stays(
    name: str, tmp_path: Path, full_disk: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.page.page.page", lambda *_, **__: "a page")
    monkeypatch.setattr("bench.charts.library.image", lambda *_: b"a picture")
    monkeypatch.setattr("bench.tuning.search.csv_text", lambda _: "trials")
    place = tmp_path / name
    WRITERS[name](place)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert before[name]
    full_disk()
    with pytest.raises(OSError, match="No space left on device"):
        WRITERS[name](place)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_record_that_finds_no_room_leaves_the_old_one(
    tmp_path: Path, full_disk: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    old = hand_made.record("ease", [0, 1], counts=([1, 2], [0, 1], [0, 1, 2]))
    new = hand_made.record("ease", [1, 1], counts=([1, 2], [0, 1], [0, 1, 2]))
    Store(tmp_path).add(old)
    full_disk()
    with pytest.raises(OSError, match="No space left on device"):
        Store(tmp_path).add(new)
    assert main(["table", str(tmp_path)]) == 0
    assert Store(tmp_path).find(old.key).ranks.n_better.tolist() == [0, 1]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "manifest.json", "records"]
