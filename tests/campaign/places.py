"""Places in which it is hard to work: full disks, no rights, few files, no home, nobody who reads."""

from __future__ import annotations

import ctypes
import os
import resource
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cases import Case, Kind, require
from checks import figures, no_traceback, same_accuracy, verified
from honest import RUN, SUITE, Stored, stored
from sandbox import Sandbox

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

_CAPBSET_DROP, _DAC_OVERRIDE, _DAC_READ_SEARCH = 24, 1, 2


CLOSED = 141
"""The exit code where nobody reads what is printed: that of a shell for SIGPIPE."""


@dataclass
class Place:
    """A place to work in, which `PLACES` make hard.

    Parameters
    ----------
    box
        Where its folders are.
    draw
        What is random about it.
    environment, before, stdout, out
        How recbench is started there, and where its results go.
    mended
        What makes the place good again.
    """

    box: Sandbox
    draw: random.Random
    environment: dict[str, str]
    before: list[Callable[[], None]] = field(default_factory=list)
    stdout: int | None = None
    out: str = "results"
    mended: list[Callable[[], object]] = field(default_factory=list)


def _without_rights() -> None:
    """Give up, in root's children, what lets root read and write what its mode forbids."""
    for right in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(_CAPBSET_DROP, right, 0, 0, 0)


def _limit(which: int, value: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(which, (value, value))


def full_disk(place: Place) -> None:
    """No file may become longer than some bytes."""
    place.before.append(_limit(resource.RLIMIT_FSIZE, place.draw.choice((0, 100, 1_000, 4_096, 10_000, 30_000))))


def few_files(place: Place) -> None:
    """Few files may be open."""
    place.before.append(_limit(resource.RLIMIT_NOFILE, place.draw.choice((64, 64, 32, 24, 16))))


def little_memory(place: Place) -> None:
    """Little may be addressed."""
    place.before.append(_limit(resource.RLIMIT_AS, place.draw.choice((1, 2, 4)) << 30))


def read_only_results(place: Place) -> None:
    """The results folder, and all in it, may not be written."""
    _closed(place, "results", 0o555, 0o444)


def unreadable_results(place: Place) -> None:
    """The results folder may not be looked into."""
    _closed(place, "results", 0o000, 0o644)


def unreadable_records(place: Place) -> None:
    """The records may not be read."""
    _closed(place, "results/records", 0o755, 0o000)


def _closed(place: Place, folder: str, of_folders: int, of_files: int) -> None:
    target = place.box.work / folder
    before = {path: path.stat().st_mode for path in (target, *target.rglob("*"))}
    for path in sorted(before, reverse=True):
        path.chmod(of_folders if path.is_dir() else of_files)
    place.before.append(_without_rights)
    place.mended.append(lambda: [path.chmod(mode) for path, mode in before.items()])


def read_only_folder(place: Place) -> None:
    """The current folder may not be written."""
    place.out = "new"
    place.box.work.chmod(0o555)
    place.before.append(_without_rights)
    place.mended.append(lambda: place.box.work.chmod(0o755))


def read_only_temporary_folder(place: Place) -> None:
    """The temporary folder may not be written."""
    place.box.tmp.chmod(0o555)
    place.before.append(_without_rights)
    place.mended.append(lambda: place.box.tmp.chmod(0o755))


def no_temporary_folder(place: Place) -> None:
    """The temporary folder is not there."""
    place.environment["TMPDIR"] = str(place.box.folder / "not there")


def no_home(place: Place) -> None:
    """There is no home: not named, named and not there, or a file."""
    place.environment.pop("RECBENCH_CACHE")
    home = place.draw.choice((None, "/nonexistent", "", str(place.box.work / "mine.py")))
    place.environment.pop("HOME") if home is None else place.environment.update(HOME=home)


def no_environment(place: Place) -> None:
    """No variable is set but what keeps its files here."""
    place.environment = {name: place.environment[name] for name in ("PYTHONPATH", "TMPDIR", "RECBENCH_CACHE")}


def closed_output(place: Place) -> None:
    """Nobody reads what it prints."""
    reading, writing = os.pipe()
    os.close(reading)
    place.stdout = writing


def full_output(place: Place) -> None:
    """What it prints finds no room."""
    place.stdout = os.open("/dev/full", os.O_WRONLY)


def no_streams(place: Place) -> None:
    """Its streams are closed."""
    place.before.append(lambda: os.closerange(0, place.draw.choice((1, 2, 3))))


def odd_language(place: Place) -> None:
    """The language is of an old encoding."""
    place.environment |= {
        "LC_ALL": place.draw.choice(("C", "POSIX", "xx_YY.latin1")),
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "ascii",
    }


def results_are_a_file(place: Place) -> None:
    """Where results go is a file, below a file, or a link to nothing."""
    place.out = place.draw.choice(("mine.py", "mine.py/results", "link", "/dev/null"))
    (place.box.work / "link").symlink_to("nothing/there")


def folders_for_files(place: Place) -> None:
    """Where recbench has a file there is a folder."""
    name = place.draw.choice(("manifest.json", ".lock"))
    target, kept = place.box.work / "results" / name, place.box.work / "kept"
    target.rename(kept)
    target.mkdir()
    place.mended.append(lambda: (target.rmdir() if target.is_dir() else target.unlink(), kept.rename(target)))


PLACES = {
    "full disk": full_disk,
    "few open files": few_files,
    "little memory": little_memory,
    "read-only results": read_only_results,
    "unreadable results": unreadable_results,
    "unreadable records": unreadable_records,
    "read-only current folder": read_only_folder,
    "read-only temporary folder": read_only_temporary_folder,
    "no temporary folder": no_temporary_folder,
    "no home": no_home,
    "no environment": no_environment,
    "closed standard output": closed_output,
    "full standard output": full_output,
    "closed streams": no_streams,
    "another encoding": odd_language,
    "results are no folder": results_are_a_file,
    "folders in place of files": folders_for_files,
}


def run_there(case: Case) -> str:
    """Run in a hard place, then once more after it has become a good one."""
    name = list(PLACES)[case.number % len(PLACES)]
    results: Stored = case.prepared
    box = Sandbox(case.folder)
    results.copy_to(box)
    place = Place(box, case.draw(), box.environment())
    PLACES[name](place)
    arguments = [*RUN[:-1], place.out, *SUITE]
    before = place.before

    def harden() -> None:
        for step in before:
            step()

    running = box.start(arguments, environment=place.environment, before=harden, stdout=place.stdout)
    if place.stdout is not None:
        os.close(place.stdout)
    try:
        finished = running.wait(60.0)
        allowed = (0, 1, 2, CLOSED) if place.stdout is not None else (0, 1, 2)
        require(finished.code in allowed, f"{name}: exit code {finished.code}: {finished.said()}")
        no_traceback(finished)
        if finished.code < 2 and finished.out.strip():
            same_accuracy(figures(finished.out), results.reference)
        box.check_nothing_left()
    finally:
        for mend in place.mended:
            mend()
    again = box.run([*RUN, *SUITE])
    require(again.code == 0, f"{name}: run again in a good place, it ended with {again.code}: {again.said()}")
    require(figures(again.out) == results.reference, f"{name}: run again in a good place, rows differ")
    verified(box.work / "results")
    return f"{name}: {DID[finished.code]}"


DID = {0: "all rows are right", 1: "some rows failed", 2: "refused", CLOSED: "ended when nobody read on"}


def prepare(folder: Path) -> Stored:
    """Return results with the accuracy of all rows and the records of two."""
    whole = stored(folder / "whole")
    some = stored(folder / "some", "-r", "popularity", "-r", "random")
    return Stored(some.folder, whole.reference, whole.seconds)


KINDS = (
    Kind(
        "place",
        5 * len(PLACES),
        f"{', '.join(PLACES)}. It works or says why it does not (exit code 2); no traceback; nothing is left behind; "
        "what was stored before is still there, and the same command in a good place comes to the right table.",
        run_there,
        prepare,
    ),
)
