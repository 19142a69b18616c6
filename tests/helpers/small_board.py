"""A board of three people: two datasets, two splits of one, a job that two ran, a changed record, and data not here."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from hand_made import record
from jobs_here import jobs_here
from many_records import HARM
from studies import keyed, task_of

import bench
from bench.data import Data
from bench.records.store import ARRAYS, Store

if TYPE_CHECKING:
    from collections.abc import Sequence

ONE, TWO = "synthetic:60x80x900", "synthetic:50x70x700"


def run(folder: Path, data: Data, recommenders: Sequence[str], seeds: str = "0", full_limit: int = 10**9) -> None:
    bench.run(data, list(recommenders), seeds=seeds, threads=1, out=folder, full_limit=full_limit, quiet=True)


def write_board(folder: Path) -> Path:
    """Write the board, and return it.

    ``ann`` has two datasets, with two seeds of random. ``bob`` has popularity on the first one, too, which is the same
    job, another split of it, data that nobody else has, and a changed record of item_knn. ``eve`` has names that mean
    harm; their tasks do not exist.
    """
    with jobs_here():
        run(folder / "ann" / "one", Data(ONE, negatives=20), ["popularity", "random"], "0-1")
        run(folder / "ann" / "two", Data(TWO, negatives=20), ["popularity", "random"])
        run(folder / "bob" / "one", Data(ONE, negatives=20), ["popularity", "item_knn"])
        run(folder / "bob" / "other-split", Data(ONE, negatives=20, split="random:3"), ["popularity", "random"])
        run(folder / "bob" / "own", Data(_own_file(folder.parent), negatives=20), ["popularity"])
    (folder / "README.md").write_text("# A board\n")
    change(place_of(folder / "bob" / "one", "item_knn"))
    of, counts = task_of(HARM[0], 4), ([5] * 4, [1] * 4, [2, 1])
    for number, text in enumerate(HARM[:2]):
        made = record(text, [number, 0, 20, 3], of=of, source=str(number), counts=counts)
        Store(folder / "eve").add(keyed(made))
    return folder


def _own_file(folder: Path) -> str:
    stream = np.random.default_rng(0)
    lines = [f"{user},{item},{time}" for time, (user, item) in enumerate(stream.integers(0, (40, 80), (800, 2)))]
    (folder / "own.csv").write_text("\n".join(["user,item,timestamp", *lines, ""]))
    return str(folder / "own.csv")


def place_of(results: Path, name: str) -> Path:
    """Return the folder of the record of a recommender."""
    (found,) = (results / "records").glob(f"{name}-*")
    return found


def change(place: Path) -> None:
    """Change the last byte of a record's ranks."""
    content = (place / ARRAYS).read_bytes()
    (place / ARRAYS).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def copied(board: Path, folder: Path) -> Path:
    """Return a copy of a board, to change."""
    return Path(shutil.copytree(board, folder / "board"))
