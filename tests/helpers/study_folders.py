"""A study as it is stored: a folder for each of three datasets, with an ablation, a failure and a missing row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hand_made import TIMEOUT, record
from settings_of_one import with_parameters
from studies import keyed, task_of

from bench.records.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from bench.records.record import Record

N_USERS = 12
DATASETS = ("one", "two", "three")


def write_study(folder: Path) -> Path:
    """Write the folders of a study into one folder, and return it.

    By NDCG, the rows are in the order ease, mf:a=4, mf:a=2, mf:a=1, als, on each dataset. On ``two`` there is no als,
    on ``three`` pop failed, which the others do not have.
    """
    for name in DATASETS:
        for made in rows_of(name):
            Store(folder / name).add(keyed(made))
    return folder


def rows_of(name: str) -> list[Record]:
    """Return the records of one dataset."""
    of = task_of(name, N_USERS, notes=[])
    rows = [("ease", 0, {"reg": 1}), *((f"mf:a={a}", 5 - a, {"a": a}) for a in (1, 2, 4)), ("als", 9, {"reg": 2})]
    made = [
        with_parameters(
            record(
                label,
                [place] * N_USERS,
                full=[9 * place] * N_USERS,
                of=of,
                fit=1.0 + place,
                deterministic=True,
                top=[[0]] * N_USERS,
                counts=(np.full(N_USERS, 5), np.ones(N_USERS, int), np.array([2, 1])),
            ),
            label.split(":")[0],
            parameters,
        )
        for label, place, parameters in rows
        if (name, label) != ("two", "als")
    ]
    return [*made, record("pop", [], failure=TIMEOUT, of=of)] if name == "three" else made
