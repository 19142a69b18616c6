"""The conformance suite: what every recommender must hold to, one named check each.

The checks fit on a small synthetic dataset, so they take seconds. They find mistakes, not bad recommendations.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from protocol.dataset import load_dataset
from protocol.ranking import checked_scores
from protocol.task import build_task
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from protocol.contract import Recommender
    from protocol.types import IndexArray, Interactions, Scores

DATASET = "synthetic:60x80x900"
N_NEGATIVES = 15
RTOL = 1e-5
"""How far scores may differ where only the shape of a batch does (last bits depend on it)."""

SEED = 20_260
TIMEOUT = 600.0
"""Seconds for the fresh process that rebuilds a recommender."""


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check.

    Parameters
    ----------
    name
        What is asked for, in a few words.
    passed
        Whether it holds.
    message
        Where it does not: what was found and what to do.
    """

    name: str
    passed: bool
    message: str = ""


class _RefutedError(Exception):
    """What a check found, and what to do about it."""


@dataclass(frozen=True)
class _Subject:
    """A recommender to be built again and again, and what to fit and score it on."""

    entry: registry.Entry
    parameters: Mapping[str, Any]

    def new(self) -> Recommender:
        return registry.new(self.entry, self.parameters)

    def fitted(self, seed: int = SEED) -> Recommender:
        model = self.new()
        model.fit(self.train, rng=np.random.default_rng(seed))
        return model

    @cached_property
    def _data(self) -> tuple[Interactions, IndexArray, IndexArray]:
        return checking_data()

    @property
    def train(self) -> Interactions:
        return self._data[0]

    @property
    def users(self) -> IndexArray:
        return self._data[1]

    @property
    def items(self) -> IndexArray:
        return self._data[2]

    @cached_property
    def model(self) -> Recommender:
        """One fitted recommender, for the checks that only score."""
        return self.fitted()

    @cached_property
    def scores(self) -> Scores:
        return np.array(self.model.score(self.users, self.items))


def checking_data() -> tuple[Interactions, IndexArray, IndexArray]:
    """Return what the checks train on, the users ``(n,)`` and the items ``(n, n_candidates)`` that they score."""
    task = build_task(load_dataset(DATASET), n_negatives=N_NEGATIVES)
    return task.train, task.candidates.users.copy(), task.candidates.items


def check_recommender(entry: registry.Entry, parameters: Mapping[str, Any] | None = None) -> Iterator[CheckResult]:
    """Yield the outcome of each check, as soon as it is known.

    Whoever cannot be fitted is not asked the rest.

    Parameters
    ----------
    entry
        Where the class comes from: one of `recommenders.registry.entries`, or of `plugin_entry`.
    parameters
        Hyper-parameters, already typed.
    """
    subject = _Subject(entry, parameters or {})
    for name, check in _CHECKS.items():
        result = _outcome(name, check, subject)
        yield result
        if name == _FITS and not result.passed:
            return


def _outcome(name: str, check: Callable[[_Subject], None], subject: _Subject) -> CheckResult:
    try:
        check(subject)
    except _RefutedError as refuted:
        return CheckResult(name, passed=False, message=str(refuted))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's class raises is an outcome
        return CheckResult(name, passed=False, message=f"raised {type(error).__name__}: {error}")
    return CheckResult(name, passed=True)


def _fits(subject: _Subject) -> None:
    model = subject.new()
    returned = model.fit(subject.train, rng=np.random.default_rng(SEED))
    if returned is not model:
        raise _RefutedError(
            f"fit returned {_kind(returned)}, expected the recommender itself; end it with `return self`"
        )


def _unfitted_raises(subject: _Subject) -> None:
    try:
        subject.new().score(subject.users, subject.items)
    except Exception:  # noqa: BLE001 - any exception is the right answer here
        return
    raise _RefutedError(
        "score answered before fit; raise an error there (protocol.errors.NotFittedError is meant for it)"
    )


def _shape(subject: _Subject) -> None:
    scores = _array(subject)
    if scores.shape != subject.items.shape:
        raise _RefutedError(
            f"scores have shape {scores.shape}, expected {subject.items.shape}: a row per user, a column per candidate"
        )


def _dtype(subject: _Subject) -> None:
    dtype = _array(subject).dtype
    if dtype not in (np.float32, np.float64) and not np.issubdtype(dtype, np.integer):
        raise _RefutedError(
            f"scores are of type {dtype}, expected float32, float64 or integers; convert with .astype(float)"
        )


def _finite(subject: _Subject) -> None:
    scores = np.asarray(_array(subject), dtype=np.float64)
    n_bad = int(np.sum(~np.isfinite(scores)))
    if n_bad:
        raise _RefutedError(
            f"{n_bad} of {scores.size} scores are NaN or infinite; look for a division by zero or a learning rate too "
            "high, and give unknown items a low finite score"
        )


def _array(subject: _Subject) -> Scores:
    answer = subject.model.score(subject.users, subject.items)
    if not isinstance(answer, np.ndarray):
        raise _RefutedError(f"score returned {_kind(answer)}, expected a NumPy array; convert with np.asarray")
    return answer


def _same_seed(subject: _Subject) -> None:
    again = subject.fitted().score(subject.users, subject.items)
    if not np.array_equal(again, subject.scores):
        raise _RefutedError(
            f"two fits with the same rng differ by up to {_difference(again, subject.scores)}; take all randomness "
            "from `rng`, none from global generators, the clock, hash() or the order of a set"
        )


def _scoring_twice(subject: _Subject) -> None:
    again = subject.model.score(subject.users, subject.items)
    _alike(again, subject.scores, "scoring twice gives other scores", "score must neither learn nor draw")


def _permuted(subject: _Subject) -> None:
    rng = np.random.default_rng(0)
    order = rng.permuted(np.broadcast_to(np.arange(subject.items.shape[1]), subject.items.shape), axis=1)
    shuffled = subject.model.score(subject.users, np.take_along_axis(subject.items, order, axis=1))
    _alike(
        shuffled,
        np.take_along_axis(subject.scores, order, axis=1),
        "candidates in another order get other scores",
        "an item's score must depend on the user and the item alone, not on its column",
    )
    rows = rng.permutation(subject.users.size)
    _alike(
        subject.model.score(subject.users[rows], subject.items[rows]),
        subject.scores[rows],
        "users in another order get other scores",
        "a row's scores must depend on its user alone, not on its place in the batch",
    )


def _subset(subject: _Subject) -> None:
    for columns in (slice(0, 1), slice(2, 9)):
        _alike(
            subject.model.score(subject.users, subject.items[:, columns].copy()),
            subject.scores[:, columns],
            "a part of the candidates gets other scores than among all of them",
            "do not normalise over the candidates at hand",
        )
    _alike(
        subject.model.score(subject.users[3:5], subject.items[3:5]),
        subject.scores[3:5],
        "a few users get other scores than among all of them",
        "do not normalise over the users at hand",
    )


def _inputs_unmodified(subject: _Subject) -> None:
    train, users, items = checking_data()
    model = subject.new()
    model.fit(train, rng=np.random.default_rng(SEED))
    model.score(users, items)
    for name in ("users", "items", "timestamps"):
        if not np.array_equal(getattr(train, name), getattr(subject.train, name)):
            raise _RefutedError(f"fit changed train.{name}; work on a copy")
    for name, found in (("users", users), ("items", items)):
        if not np.array_equal(found, getattr(subject, name)):
            raise _RefutedError(f"score changed the {name} it was given; work on a copy")


def _rebuilt(subject: _Subject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spec, answer = Path(folder, "spec.json"), Path(folder, "scores.npy")
        spec.write_text(
            json.dumps({"entry": asdict(subject.entry), "parameters": dict(subject.parameters), "answer": str(answer)})
        )
        # As `bench.runner` starts a job: the current folder is not on the path, and nobody answers what it asks.
        command = [sys.executable, "-P", "-m", "bench.checks", str(spec)]
        process = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
        if process.returncode:
            last_line = (process.stderr.strip().splitlines() or ["no message"])[-1]
            raise _RefutedError(
                f"a fresh process could not rebuild it: {last_line}; its class must be importable, and every "
                "hyper-parameter a keyword of its constructor"
            )
        rebuilt = np.load(answer)
    _alike(
        rebuilt,
        subject.scores,
        "rebuilt from its name and parameters in a fresh process it scores otherwise",
        "nothing but constructor parameters, `train` and `rng` may decide: no module state, no hash() of text",
    )


def _alike(found: Any, expected: Scores, what: str, advice: str) -> None:
    found = checked_scores(found, expected.shape, "score")
    if not np.allclose(found, expected, rtol=RTOL, atol=RTOL * float(np.abs(expected).max(initial=0.0))):
        raise _RefutedError(f"{what} (by up to {_difference(found, expected)}); {advice}")


def _difference(found: Any, expected: Scores) -> str:
    found = np.asarray(found)
    if found.shape != expected.shape:
        return f"their shapes, {found.shape} and {expected.shape}"
    return f"{np.max(np.abs(found.astype(np.float64) - expected)):.3g}"


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


_FITS = "fit returns the recommender"

_CHECKS: dict[str, Callable[[_Subject], None]] = {
    _FITS: _fits,
    "unfitted, score raises": _unfitted_raises,
    "scores have the candidates' shape": _shape,
    "scores are floats": _dtype,
    "scores are finite": _finite,
    "the same seed gives the same scores": _same_seed,
    "scoring twice changes nothing": _scoring_twice,
    "the order of users and candidates changes nothing": _permuted,
    "a subset of users and candidates changes nothing": _subset,
    "inputs stay unmodified": _inputs_unmodified,
    "rebuilt from its spec in a fresh process": _rebuilt,
}


def _answer(spec: Mapping[str, Any]) -> None:
    """Rebuild, fit and score; in the fresh process."""
    subject = _Subject(registry.Entry(**spec["entry"]), spec["parameters"])
    np.save(spec["answer"], subject.scores)


if __name__ == "__main__":
    _answer(json.loads(Path(sys.argv[1]).read_text()))
