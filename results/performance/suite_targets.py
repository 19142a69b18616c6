"""The targets of a whole run: the default suite, and what a job takes besides fitting and scoring."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from given import SMALL, dataset_of
from outcomes import SINGLE, Case, Outcome, Setting, seconds_of

from protocol.tasks.task import build_task
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BRIEF = ("popularity", "item_knn", "ease", *(f"{name}:epochs=1" for name in ("als", "bpr", "gmf", "mlp", "neumf")))
"""Recommenders that are soon fitted: what a job takes besides is the same for any number of epochs."""

WITH_TORCH = ("sasrec:epochs=1", "torch.mlp_post:epochs=1")
"""The same, of what needs torch, which takes long to load."""

LIBRARIES = "import numpy, scipy.sparse, numba"
"""What a job imports at least, if its recommender or the full ranking is compiled."""

POST_SECONDS = 108.0
"""What the blog post's single run of its MLP took, on two cores."""


def suite(setting: Setting) -> Iterator[Outcome]:
    """Time the default suite, command and all, and each job beside what is spent fitting and scoring."""
    dataset, n_negatives = (SMALL, 20) if setting.quick else ("ml-100k", 100)
    quick = ["popularity", "als:epochs=1"] if setting.quick else []
    entries = registry.entries().values()
    plain = quick or [one.name for one in entries if one.by_default and not one.name.startswith("torch.")]
    timed = partial(_suite_seconds, dataset, n_negatives)
    case = Case("suite", "the default suite on ML-100K, from the command to the table", setting.threads)
    note = f"{SINGLE}; the post's single run of its MLP took {POST_SECONDS:.0f} s"
    yield case.at_most(timed(quick), 60, note)
    yield Case("suite", "the same without the row in PyTorch", setting.threads).at_most(timed(plain), 20, SINGLE)
    overhead = partial(_overhead, setting, dataset, n_negatives)
    bare = _libraries_seconds()
    note = f"a fresh Python that imports NumPy, SciPy's sparse matrices and Numba takes {bare:.2f} of them"
    yield overhead("a job on ML-100K besides fitting and scoring; none needs torch", quick or BRIEF, 0.35, note)
    yield overhead("the same of a job that needs torch", WITH_TORCH[-1:] if setting.quick else WITH_TORCH, 4)


def _suite_seconds(dataset: str, n_negatives: int, recommenders: Sequence[str]) -> float:
    """Return what a run takes from the command to the table; without recommenders, of the default suite."""
    chosen = [text for name in recommenders for text in ("--recommender", name)]
    with tempfile.TemporaryDirectory(prefix="recbench-") as folder:
        options = ["--dataset", dataset, *chosen, "--negatives", str(n_negatives), "--out", folder]
        command = [sys.executable, "-m", "bench", "run", *options]
        return seconds_of(partial(subprocess.run, command, check=True, capture_output=True))


def _libraries_seconds() -> float:
    """Return what a fresh process takes to import the libraries of a job: the median of five, after a warm-up."""
    run = partial(subprocess.run, [sys.executable, "-P", "-c", f"{LIBRARIES}; import os; os._exit(0)"], check=True)
    run()
    return float(np.median([seconds_of(run) for _ in range(5)]))


def _overhead(
    setting: Setting, dataset: str, n_negatives: int, what: str, chosen: Sequence[str], most: float, note: str = ""
) -> Outcome:
    """Time what a job takes besides fitting and scoring: at most so many seconds."""
    from bench.choices import choose
    from bench.machine.environment import describe_environment
    from bench.records.store import Store
    from bench.running.plan import plan_jobs
    from bench.running.progress.listening import Silence
    from bench.running.runner import run_jobs

    spent: dict[str, list[float]] = {}

    class Watch(Silence):
        def started(self, job: Any) -> None:
            spent.setdefault(job.title, []).append(-time.perf_counter())

        def ended(self, job: Any, record: Any) -> None:
            inside = sum(
                getattr(record.time, name) or 0.0 for name in ("fit_seconds", "score_seconds", "full_score_seconds")
            )
            spent[job.title][-1] += time.perf_counter() - inside

    task = build_task(dataset_of(dataset), n_negatives=n_negatives)
    jobs = plan_jobs(
        choose(chosen), [0], threads=1, environment=describe_environment(), task=task, full_limit=1_000_000_000
    )
    for _ in range(1 if setting.quick else 3):
        with tempfile.TemporaryDirectory(prefix="recbench-") as folder:
            run_jobs(jobs, Store(Path(folder)), timeout=600, progress=Watch())
    medians = {title: float(np.median(values)) for title, values in spent.items()}
    worst = max(medians, key=medians.__getitem__)
    each = ", ".join(f"{title}: {value:.2f}" for title, value in medians.items())
    return Case("overhead", what, 1).at_most(
        medians[worst], most, "; ".join(filter(None, (f"the most, of {worst}", each, note)))
    )
