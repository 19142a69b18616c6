"""The harness proven on recommenders whose metrics are known beforehand: `random`, a constant, an oracle.

They run as every recommender does, each in its own process; the last two are files with a class, named as plug-ins.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from bench.actions.run import run
from bench.analysis.summary import summarise
from bench.names import value_name
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from bench.data import Data
    from protocol.evaluation.metrics import Metric
    from protocol.tasks.task import Task

CUTOFF = 10

EXACT = 1e-12
"""The rounding error that a sum of a few hundred numbers may have."""

_CONSTANT = """
import numpy as np

class SelfProofConstant:
    deterministic = True

    def fit(self, train, *, rng):
        return self

    def score(self, users, items):
        return np.zeros(items.shape)
"""

# The oracle reads the answers from a file, because nothing in the harness gives them away.
_ORACLE = """
import json
from pathlib import Path

import numpy as np

class SelfProofOracle:
    deterministic = True

    def fit(self, train, *, rng):
        self.heldout = dict(json.loads(Path(__file__).with_name("heldout.json").read_text()))
        return self

    def score(self, users, items):
        return (items == np.array([self.heldout[user] for user in users.tolist()])[:, None]).astype(float)
"""

_RANDOM, _SOURCES = "random", {"constant": _CONSTANT, "oracle": _ORACLE}


@dataclass(frozen=True)
class Proof:
    """One metric beside its analytic value.

    Parameters
    ----------
    what
        ``"random HR@10"``.
    tolerance
        How far off it may be: four standard errors of a mean over users where it is random, else `EXACT`.
    """

    what: str
    found: float
    expected: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the value is what it must be."""
        return abs(self.found - self.expected) <= self.tolerance

    def __str__(self) -> str:
        within = f" +- {self.tolerance:.3f}" if self.tolerance > EXACT else ""
        return f"{self.what} is {self.found:.5f}, expected {self.expected:.5f}{within}"


def prove(data: Data, folder: Path) -> list[Proof]:
    """Run the three through everything; return each metric of each beside its analytic value.

    Parameters
    ----------
    data
        Each of whose evaluated users has at least `CUTOFF` rivals.
    folder
        Empty; plug-ins and records are written there.

    Raises
    ------
    RuntimeError
        If one of them failed.
    """
    task = data.test_task(data.load())
    outcome = run(data, [_RANDOM], plugins=_write(task, folder), threads=1, out=folder / "runs", quiet=True)
    found = {}
    summary = summarise(outcome.records, (CUTOFF,), metrics=tuple(METRICS))
    names = {metric: value_name(summary.primary_view, metric, CUTOFF) for metric in METRICS}
    for row in summary.rows:
        if row.failed:
            raise RuntimeError(f"{row.label} failed ({row.failure_kind}): {row.failure}")
        name = row.label.removeprefix("self_proof_")
        found[name] = {metric: row.accuracy[mean].mean for metric, mean in names.items()}
    return [
        Proof(f"{name} {METRICS[metric].label(CUTOFF)}", found[name][metric], *value)
        for name in (_RANDOM, *_SOURCES)
        for metric, value in analytic_values(name, task.n_rivals).items()
    ]


def analytic_values(name: str, n_rivals: npt.NDArray[np.int64]) -> dict[str, tuple[float, float]]:
    """Return what each metric must be, and its tolerance.

    Each of a user's ``1 + n_rivals`` places is as likely as any other: by chance if scores are random, by the rule for
    ties (P15) if they are all the same. An oracle's held-out items are first.

    Parameters
    ----------
    n_rivals
        ``(n_eval,)``, at least `CUTOFF` each.
    """
    values: dict[str, tuple[float, float]] = {}
    for metric in METRICS.values():
        if name == "oracle":
            first = [metric.gain(1, int(number), CUTOFF) for number in n_rivals]
            values[metric.name] = (float(np.mean(first)), EXACT)
            continue
        means, variances = np.array([_moments(metric, int(number)) for number in n_rivals]).T
        error = math.sqrt(float(np.sum(variances))) / n_rivals.size
        values[metric.name] = (float(np.mean(means)), 4 * error if name == _RANDOM else EXACT)
    return values


@cache
def _moments(metric: Metric, n_rivals: int) -> tuple[float, float]:
    """Return the mean and the variance of the gain over all places that a held-out item may have."""
    gains = [metric.gain(place, n_rivals, CUTOFF) for place in range(1, n_rivals + 2)]
    mean = math.fsum(gains) / len(gains)
    return mean, math.fsum((gain - mean) ** 2 for gain in gains) / len(gains)


def _write(task: Task, folder: Path) -> list[str]:
    """Write the plug-ins and the oracle's answers; return the plug-ins' files."""
    heldout = zip(task.candidates.users.tolist(), task.candidates.heldout.tolist(), strict=True)
    (folder / "heldout.json").write_text(json.dumps(list(heldout)), encoding="utf-8")
    files = {folder / f"self_proof_{name}.py": source for name, source in _SOURCES.items()}
    for path, source in files.items():
        path.write_text(source, encoding="utf-8")
    return [str(path) for path in files]
