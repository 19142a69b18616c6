"""A scorer of LensKit 2026 as a program (see ``../COMMAND.md``): ``program.py CLASS fit|score FOLDER``.

It runs in its own environment, built from ``requirements.txt``, on the CPU. The scorer is part of LensKit's standard
pipeline, which looks up what a user has. An item to which LensKit gives no score, for example because the item has no
neighbours, scores 0.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FITTED = "fitted.pkl"


def fit(name: str, folder: Path, job: dict[str, Any]) -> None:
    """Train a pipeline with the scorer on ``train.csv`` and save it."""
    from lenskit import topn_pipeline
    from lenskit.data import from_interactions_df
    from lenskit.training import TrainingOptions

    train = pd.read_csv(folder / "train.csv", usecols=["user", "item"])
    pipeline = topn_pipeline(scorer_of(name, job["parameters"]))
    pipeline.train(
        from_interactions_df(train, user_col="user", item_col="item"), TrainingOptions(rng=job["seed"], device="cpu")
    )
    (folder / "model" / FITTED).write_bytes(pickle.dumps(pipeline))


def scorer_of(name: str, parameters: dict[str, Any]) -> Any:
    """Return a new scorer of the class ``name``, such as ``lenskit.knn.EASEScorer``, for implicit feedback."""
    module, _, attribute = name.rpartition(".")
    cls = getattr(importlib.import_module(module), attribute)
    # TOML has no None; LensKit wants it where the number of neighbours has no limit.
    given = {key: None if key == "max_nbrs" and value == 0 else value for key, value in parameters.items()}
    if "feedback" in cls.config_class().model_fields:
        given["feedback"] = "implicit"
    return cls(**given)


def score(folder: Path) -> None:
    """Score the candidates, user by user."""
    pipeline = pickle.loads((folder / "model" / FITTED).read_bytes())  # noqa: S301  # `fit` wrote it
    candidates = pd.read_csv(folder / "candidates.csv")
    scores = np.empty(len(candidates))
    users, items = candidates["user"].to_numpy(), candidates["item"].to_numpy()
    order = np.argsort(users, kind="stable")
    _, starts = np.unique(users[order], return_index=True)
    for rows in np.split(order, starts[1:]):
        scores[rows] = scores_of(pipeline, int(users[rows[0]]), items[rows])
    text = pd.DataFrame({"score": scores})
    text.to_csv(folder / "scores.csv", index=False)


def scores_of(pipeline: Any, user: int, items: Any) -> Any:
    """Return a user's scores of items, ``(n_items,)``, float64. LensKit is given each item once."""
    import lenskit
    from lenskit.data import ItemList

    distinct, places = np.unique(items, return_inverse=True)
    scored = lenskit.score(pipeline, user, ItemList(item_ids=distinct))
    return np.nan_to_num(np.asarray(scored.scores(), dtype=np.float64), nan=0.0)[places]


def main() -> None:
    """Run the phase that the command line names."""
    name, phase, place = sys.argv[1:]
    folder = Path(place)
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    # LensKit has its own variables for the numbers of threads, and reads them once.
    for variable in ("LK_NUM_THREADS", "LK_NUM_BACKEND_THREADS"):
        os.environ[variable] = str(job["threads"])
    if phase == "fit":
        fit(name, folder, job)
    else:
        score(folder)


if __name__ == "__main__":
    main()
