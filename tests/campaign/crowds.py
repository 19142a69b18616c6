"""Several runs in one results folder at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cases import Case, Kind, require
from checks import figures, no_traceback, same_accuracy, verified
from honest import HONEST, RUN, Stored, stored
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = ("popularity", "random", "mine", "user_knn")


def _together(n_runs: int) -> Callable[[Case], str]:
    def run(case: Case) -> str:
        reference: Stored = case.prepared
        place, draw = Sandbox(case.folder), case.draw()
        (place.work / "mine.py").write_text(HONEST)
        runs = []
        for _ in range(n_runs):
            names = draw.sample(SHARED, draw.randint(1, len(SHARED)))
            asked = [word for name in names for word in ("-r", name)]
            runs.append((set(names), place.start([*RUN, *asked, "--plugin", "mine.py"])))
        for names, running in runs:
            finished = running.wait(n_runs * 10 * reference.seconds)
            no_traceback(finished)
            require(finished.code == 0, f"it ended with {finished.code}: {finished.said()}")
            found = figures(finished.out)
            require(found.keys() >= names, f"rows of {sorted(found)}, expected {sorted(names)}")
            same_accuracy(found, reference.reference)
        place.check_nothing_left()
        verified(place.work / "results")
        return "all rows of all runs are right"

    return run


KINDS = tuple(
    Kind(
        f"{word}-runs",
        10,
        "Each run ends with exit code 0, and its rows are those of a run alone; `verify` passes.",
        _together(n_runs),
        stored,
    )
    for word, n_runs in (("two", 2), ("four", 4))
)
