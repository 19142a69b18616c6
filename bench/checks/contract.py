"""The contract itself: ``fit`` returns the recommender, and ``score`` one finite number for each candidate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.checks.agreement import kind
from bench.checks.check import Check, RefutedError
from bench.checks.data import writeable
from bench.checks.subject import SEED, ask

if TYPE_CHECKING:
    from bench.checks.subject import Subject

FITS = "fit returns the recommender"
SCORES = "score answers"
UNFITTED = "unfitted, score raises"
UNMODIFIED = "inputs stay unmodified"
READ_ONLY = "read-only inputs are enough"
SHAPE = "scores have the candidates' shape"
DTYPE = "scores are floats"
FINITE = "scores are finite"


def _fits(subject: Subject) -> None:
    model = subject.new()
    returned = model.fit(writeable(subject.train), rng=np.random.default_rng(SEED))
    if returned is not model:
        raise RefutedError(f"fit returned {kind(returned)}, expected the recommender itself; end it with `return self`")


def _scores(subject: Subject) -> None:
    # The arrays are writeable here, as another check asks whether the recommender writes into them.
    model = subject.new()
    model.fit(writeable(subject.train), rng=np.random.default_rng(SEED))
    model.score(subject.users.copy(), subject.items.copy())


def _unfitted_raises(subject: Subject) -> None:
    try:
        ask(subject.new(), subject.users, subject.items)
    except Exception:  # noqa: BLE001 - any exception is the right answer here
        return
    raise RefutedError(
        "score answered before fit; raise an error there (protocol.errors.NotFittedError is made for this)"
    )


def _unmodified(subject: Subject) -> None:
    train, users, items = writeable(subject.train), subject.users.copy(), subject.items.copy()
    model = subject.new()
    model.fit(train, rng=np.random.default_rng(SEED))
    model.score(users, items)
    for name in ("users", "items", "timestamps"):
        if not np.array_equal(getattr(train, name), getattr(subject.train, name)):
            raise RefutedError(f"fit changed train.{name}; work on a copy")
    for name, found in (("users", users), ("items", items)):
        if not np.array_equal(found, getattr(subject, name)):
            raise RefutedError(f"score changed its argument {name}; work on a copy")


def _read_only(subject: Subject) -> None:
    try:
        ask(subject.fitted(), subject.users, subject.items)
    except Exception as error:
        raise RefutedError(
            f"raised {type(error).__name__}: {error}; the harness gives read-only arrays: work on copies, and in "
            "Cython declare memoryviews const"
        ) from error


def _shape(subject: Subject) -> None:
    answer = subject.answer
    if not isinstance(answer, np.ndarray):
        raise RefutedError(f"score returned {kind(answer)}, expected a NumPy array; convert with np.asarray")
    if answer.shape != subject.items.shape:
        raise RefutedError(
            f"scores have shape {answer.shape}, expected {subject.items.shape}: a row per user, a column per candidate"
        )


def _dtype(subject: Subject) -> None:
    dtype = subject.answer.dtype
    if dtype not in (np.float32, np.float64) and not np.issubdtype(dtype, np.integer):
        raise RefutedError(
            f"scores are of type {dtype}, expected float32, float64 or integers; convert with .astype(float)"
        )


def _finite(subject: Subject) -> None:
    if np.ma.is_masked(subject.answer):
        raise RefutedError("scores are a masked array, and some are masked; give these a score, say with .filled(-1e9)")
    n_bad = int(np.sum(~np.isfinite(subject.answer)))
    if n_bad:
        raise RefutedError(
            f"{n_bad} of {subject.answer.size} scores are NaN or infinite; look for a division by zero or a learning "
            "rate too high, and give unknown items a low finite score"
        )


CHECKS = (
    Check(FITS, _fits),
    Check(SCORES, _scores, needs=(FITS,)),
    Check(UNFITTED, _unfitted_raises, needs=(FITS,)),
    Check(UNMODIFIED, _unmodified, needs=(SCORES,)),
    Check(READ_ONLY, _read_only, needs=(UNMODIFIED,)),
    Check(SHAPE, _shape, needs=(READ_ONLY,)),
    Check(DTYPE, _dtype, needs=(SHAPE,)),
    Check(FINITE, _finite, needs=(DTYPE,)),
)
