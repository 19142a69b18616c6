"""The commands that are killed: how each is set up, and when its end is right."""

from __future__ import annotations

import csv
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cases import require
from checks import DATA, figures, no_traceback, same_accuracy, verified
from honest import HONEST, RUN
from sandbox import RECBENCH, Finished, Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent

KILLED = ("-r", "popularity", "-r", "random", "-r", "mine", "--plugin", "mine.py")
"""What a run has that is killed."""

GRID = "[als]\nepochs = 3\nreg = [1.0, 2.0, 3.0]\n"

ALLOWANCE = 60.0
"""The seconds that a command without a fault may take, on however busy a machine."""


@dataclass
class Victim:
    """A command and the right outcome of it.

    Parameters
    ----------
    name
        What the page calls it.
    arguments, program
        The command.
    before
        A folder whose files lie in the current folder when it starts; None for none.
    seconds
        How long it takes.
    reference
        What `outcome` is after a run without a fault.
    """

    name: str
    arguments: Sequence[str]
    program: Sequence[str] = RECBENCH
    before: Path | None = None
    seconds: float = 0.0
    reference: Any = None
    results: str = "results"

    def lay_out(self, place: Sandbox) -> None:
        """Put the files that the command reads into its current folder."""
        (place.work / "mine.py").write_text(HONEST)
        (place.work / "grid.toml").write_text(GRID)
        if self.before is not None:
            shutil.copytree(self.before, place.work, dirs_exist_ok=True)

    def environment(self, place: Sandbox) -> dict[str, str]:
        """Return the environment of the command."""
        return place.environment()

    def run(self, place: Sandbox) -> Finished:
        """Run the command to its end."""
        return place.start(self.arguments, program=self.program, environment=self.environment(place)).wait(ALLOWANCE)

    def measure(self, folder: Path) -> None:
        """Run the command without a fault, and keep what it came to."""
        place = Sandbox(folder)
        self.lay_out(place)
        finished = self.run(place)
        require(finished.code == 0, f"{self.name} without a fault ended with {finished.code}: {finished.said()}")
        self.seconds, self.reference = finished.seconds, self.outcome(place, finished)

    def outcome(self, place: Sandbox, finished: Finished) -> Any:
        """Return what is compared with the reference."""
        return figures(finished.out)

    def check_what_is_shown(self, finished: Finished) -> None:
        """Check the rows of a run in which a job was killed."""
        same_accuracy(figures(finished.out), self.reference)

    def check_between(self, place: Sandbox) -> None:
        """Check what lies there after the kill."""

    def check_end(self, place: Sandbox, finished: Finished) -> None:
        """Check that the outcome is that of a run without a fault."""
        found = self.outcome(place, finished)
        require(found == self.reference, f"{self.name} came to {found}, expected {self.reference}")
        if (place.work / self.results / "records").exists():
            verified(place.work / self.results)


class Search(Victim):
    """``tune``: what counts is what was tried and how well it did, without the seconds."""

    def outcome(self, place: Sandbox, finished: Finished) -> Any:
        """Return the trials without their times."""
        with (place.work / self.results / "trials.csv").open(newline="") as stream:
            return [{name: cell for name, cell in row.items() if name != "seconds"} for row in csv.DictReader(stream)]

    def check_what_is_shown(self, finished: Finished) -> None:
        """Nothing is shown that could be wrong before the search is complete."""


class Page(Victim):
    """``report``: the page is whole, the old one or the new one."""

    def outcome(self, place: Sandbox, finished: Finished) -> Any:
        """Return the page."""
        return (place.work / "results" / "report.html").read_bytes()

    def check_between(self, place: Sandbox) -> None:
        """Check that the page is the old one or the new one."""
        page = place.work / "results" / "report.html"
        if page.exists():
            require(page.read_bytes() == self.reference, "half a page lies there")
        left = [
            path.name
            for path in page.parent.iterdir()
            if path.suffix not in (".html", ".json", "") or "draft" in path.name
        ]
        require(not left, f"left beside the page: {left}")

    def check_end(self, place: Sandbox, finished: Finished) -> None:
        """Check the page, without printing it."""
        require(self.outcome(place, finished) == self.reference, "the page differs from that of a run without a fault")
        beside = sorted(path.name for path in (place.work / "results").iterdir())
        require(beside == BESIDE_A_PAGE, f"left beside the page: {beside}")


class Files(Victim):
    """``export``: each file is whole, or not there."""

    def outcome(self, place: Sandbox, finished: Finished) -> Any:
        """Return the files."""
        return {path.name: path.read_bytes() for path in (place.work / self.results).glob("*")}

    def check_between(self, place: Sandbox) -> None:
        """Check that each file that is there is whole; make room, because the command writes over nothing."""
        exported = place.work / self.results
        for path in exported.glob("[!.]*"):
            require(path.read_bytes() == self.reference.get(path.name), f"half of {path.name} lies there")
        shutil.rmtree(exported, ignore_errors=True)


BESIDE_A_PAGE = [".lock", "manifest.json", "records", "report.html"]


@dataclass
class Download(Victim):
    """``run`` on a dataset that is fetched, slowly, from a server on this machine."""

    address: str = field(default="")

    def environment(self, place: Sandbox) -> dict[str, str]:
        """Return the environment, with the place of the packages that serve the data."""
        return place.environment() | {"PYTHONPATH": f"{HERE}:{place.environment()['PYTHONPATH']}"}

    def check_between(self, place: Sandbox) -> None:
        """Check that the cache has the whole file or none."""
        kept = place.home / "cache" / "ml-100k" / "u.data"
        require(not kept.exists() or kept.stat().st_size > 0, "half a file lies in the cache")


def prepare(name: str, folder: Path) -> Victim:
    """Return a victim, run once without a fault."""
    victim = VICTIMS[name]
    if name in BEFORE:
        victim.before = _before(name, folder / "before")
    victim.measure(folder / "whole")
    return victim


def _before(name: str, folder: Path) -> Path:
    """Return a folder with the records that are reported, or the scores that are ranked."""
    place = Sandbox(folder)
    if name == "score":
        write_scores(place.work / "theirs.csv")
        return place.work
    (place.work / "mine.py").write_text(HONEST)
    finished = place.run([*RUN, "-r", "popularity", "-r", "random"], ALLOWANCE)
    no_traceback(finished)
    return place.work


def write_scores(path: Path) -> None:
    """Write a score for each user and item of the data."""
    from protocol.data.loading import load_dataset

    dataset = load_dataset(DATA[1])
    with path.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(("user", "item", "score"))
        rows.writerows(
            (user, item, -(number * 7919 % 997))
            for user in dataset.user_ids
            for number, item in enumerate(dataset.item_ids)
        )


BEFORE = ("report", "table", "score")
"""The victims that read what lies there before."""

TUNE = ("tune", *DATA, "--threads", "1", "--grid", "grid.toml", "--out", "tuned")

VICTIMS = {
    "run": Victim("run", (*RUN, *KILLED)),
    "tune": Search("tune", TUNE, results="tuned"),
    "report": Page("report", ("report", "results")),
    "table": Victim("table", ("table", "results", "--format", "json")),
    "export": Files("export", ("export", *DATA, "--format", "ncf", "--out", "exported"), results="exported"),
    "score": Victim("score", ("score", "theirs.csv", *DATA, "--format", "json", "--out", "results")),
    "download": Download(
        "download",
        (
            *RUN[:1],
            "--dataset",
            "ml-100k",
            "--negatives",
            "20",
            "--format",
            "json",
            "--out",
            "results",
            "-r",
            "popularity",
        ),
        program=(sys.executable, str(HERE / "slow_server.py")),
    ),
}
"""The commands by their names."""
