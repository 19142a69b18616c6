"""What an adapter passes on to its library: hyper-parameters, a seed, and how many threads there may be."""

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
    """Return a seed for a library with generators of its own, below 2**31."""
    return int(rng.integers(2**31))


def n_threads() -> int:
    """Return how many threads the library may use: those that ``OMP_NUM_THREADS`` pins, else 1."""
    pinned = os.environ.get("OMP_NUM_THREADS", "")
    return int(pinned) if pinned.isdecimal() and int(pinned) else 1
