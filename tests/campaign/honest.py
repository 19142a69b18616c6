"""A plug-in that does nothing wrong, and a prepared results folder with what it and popularity come to."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases import require
from checks import DATA, figures
from sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from checks import Figures

HONEST = """
import numpy as np

class Mine:
    deterministic = True

    def fit(self, train, *, rng):
        self.n_items = train.n_items
        return self

    def score(self, users, items):
        return -((items * 7919) % 997).astype(float)

    def score_all(self, users):
        return np.tile(-((np.arange(self.n_items) * 7919) % 997).astype(float), (len(users), 1))
"""

RUN = ("run", *DATA, "--threads", "1", "--format", "json", "--out", "results")
SUITE = ("-r", "popularity", "-r", "random", "-r", "mine", "-r", "user_knn", "--plugin", "mine.py")


@dataclass(frozen=True)
class Stored:
    """Results of a run without a fault: their folder, their accuracy, and the seconds that the run took."""

    folder: Path
    reference: Figures
    seconds: float

    def copy_to(self, place: Sandbox) -> Path:
        """Copy the results and the plug-in into the current folder of a case; return the copy of the results."""
        shutil.copytree(self.folder / "work", place.work, dirs_exist_ok=True)
        return place.work / "results"


def stored(folder: Path, *recommenders: str) -> Stored:
    """Run recommenders, the whole suite of the campaign by default, into ``work/results`` of a folder."""
    place = Sandbox(folder)
    (place.work / "mine.py").write_text(HONEST)
    finished = place.run([*RUN, *(recommenders or SUITE)], 300)
    require(finished.code == 0, f"the run without a fault ended with {finished.code}: {finished.said()}")
    return Stored(folder, figures(finished.out), finished.seconds)
