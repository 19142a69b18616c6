"""A sequential model of RecTools as a program (see ``../COMMAND.md``): ``program.py MODEL fit|score FOLDER``.

It runs in its own environment, built from ``requirements.txt``, on the CPU. RecTools learns from the latest items of
users who have two or more. It does not know other items: they get the lowest score for every user. For a user without a
known item, all items get the same score.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

# Set before torch is imported: Lightning uses a GPU if it sees one.
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import pandas as pd
import torch
from pytorch_lightning import seed_everything
from rectools import Columns, models
from rectools.dataset import Dataset

FITTED = "fitted.pkl"
USERS_AT_ONCE = 256


def fit(name: str, folder: Path, job: dict[str, Any]) -> None:
    """Train the model on ``train.csv`` and save it."""
    seed_everything(job["seed"], workers=True, verbose=False)
    model = getattr(models, name)(**job["parameters"], deterministic=True)
    model.fit(read_interactions(folder))
    model.save(folder / "model" / FITTED)


def read_interactions(folder: Path) -> Dataset:
    """Return ``train.csv`` with line numbers as times, so that ties in time keep the order of the lines."""
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
    """Score the candidates, with all items of a block of users at once."""
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
    text.to_csv(folder / "scores.csv", index=False, na_rep="nan")


def scores_of_all(model: Any, interactions: Dataset, users: Any, n_items: int) -> Any:
    """Return the scores of all items, ``(n_users, n_items)``, float64."""
    table = model.recommend(users, interactions, k=n_items, filter_viewed=False, on_unsupported_targets="ignore")
    pairs = np.searchsorted(users, table[Columns.User]), table[Columns.Item].to_numpy()
    scores, is_known = np.full((len(users), n_items), np.inf), np.zeros((len(users), n_items), dtype=bool)
    scores[pairs], is_known[pairs] = table[Columns.Score], True
    last = np.where(is_known.any(axis=1), scores.min(axis=1) - 1, 0)
    return np.where(is_known, scores, last[:, None])


def main() -> None:
    """Run the phase that the command line names."""
    name, phase, place = sys.argv[1:]
    folder = Path(place)
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    torch.set_num_threads(job["threads"])
    if phase == "fit":
        fit(name, folder, job)
    else:
        score(folder, job)


if __name__ == "__main__":
    main()
