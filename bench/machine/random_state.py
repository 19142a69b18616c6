"""Whether random numbers were drawn: from a generator, or from the global ones of Python, NumPy and PyTorch."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _legacy_state() -> str:
    """Return the state of NumPy's global generator as text, all numbers of it."""
    name, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002 - the legacy generator is the global one
    return f"{name} {np.asarray(keys).tolist()} {rest}"


class RandomState:
    """The states of generators when this object is made.

    A generator that other code makes for itself is not seen, and neither is PyTorch's where PyTorch is imported later.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._before = {name: state() for name, state in self._states().items()}

    def has_moved(self) -> bool:
        """Return whether numbers were drawn from one of the generators since then."""
        now = self._states()
        return any(now[name]() != before for name, before in self._before.items())

    def _states(self) -> Mapping[str, Callable[[], Any]]:
        """Return what gives the state of each generator, in a form that ``==`` compares."""
        states: dict[str, Callable[[], Any]] = {
            "rng": lambda: repr(self._rng.bit_generator.state),
            "random": random.getstate,
            "numpy": _legacy_state,
        }
        torch = sys.modules.get("torch")
        if torch is not None:
            states["torch"] = lambda: torch.get_rng_state().numpy().tobytes()
            if torch.cuda.is_initialized():
                states["torch.cuda"] = lambda: [one.numpy().tobytes() for one in torch.cuda.get_rng_state_all()]
        return states
