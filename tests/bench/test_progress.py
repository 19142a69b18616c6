"""What a run shows: lines that a log can hold, and a live view that ends as lines."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from bench.progress import LiveView, PlainLines, Silence, epoch_text, make_progress, opening
from bench.store import Record
from protocol.ranking import Ranks

FOLDER = Path("runs/ml-100k")


def job(title: str) -> Any:
    return SimpleNamespace(key=title, title=title)


def ended(*, failure: str | None = None, best_epoch: int | None = None) -> Record:
    document = {
        "status": "failed" if failure else "ok",
        "failure": {"message": failure},
        "time": {"fit_seconds": 1.234},
        "selection": {"best_epoch": best_epoch} if best_epoch else None,
    }
    # Ranks 1 and 3: NDCG is the mean of 1 and 1/log2(4).
    return Record(document, None if failure else Ranks(np.array([0, 2]), np.zeros(2), np.full(2, 100)))


EPOCH = {"phase": "fit", "epoch": 3, "epochs": 30, "loss": 0.41234, "seconds": 1.5}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "fitting, epoch 3 of 30, 14 s left, loss 0.4123"),
        ({"epochs": None}, "fitting, epoch 3, loss 0.4123"),
        ({"loss": None, "epochs": 3}, "fitting, epoch 3 of 3, 0 s left"),
        (
            {"phase": "selection", "NDCG@10": 0.3942},
            "validating, epoch 3 of 30, NDCG@10 .3942, at most 14 s left, loss 0.4123",
        ),
    ],
)
def test_an_epoch_says_where_it_is(changes: dict[str, Any], expected: str) -> None:
    # 1.5 s for three epochs are 13.5 s for the other 27.
    assert epoch_text({**EPOCH, **changes}) == expected


@pytest.mark.parametrize(
    ("n_jobs", "n_stored", "expected"),
    [
        (7, 0, "7 jobs to run; records go to runs/ml-100k"),
        (1, 3, "3 jobs are stored in runs/ml-100k already; 1 job to run"),
        (0, 1, "1 job is stored in runs/ml-100k already; no jobs to run"),
    ],
)
def test_what_is_stored_and_what_is_not_is_said_first(n_jobs: int, n_stored: int, expected: str) -> None:
    assert opening(n_jobs, n_stored, FOLDER) == expected


def go_through(progress: Any, wait: Any = lambda: None) -> None:
    als, bad = job("als, seed 0"), job("b\x1b[31mad")
    with progress:
        progress.begin([als, bad], n_stored=0, folder=FOLDER)
        progress.started(als)
        progress.told(als, {"phase": "fit"})
        progress.told(als, {**EPOCH, "epoch": 1})
        wait()
        progress.told(als, EPOCH)
        progress.told(als, {**EPOCH, "epoch": 4})
        progress.told(als, {"phase": "score"})
        progress.ended(als, ended(best_epoch=4))
        progress.started(bad)
        progress.ended(bad, ended(failure="ValueError: no \x1b[2Jluck [bold]"))


def test_plain_lines_are_few_and_harmless() -> None:
    lines: list[str] = []
    now = [100.0]

    def ten_seconds_later() -> None:
        now[0] += 10.0

    go_through(PlainLines(lines.append, clock=lambda: now[0]), ten_seconds_later)
    assert lines == [
        "2 jobs to run; records go to runs/ml-100k",
        "[1/2] als, seed 0: fitting, epoch 3 of 30, 14 s left, loss 0.4123",
        "[1/2] als, seed 0: NDCG@10 .7500, fitted in 1.23 s, best epoch 4",
        r"[2/2] b\x1b[31mad: FAILED: ValueError: no \x1b[2Jluck [bold]",
    ]


def test_the_live_view_leaves_lines() -> None:
    screen = io.StringIO()
    go_through(LiveView(Console(file=screen, width=100, force_terminal=False, color_system=None)))
    lines = [line.rstrip() for line in screen.getvalue().splitlines() if line.strip()]
    assert lines[0] == "2 jobs to run; records go to runs/ml-100k"
    assert "als, seed 0: NDCG@10 .7500, fitted in 1.23 s, best epoch 4" in lines
    assert r"b\x1b[31mad: FAILED: ValueError: no \x1b[2Jluck [bold]" in lines


@pytest.mark.parametrize("width", [80, 160])
def test_the_live_view_shows_the_epoch(width: int) -> None:
    screen = io.StringIO()
    view = LiveView(Console(file=screen, width=width, force_terminal=True, color_system=None))
    with view:
        view.begin([job("als, seed 0")], n_stored=0, folder=FOLDER)
        view.started(job("als, seed 0"))
        view.told(job("als, seed 0"), EPOCH)
        view._bars.refresh()
        shown = screen.getvalue()
    assert "als, seed 0" in shown
    assert "3/30" in shown
    assert "fitting, 14 s left" in shown
    with view:
        view.told(job("als, seed 0"), {"phase": "score"})
        view._bars.refresh()
        assert "0/?" in screen.getvalue()[len(shown) :], "nobody knows how long scoring takes"
    assert max(len(line) for line in shown.replace("\r", "\n").splitlines() if "\x1b" not in line) <= width


def test_no_terminal_no_live_view() -> None:
    assert isinstance(make_progress(), PlainLines)
    assert type(make_progress(quiet=True)) is Silence
