"""A study of stored records of the size that the target names: made here, then put together in a process of its own."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from outcomes import SINGLE, Case

import bench
from bench.machine.memory import peak_mib
from bench.records.record import Record
from bench.records.store import Store
from protocol.evaluation.ranking import Ranks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from outcomes import Outcome, Setting

DATASET, SMALL = "synthetic:6040x3700x400000", "synthetic:60x150x1200"
"""As many users as MovieLens-1M has; and what a quick run takes."""

N_DATASETS, N_RECOMMENDERS, N_SEEDS = 10, 40, 5
"""The size that the target names."""

MOST_SECONDS, MOST_GIB = 20, 2


def aggregating(setting: Setting) -> Iterator[Outcome]:
    """Time the table over datasets from stored records, with all tests and intervals, and measure its memory."""
    n_datasets, n_recommenders, n_seeds = (3, 4, 2) if setting.quick else (N_DATASETS, N_RECOMMENDERS, N_SEEDS)
    with tempfile.TemporaryDirectory(prefix="recbench-") as folder:
        write_study(Path(folder), SMALL if setting.quick else DATASET, n_datasets, n_recommenders, n_seeds)
        done = subprocess.run([sys.executable, __file__, folder], check=True, capture_output=True, text=True)
    seconds, gib = json.loads(done.stdout)
    what = f"a study of {n_datasets} datasets, {n_recommenders} recommenders and {n_seeds} seeds, from its records"
    yield Case("study", what, setting.threads).at_most(seconds, MOST_SECONDS, SINGLE)
    yield Case("study", f"{what}: memory", setting.threads, "GiB").at_most(gib, MOST_GIB, SINGLE)


def write_study(folder: Path, dataset: str, n_datasets: int, n_recommenders: int, n_seeds: int) -> None:
    """Write a folder of results for each dataset: one real record, and with it others whose ranks are drawn.

    The first recommender is the best, the last one orders at random.
    """
    with tempfile.TemporaryDirectory(prefix="recbench-") as run:
        options: dict[str, Any] = {"negatives": 20} if dataset == SMALL else {}
        (real,) = bench.run(dataset, ["popularity"], threads=1, out=run, quiet=True, **options).records
    stream = np.random.default_rng(0)
    for place in range(n_datasets):
        store = Store(folder / f"dataset-{place}")
        for number in range(n_recommenders):
            # So many rivals are, on average, before a held-out item.
            level = (number + 1 + stream.random()) / (n_recommenders + 1)
            for seed in range(n_seeds):
                store.add(_record(real, f"dataset-{place}", f"model_{number}", seed, level, stream))


def _record(real: Record, dataset: str, name: str, seed: int, level: float, stream: np.random.Generator) -> Record:
    document = real.document
    task, digest = document["task"], _digest(dataset)
    changed = {
        "key": _digest(dataset, name, seed),
        "seed": seed,
        "recommender": {
            **document["recommender"],
            "name": name,
            "label": name,
            "deterministic": False,
            "source_sha256": _digest(name),
        },
        "task": {**task, "digest": digest, "dataset": dataset, "parts": {**task["parts"], "dataset": digest}},
    }
    return Record(
        {**document, **changed},
        ranks=_drawn(real.ranks, level, stream),
        full_ranks=_drawn(real.full_ranks, level, stream),
        top_items=real.top_items,
        counts=real.counts,
    )


def _drawn(ranks: Ranks | None, level: float, stream: np.random.Generator) -> Ranks | None:
    """Return ranks among the same rivals: a share of them, between none and all, is before each held-out item."""
    if ranks is None:
        return None
    share = stream.beta(1, 1 / level, ranks.n_rivals.size)
    return Ranks((share * ranks.n_rivals).astype(np.int32), np.zeros_like(ranks.n_tied), ranks.n_rivals)


def _digest(*words: object) -> str:
    return hashlib.sha256(repr(words).encode()).hexdigest()


def put_together(folder: Path) -> None:
    """Make the table of a study in every way that computes, and print seconds and GiB as JSON."""
    started = time.perf_counter()
    bench.table(folder).render("json")
    print(json.dumps([time.perf_counter() - started, peak_mib() / 1024]))


if __name__ == "__main__":
    put_together(Path(sys.argv[1]))
