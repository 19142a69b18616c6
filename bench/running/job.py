"""One recommender, one training seed, one task, one fresh process: ``python -m bench.running.job SPEC.json``.

It fits, scores, ranks, measures, and writes a record. What happens meanwhile it tells on standard output, one JSON
object a line; what the recommender prints goes to standard error. It ends when its standard input does, which is when
whoever started it is gone. `STOP_SIGNAL` ends it, too, and where it was then, or when it crashed, is the last that it
prints.
"""

from __future__ import annotations

import faulthandler
import json
import os
import random
import signal
import sys
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from bench.machine.memory import PeakMemory
from bench.machine.processes import MARK, end_all
from bench.records.inputs import complete_document, failed_record
from bench.records.store import Record, write_record
from bench.running.training import fit, select_epochs, training_rng
from protocol.contract import EpochRecommender
from protocol.errors import ScoreError
from protocol.evaluation.evaluate import Evaluation, evaluate
from protocol.tasks.counts import count_train
from protocol.tasks.task import Task, load_train
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.running.training import Line, Selection
    from protocol.contract import Recommender

    Tell = Callable[[dict[str, Any]], None]

STOP_SIGNAL = signal.SIGUSR1
"""Whoever gets it prints where each thread is, and ends."""

MESSAGE_LENGTH = 500
"""The longest message of a failure; its traceback is kept beside it."""


@dataclass(frozen=True)
class _Job:
    """A job as its process knows it (see `bench.running.plan.Job.spec`)."""

    spec: Mapping[str, Any]
    tell: Tell

    @property
    def label(self) -> str:
        return str(self.spec["document"]["recommender"]["label"])

    @property
    def seed(self) -> int:
        return int(self.spec["document"]["seed"])

    def new(self) -> Recommender:
        """Return an unfitted recommender; what it imports is imported now, off the clock."""
        entry = registry.Entry(**self.spec["entry"])
        model = registry.new(entry, self.spec["parameters"])
        _seed_global_generators(self.seed)
        return model

    def on_epoch(self, phase: str) -> Callable[[Line, int | None], None]:
        return lambda line, n_epochs: self.tell({"phase": phase, "epochs": n_epochs, **line})


def run_job(spec: Mapping[str, Any], tell: Tell) -> Record:
    """Do what a spec says; whatever the recommender raises becomes a record of a failure.

    Parameters
    ----------
    spec
        See `bench.running.plan.Job.spec`.
    tell
        Is told of each phase and epoch.
    """
    job = _Job(spec, tell)
    try:
        if spec["validation"] == spec["task"]:
            return _select_only(job)
        return _measure(job)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's class raises is an outcome
        return failed_record(spec["document"], _failure_of(error))


def _failure_of(error: BaseException) -> dict[str, str]:
    """Return an exception as a failure (see `failed_record`)."""
    kinds = {MemoryError: "memory", ScoreError: "scores"}
    kind = next((kind for raised, kind in kinds.items() if isinstance(error, raised)), "raised")
    text = " ".join(str(error).split())
    message = text if kind == "scores" else f"{type(error).__name__}: {text}".removesuffix(": ")
    detail = "".join(traceback.format_exception(error))
    return {"kind": kind, "message": message[:MESSAGE_LENGTH], "detail": detail}


def _select_only(job: _Job) -> Record:
    """Choose the number of epochs on the task itself: the outcome is the best epoch's."""
    selection = _select(job)
    evaluation = selection.evaluation
    outcome = {
        "selection": _selection_document(selection),
        "curve": selection.curve,
        "time": {"fit_seconds": selection.curve[-1]["seconds"], **_score_times(evaluation)},
    }
    return _measured(job, outcome, evaluation, Task.load(Path(job.spec["validation"])))


def _measure(job: _Job) -> Record:
    """Fit on the task's training interactions, after a selection if one is asked for, and score once."""
    selection = _select(job) if job.spec["validation"] else None
    model = job.new()
    folder = Path(job.spec["task"])
    train = load_train(folder)
    job.tell({"phase": "fit"})
    peak = PeakMemory()
    fitted = fit(
        model,
        train,
        rng=training_rng(job.seed, "fit"),
        n_epochs=selection.best_epoch if selection else None,
        on_epoch=job.on_epoch("fit"),
    )
    memory = {"peak_mib": peak.mib(), "before_fit_mib": peak.before_mib}
    job.tell({"phase": "score"})
    # Only now are there candidates in this process (P12).
    task = Task.load(folder)
    threads = job.spec["document"]["threads"]
    evaluation = evaluate(model, task, full=job.spec["full"], name=job.label, threads=threads)
    outcome = {
        "selection": _selection_document(selection) if selection else None,
        "curve": fitted.curve,
        "time": {"fit_seconds": fitted.seconds, **_score_times(evaluation)},
        "memory": memory,
    }
    return _measured(job, outcome, evaluation, task)


def _select(job: _Job) -> Selection:
    """Choose the number of epochs with a recommender, and a stream of random numbers, of its own (P21)."""
    job.tell({"phase": "selection"})
    model = job.new()
    assert isinstance(model, EpochRecommender)  # noqa: S101 - `plan_jobs` gives no other a validation task
    return select_epochs(
        model,
        Task.load(Path(job.spec["validation"])),
        rng=training_rng(job.seed, "selection"),
        patience=job.spec["document"]["patience"],
        name=job.label,
        on_epoch=job.on_epoch("selection"),
    )


def _measured(job: _Job, outcome: Mapping[str, Any], evaluation: Evaluation, task: Task) -> Record:
    """Return the record of a job that came to its end."""
    counts = count_train(task.train, task.candidates)
    document = complete_document(job.spec["document"], outcome)
    return Record(document, evaluation.ranks, evaluation.full_ranks, evaluation.top_items, counts)


def _selection_document(selection: Selection) -> dict[str, Any]:
    return {"best_epoch": selection.best_epoch, "seconds": selection.seconds, "curve": selection.curve}


def _score_times(evaluation: Evaluation) -> dict[str, float | None]:
    return {
        "score_seconds": evaluation.score_seconds,
        "score_us_per_user": 1e6 * evaluation.score_seconds / evaluation.ranks.n_better.size,
        "full_score_seconds": evaluation.full_score_seconds,
    }


def _seed_global_generators(seed: int) -> None:
    """Seed the generators that a recommender might use instead of the one it is given, so that it can be repeated."""
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - the legacy generator is the point
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def _end_with(stream: IO[bytes], mark: str) -> None:
    """Kill this process and its children as soon as a stream ends."""
    stream.read()
    if os.getpgrp() == os.getpid():
        end_all(os.getpid(), mark)
    os._exit(1)


def main() -> None:
    """Run the job of the spec that the command line names."""
    faulthandler.enable()
    # Chained, it prints the traces and then does what the signal does by default.
    faulthandler.register(STOP_SIGNAL, chain=True)
    # Standard input and output are the harness's: to the recommender the one is empty, the other standard error.
    harness = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    threading.Thread(target=_end_with, args=(harness, os.environ.get(MARK, "")), daemon=True).start()
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(event: dict[str, Any]) -> None:
        print(json.dumps(event), file=events, flush=True)

    spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    out = Path(spec["out"])
    record = run_job(spec, tell)
    draft = out.with_name(f"{out.name}-draft")
    draft.mkdir()
    write_record(record, draft)
    draft.rename(out)
    # A recommender's threads, and whatever it does at exit, may not keep the result waiting.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
