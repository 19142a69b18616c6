"""A fresh process rebuilds the recommender from its name and parameters, as every job does."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.checks.agreement import require_alike
from bench.checks.check import Check, RefutedError
from bench.checks.determinism import SAME_SEED, TWICE
from bench.checks.subject import Subject
from protocol.evaluation.ranking import checked_scores
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 600.0
"""The time-out of the fresh process, in seconds."""

REBUILT = "rebuilt from its spec in a fresh process"


def _rebuilt(subject: Subject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spec, answer = Path(folder, "spec.json"), Path(folder, "scores.npy")
        spec.write_text(
            json.dumps({"entry": asdict(subject.entry), "parameters": dict(subject.parameters), "answer": str(answer)})
        )
        # As `bench.running.runner` starts a job: without the current folder on the path, and with no input.
        process = subprocess.run(
            [sys.executable, "-P", "-m", "bench.checks.rebuilding", str(spec)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
        if process.returncode:
            last_line = (process.stderr.strip().splitlines() or ["no message"])[-1]
            raise RefutedError(
                f"a fresh process could not rebuild it: {last_line}; its class must be importable, and every "
                "hyper-parameter a keyword of its constructor"
            )
        rebuilt = np.load(answer)
    require_alike(
        checked_scores(rebuilt, subject.scores.shape, "score"),
        subject.scores,
        "rebuilt from its name and parameters in a fresh process, it gives different scores",
        "scores may depend only on constructor parameters, `train` and `rng`: no module state, no hash() of text",
    )


def _answer(spec: Mapping[str, Any]) -> None:
    """Rebuild, fit and score. This runs in the fresh process."""
    subject = Subject(registry.Entry(**spec["entry"]), spec["parameters"])
    np.save(spec["answer"], subject.scores)


CHECKS = (Check(REBUILT, _rebuilt, needs=(SAME_SEED, TWICE)),)

if __name__ == "__main__":
    _answer(json.loads(Path(sys.argv[1]).read_text()))
