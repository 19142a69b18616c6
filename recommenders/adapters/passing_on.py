"""The values that an adapter passes on to its library: hyper-parameters, a seed, and the number of threads."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def hyper_parameters(model: Any) -> dict[str, Any]:
    """Return the constructor's parameters of an adapter, a dataclass, by name."""
    return {field.name: getattr(model, field.name) for field in dataclasses.fields(model) if field.init}


def seed_from(rng: np.random.Generator) -> int:
    """Return a seed below 2**31, for a library that makes its own generators."""
    return int(rng.integers(2**31))


def seed_for(model: Any, rng: np.random.Generator) -> int:
    """Return a seed for a library that wants one: 0, and nothing is drawn, if the model is deterministic.

    What a deterministic model draws would be recorded against it.
    """
    return 0 if model.deterministic else seed_from(rng)


def n_threads() -> int:
    """Return how many threads the library may use: as many as ``OMP_NUM_THREADS`` says, or 1 if it says nothing."""
    pinned = os.environ.get("OMP_NUM_THREADS", "")
    return int(pinned) if pinned.isdecimal() and int(pinned) else 1
