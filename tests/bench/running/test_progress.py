"""What a run shows: lines that a log can hold, and a live view that ends as lines."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import hand_made
import pytest
from rich.cells import cell_len
from rich.console import Console

from bench.running.progress.choosing import make_progress
from bench.running.progress.listening import Silence
from bench.running.progress.live_view import LiveView
from bench.running.progress.plain_lines import PlainLines
from bench.running.progress.texts import epoch_text, opening
from protocol.scratch import scratch_folder

if TYPE_CHECKING:
    from bench.records.record import Record

FOLDER = Path("runs/ml-100k")


def job(row: str, seed: str = "") -> Any:
    title = f"{row}, {seed}" if seed else row
    return SimpleNamespace(key=title, title=title, row_name=row, seed_text=seed)


def ended(*, failure: str | None = None, best_epoch: int | None = None) -> Record:
    # Ranks 1 and 3: NDCG is the mean of 1 and 1/log2(4).
    return hand_made.record(
        "als",
        [0, 2],
        fit=1.234,
        failure={"kind": "raised", "message": failure} if failure else None,
        selection={"best_epoch": best_epoch, "seconds": 1.0, "curve": [], "patience": 5} if best_epoch else None,
    )


EPOCH = {"phase": "fit", "epoch": 3, "epochs": 30, "loss": 0.41234, "seconds": 1.5}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "fitting, epoch 3 of 30, loss 0.4123, 14 s left"),
        ({"epochs": None}, "fitting, epoch 3, loss 0.4123"),
        ({"loss": None, "epochs": 3}, "fitting, epoch 3 of 3, 0 s left"),
        ({"seconds": 150}, "fitting, epoch 3 of 30, loss 0.4123, 22 min left"),
        ({"seconds": 1500}, "fitting, epoch 3 of 30, loss 0.4123, 3.8 h left"),
        (
            {"phase": "selection", "NDCG@10": 0.3942},
            "validating, epoch 3 of 30, NDCG@10 .3942, loss 0.4123, at most 14 s left",
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


def test_what_is_not_kept_is_not_said_to_be_stored() -> None:
    with scratch_folder() as folder:
        assert opening(2, 0, folder) == "2 jobs to run; no record is kept"


@pytest.mark.parametrize(
    ("n_jobs", "n_more", "expected"),
    [
        (2, 22, "at most 24 jobs to run; records go to runs/ml-100k"),
        (2, None, "jobs run until the budget is spent; records go to runs/ml-100k"),
        (0, 3, "no jobs to run; records go to runs/ml-100k"),
    ],
)
def test_jobs_that_may_follow_are_counted(n_jobs: int, n_more: int | None, expected: str) -> None:
    assert opening(n_jobs, 0, FOLDER, n_more) == expected


@pytest.mark.parametrize(("n_more", "places"), [(9, ["[ 1/10]", "[ 2/10]"]), (None, ["[1]", "[2]"])])
def test_jobs_that_follow_are_numbered_on(n_more: int | None, places: list[str]) -> None:
    lines: list[str] = []
    view, one, two = PlainLines(lines.append), job("one"), job("two")
    view.begin([one], n_stored=0, folder=FOLDER, n_more=n_more)
    for each in (one, two):
        view.added([] if each is one else [two])
        view.started(each)
        view.ended(each, ended())
    assert [line.partition("]")[0] + "]" for line in lines[1:]] == places


def go_through(progress: Any, wait: Any = lambda: None) -> None:
    als, bad = job("als", "seed 0"), job("b\x1b[31mad")
    with progress:
        progress.begin([als, bad], n_stored=0, folder=FOLDER)
        progress.explained("als is fitted anew: a\x1b[31mb.json has changed")
        progress.started(als)
        progress.reported(als, {"phase": "fit"})
        progress.reported(als, {**EPOCH, "epoch": 1})
        wait()
        progress.reported(als, EPOCH)
        progress.reported(als, {**EPOCH, "epoch": 4})
        progress.reported(als, {"phase": "score"})
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
        r"als is fitted anew: a\x1b[31mb.json has changed",
        "[1/2] als, seed 0: fitting, epoch 3 of 30, loss 0.4123, 14 s left",
        "[1/2] als, seed 0: NDCG@10 .7500, fitted in 1.23 s, best epoch 4",
        r"[2/2] b\x1b[31mad: FAILED: ValueError: no \x1b[2Jluck [bold]",
    ]


def test_the_live_view_leaves_lines() -> None:
    screen = io.StringIO()
    go_through(LiveView(Console(file=screen, width=100, force_terminal=False, color_system=None)))
    lines = [line.rstrip() for line in screen.getvalue().splitlines() if line.strip()]
    assert lines[:2] == [
        "2 jobs to run; records go to runs/ml-100k",
        r"als is fitted anew: a\x1b[31mb.json has changed",
    ]
    assert "als          1 seed    NDCG@10 .7500  fit    1.23 s  best epoch 4" in lines
    assert r"b\x1b[31mad            FAILED: ValueError: no \x1b[2Jluck [bold]" in lines


def shown_at(width: int, *events: dict[str, Any], row: str = "als", wait: float = 0.0) -> str:
    """Return what a terminal of this width shows after the events, without the movements of its cursor."""
    screen, now, one = io.StringIO(), [100.0], job(row, "seed 0")
    console = Console(file=screen, width=width, force_terminal=True, color_system=None)
    view = LiveView(console, timeout=3600.0, clock=lambda: now[0])
    with view:
        view.begin([one], n_stored=0, folder=FOLDER)
        view.started(one)
        for event in events:
            view.reported(one, event)
        now[0] += wait
        before = len(screen.getvalue())
        view._bars.refresh()
        return re.sub(r"\x1b\[[0-9?]*[A-Za-z]", "", screen.getvalue()[before:])


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize(("seconds", "left"), [(1.5, "14 s"), (9000, "22.5 h")])
@pytest.mark.parametrize("row", ["als", "推薦器" * 30])
def test_at_any_usual_width_are_seed_score_loss_and_time_left(width: int, seconds: float, left: str, row: str) -> None:
    """9,000 s for three epochs are 22.5 h for the other 27."""
    event = {**EPOCH, "phase": "selection", "NDCG@10": 0.3942, "seconds": seconds}
    shown = shown_at(width, event, row=row)
    assert "seed 0" in shown
    assert "3/30" in shown
    assert "NDCG@10 .3942, loss 0.4123 " in shown
    assert f"{left} left" in shown
    assert all(cell_len(line) <= width for line in re.split("[\r\n]+", shown))
    assert ("validating" in shown) == (width == 160)


def test_a_narrow_terminal_loses_words_and_not_the_view() -> None:
    shown = shown_at(40, EPOCH)
    assert "3/30" in shown
    assert all(cell_len(line) <= 40 for line in re.split("[\r\n]+", shown))


def test_scoring_has_no_estimate_of_the_time_left() -> None:
    shown = shown_at(80, EPOCH, {"phase": "score"}, wait=12.0)
    assert "scoring" in shown
    assert "3/30" not in shown
    assert "12 s of 60 min" in shown


def test_a_job_that_hangs_says_when_it_is_stopped() -> None:
    """Its epochs would have ended after 13.5 s."""
    assert "14 s left" in shown_at(80, EPOCH)
    assert "20 s of 60 min" in shown_at(80, EPOCH, wait=20.0)
    assert "5 s of 60 min" in shown_at(80, wait=5.0)


def test_the_time_left_for_all_jobs_is_told_by_those_that_have_ended() -> None:
    """One of three jobs took 10 s."""
    screen, now = io.StringIO(), [0.0]
    console = Console(file=screen, width=80, force_terminal=True, color_system=None)
    jobs = [job("als", f"seed {number}") for number in range(3)]
    view = LiveView(console, clock=lambda: now[0])
    with view:
        view.begin(jobs, n_stored=0, folder=FOLDER)
        view.started(jobs[0])
        now[0] += 10.0
        view.ended(jobs[0], ended())
        view._bars.refresh()
    assert re.search(r"all jobs .* 1/3 +~20 s left", screen.getvalue())


def test_a_row_is_one_line_when_all_its_seeds_have_ended() -> None:
    """Ranks 1 and 3 give .75 for each seed; the second row is stopped with one of two seeds."""
    screen = io.StringIO()
    view = LiveView(Console(file=screen, width=100, force_terminal=False, color_system=None))
    whole, half = ([job(row, f"seed {number}") for number in range(2)] for row in ("als", "neumf:reg=1"))
    with view:
        view.begin([*whole, *half, job("ease")], n_stored=0, folder=FOLDER)
        for one in (whole[0], half[0], whole[1]):
            view.started(one)
            view.ended(one, ended(failure="no luck" if one is half[0] else None))
        view.started(job("ease"))
        view.ended(job("ease"), ended())
    lines = [line.rstrip() for line in screen.getvalue().splitlines() if line.strip()]
    assert lines[1:] == [
        "als          2 seeds   NDCG@10 .7500  fit    1.23 s",
        "ease                   NDCG@10 .7500  fit    1.23 s",
        "neumf:reg=1  1 of 2 seeds  FAILED: no luck",
    ]


def test_the_view_counts_what_failed() -> None:
    screen = io.StringIO()
    view = LiveView(Console(file=screen, width=80, force_terminal=True, color_system=None))
    with view:
        view.begin([job("a"), job("b"), job("c")], n_stored=0, folder=FOLDER)
        for title in ("a", "b"):
            view.started(job(title))
            view.ended(job(title), ended(failure="no luck" if title == "b" else None))
        view._bars.refresh()
        assert re.search(r"all jobs .* 2/3 1 failed", screen.getvalue())


@pytest.mark.parametrize(
    ("variables", "expected"), [({}, LiveView), ({"TERM": "dumb"}, PlainLines), ({"CI": "true"}, PlainLines)]
)
def test_a_live_view_is_for_terminals_that_show_it(
    variables: dict[str, str], expected: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    for name in ("TERM", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert type(make_progress()) is expected


@pytest.mark.parametrize(("no_color", "red"), [("1", False), ("", True)])
def test_no_color_means_none(no_color: str, red: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """https://no-color.org: a variable that is there and not empty."""
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm-256color")
    screen = io.StringIO()
    go_through(LiveView(Console(file=screen, width=80, force_terminal=True, color_system="standard")))
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-7]", screen.getvalue())) == red


def test_no_terminal_no_live_view() -> None:
    assert isinstance(make_progress(), PlainLines)
    assert type(make_progress(quiet=True)) is Silence
