"""A model of RecBole as a program (see ``../COMMAND.md``): ``program.py MODEL fit|score FOLDER``.

It runs in its own environment, built from ``requirements.txt``. RecBole trains on all given interactions and evaluates
nothing. Its items include those without interaction in training.
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

DATASET, FITTED = "train", "fitted.pt"
USERS_AT_ONCE, PAIRS_AT_ONCE = 256, 65_536


def load_as_before(*arguments: Any, **options: Any) -> Any:
    """Load a file of torch, including code: RecBole is older than torch's default of refusing that."""
    return _load(*arguments, **{"weights_only": False, **options})


_load, torch.load = torch.load, load_as_before


def fit(name: str, folder: Path) -> None:
    """Train the model on ``train.csv`` and save it, with RecBole's indices of our users and items."""
    from recbole.config import Config
    from recbole.data import create_dataset
    from recbole.data.utils import create_samplers, get_dataloader
    from recbole.utils import get_model, get_trainer, init_seed

    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    write_dataset(folder, job)
    config = Config(model=name, dataset=DATASET, config_dict=options(name, job, folder))
    init_seed(config["seed"], config["reproducibility"])
    dataset = create_dataset(config)
    built = dataset.build()
    sampler = create_samplers(config, dataset, built)[0]
    loader = get_dataloader(config, "train")(config, built[0], sampler, shuffle=config["shuffle"])
    init_seed(config["seed"], config["reproducibility"])
    model = get_model(name)(config, loader.dataset).to(config["device"])
    trainer = get_trainer(config["MODEL_TYPE"], name)(config, model)
    trainer.fit(loader, valid_data=None, verbose=False, saved=False, show_progress=False)
    users, items = (
        dataset.token2id(field, [str(index) for index in range(job[count])])
        for field, count in (("user_id", "n_users"), ("item_id", "n_items"))
    )
    torch.save({"model": model, "users": np.asarray(users), "items": np.asarray(items)}, folder / "model" / FITTED)


def write_dataset(folder: Path, job: dict[str, Any]) -> None:
    """Write RecBole's atomic files: the interactions, and all users and items, also those without interaction."""
    place = folder / "model" / DATASET
    place.mkdir()
    train = pd.read_csv(folder / "train.csv", usecols=["user", "item"])
    renamed = train.rename(columns={"user": "user_id:token", "item": "item_id:token"})
    renamed.to_csv(place / f"{DATASET}.inter", sep="\t", index=False)
    for kind in ("user", "item"):
        every = pd.DataFrame({f"{kind}_id:token": np.arange(job[f"n_{kind}s"])})
        every.to_csv(place / f"{DATASET}.{kind}", sep="\t", index=False)


def options(name: str, job: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return RecBole's configuration: the parameters, and training on all interactions."""
    parameters = dict(job["parameters"])
    negatives = {"distribution": "uniform", "sample_num": parameters.pop("sample_num", 1)}
    return {
        **parameters,
        "data_path": str(folder / "model"),
        "load_col": {"inter": ["user_id", "item_id"], "user": ["user_id"], "item": ["item_id"]},
        "eval_args": {"split": {"RS": [1, 0, 0]}, "group_by": None, "order": "RO", "mode": "full"},
        "train_neg_sample_args": None if name == "MultiVAE" else negatives,
        "seed": job["seed"],
        "reproducibility": True,
        "use_gpu": False,
        "state": "WARNING",
    }


def score(folder: Path) -> None:
    """Score the candidates as RecBole's evaluation does: all items of a user at once if the model can."""
    from recbole.model.abstract_recommender import AbstractRecommender

    fitted = torch.load(folder / "model" / FITTED)
    model = fitted["model"].eval()
    candidates = pd.read_csv(folder / "candidates.csv")
    users = torch.as_tensor(fitted["users"][candidates["user"].to_numpy()])
    items = torch.as_tensor(fitted["items"][candidates["item"].to_numpy()])
    at_once = type(model).full_sort_predict is not AbstractRecommender.full_sort_predict
    with torch.no_grad():
        scores = scores_by_user(model, users, items) if at_once else scores_by_pair(model, users, items)
    text = pd.DataFrame({"score": scores.numpy()})
    text.to_csv(folder / "scores.csv", index=False)


def scores_by_user(model: Any, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
    """Return the scores of pairs, ``(n_pairs,)``, taken from their users' scores of all items."""
    from recbole.data.interaction import Interaction

    scores = torch.empty(len(users), dtype=torch.float64)
    distinct, rows = torch.unique(users, return_inverse=True)
    for start in range(0, len(distinct), USERS_AT_ONCE):
        block = distinct[start : start + USERS_AT_ONCE]
        table = torch.as_tensor(model.full_sort_predict(Interaction({"user_id": block}))).reshape(len(block), -1)
        here = (rows >= start) & (rows < start + len(block))
        scores[here] = table[rows[here] - start, items[here]].double()
    return scores


def scores_by_pair(model: Any, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
    """Return the scores of pairs, ``(n_pairs,)``."""
    from recbole.data.interaction import Interaction

    parts = []
    for start in range(0, len(users), PAIRS_AT_ONCE):
        block = slice(start, start + PAIRS_AT_ONCE)
        parts.append(
            model.predict(Interaction({"user_id": users[block], "item_id": items[block]})).reshape(-1).double()
        )
    return torch.cat(parts)


def main() -> None:
    """Run the phase that the command line names."""
    name, phase, place = sys.argv[1:]
    # RecBole reads the command line itself, and leaves files in the current folder.
    sys.argv = sys.argv[:1]
    folder = Path(place)
    os.chdir(folder / "model")
    torch.set_num_threads(json.loads((folder / "job.json").read_text(encoding="utf-8"))["threads"])
    if phase == "fit":
        fit(name, folder)
    else:
        score(folder)


if __name__ == "__main__":
    main()
