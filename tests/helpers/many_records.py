"""Records of as many recommenders as a test wants, with names that mean harm if it likes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hand_made import FACTS, TIMEOUT, record, task

if TYPE_CHECKING:
    from bench.records.store import Record

N_USERS = 30

HARM = (
    "<img src=x onerror=window.harmed=1>",
    "</script><script>window.harmed=1</script>",
    "</style></title><svg onload=window.harmed=1>",
    "\"'] + constructor.constructor('window.harmed=1')() + ['",
    "datum.constructor.constructor('window.harmed=1')()",
    '{"signal": "warn(1)"}',
    "{{ 7 * 7 }} {% raw %} <!--",
    "javascript:window.harmed=1\u2028\u202e\x00",
)


def many_records(n_recommenders: int, n_seeds: int, n_epochs: int = 30) -> list[Record]:
    """Return records of recommenders that are the better the lower their number."""
    stream = np.random.default_rng(0)
    counts = (np.arange(N_USERS) + 1, np.arange(N_USERS), np.arange(200))
    facts = {**FACTS, "n_users": N_USERS, "n_evaluated": N_USERS}
    found = []
    for number in range(n_recommenders):
        for seed in range(n_seeds):
            ranks = stream.integers(0, 12 + number % 40, N_USERS)
            made = record(
                f"model_{number}:embedding_size={number}",
                ranks.tolist(),
                full=(ranks * 7).tolist(),
                seed=seed,
                fit=0.01 * 1.05**number * (1 + stream.random()),
                of=task(facts=facts),
                counts=counts,
            )
            document = dict(made.document)
            document["recommender"] = {
                **made.document["recommender"],
                "parameters": {
                    "embedding_size": number,
                    "epochs": n_epochs,
                    "learning_rate": 0.001,
                    "layers": [64, 32],
                },
            }
            losses = np.exp(-np.arange(n_epochs) / (5 + number)) + 0.01 * stream.random(n_epochs)
            document["curve"] = [
                {"epoch": epoch, "loss": float(loss), "seconds": 0.1 * epoch}
                for epoch, loss in enumerate(losses, start=1)
            ]
            found.append(type(made)(document, made.ranks, made.full_ranks, made.top_items, made.counts))
    return found


def harmful_records() -> list[Record]:
    """Return records whose names, parameters and failures are meant to be run by a page that is not careful."""
    found = []
    for number, text in enumerate(HARM):
        made = record(text, [number, 0, 20, 3], full=[number, 5, 100, 30], seed=0, source=str(number))
        document = dict(made.document)
        document["recommender"] = {**made.document["recommender"], "parameters": {text: text}}
        document["curve"] = [{"epoch": epoch, "loss": 1 / epoch, "seconds": 1.0} for epoch in (1, 2, 3)]
        document["environment"] = {"cpu": text, "versions": {text: text}}
        found.append(type(made)(document, made.ranks, made.full_ranks, made.top_items, made.counts))
        found.append(record(f"failing {text}", [], failure={**TIMEOUT, "message": text}))
    return found
