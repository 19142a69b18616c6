"""A sequential model of RecTools as a program (see ``../COMMAND.md``): ``program.py MODEL fit|score FOLDER``.

It runs in an environment of its own, ``requirements.txt``. RecTools learns from users of two items or more, and does
not know the others' items: to everyone they come last. To a user without any all items are equal.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from rectools import Columns, models
from rectools.dataset import Dataset

FITTED = "fitted.pkl"
USERS_AT_ONCE = 256


def fit(name: str, folder: Path, job: dict[str, Any]) -> None:
    """Train the model on ``train.csv`` and keep it."""
    from pytorch_lightning import seed_everything

    seed_everything(job["seed"], workers=True, verbose=False)
    model = getattr(models, name)(**job["parameters"], deterministic=True)
    model.fit(read_interactions(folder))
    model.save(folder / "model" / FITTED)


def read_interactions(folder: Path) -> Dataset:
    """Return ``train.csv``, which is sorted by time: the number of the line tells the order, also of ties in time."""
    train = pd.read_csv(folder / "train.csv")
    return Dataset.construct(
        pd.DataFrame(
            {
                Columns.User: train["user"],
                Columns.Item: train["item"],
                Columns.Weight: 1.0,
                Columns.Datetime: pd.to_datetime(np.arange(len(train)), unit="s"),
            }
        )
    )


def score(folder: Path, job: dict[str, Any]) -> None:
    """Score the candidates: all items of some users at once, as RecTools recommends."""
    model, interactions = models.load_model(folder / "model" / FITTED), read_interactions(folder)
    candidates = pd.read_csv(folder / "candidates.csv")
    users, items = candidates["user"].to_numpy(), candidates["item"].to_numpy()
    distinct, rows = np.unique(users, return_inverse=True)
    scores = np.empty(len(candidates))
    for start in range(0, len(distinct), USERS_AT_ONCE):
        block = distinct[start : start + USERS_AT_ONCE]
        here = (rows >= start) & (rows < start + len(block))
        scores[here] = scores_of_all(model, interactions, block, job["n_items"])[rows[here] - start, items[here]]
    text = pd.DataFrame({"score": scores})
    text.to_csv(folder / "scores.csv", index=False)


def scores_of_all(model: Any, interactions: Dataset, users: Any, n_items: int) -> Any:
    """Return the scores of all items, ``(n_users, n_items)``, float64."""
    table = model.recommend(users, interactions, k=n_items, filter_viewed=False, on_unsupported_targets="ignore")
    scores = np.full((len(users), n_items), np.inf)
    scores[np.searchsorted(users, table[Columns.User]), table[Columns.Item]] = table[Columns.Score]
    lowest = scores.min(axis=1, keepdims=True)
    last = np.where(np.isfinite(lowest), lowest - 1, 0)
    return np.where(np.isfinite(scores), scores, last)


def main() -> None:
    """Do what the command line says."""
    name, phase, place = sys.argv[1:]
    folder = Path(place)
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    # Lightning leaves files in the current folder.
    os.chdir(folder / "model")
    torch.set_num_threads(job["threads"])
    if phase == "fit":
        fit(name, folder, job)
    else:
        score(folder, job)


if __name__ == "__main__":
    main()
