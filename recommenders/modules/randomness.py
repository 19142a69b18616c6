"""The random numbers of torch while a module is built and trained."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


class TorchStream:
    """A random stream of its own in torch's global generators, which modules initialise and drop out with.

    Within ``with stream:`` torch draws from the stream, which goes on where the last such block ended. Outside, torch
    draws what it would have drawn without these blocks.

    Parameters
    ----------
    seed
        Where the stream begins.
    device
        The device whose generator is taken beside that of the processor.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._generators = _generators(device)
        self._outside = self._states()
        torch.manual_seed(seed)
        self._inside = self._states()
        self._restore(self._outside)

    def __enter__(self) -> Self:
        self._outside = self._states()
        self._restore(self._inside)
        return self

    def __exit__(self, *_: object) -> None:
        self._inside = self._states()
        self._restore(self._outside)

    def _states(self) -> list[Any]:
        return [read() for read, _ in self._generators]

    def _restore(self, states: list[Any]) -> None:
        for (_, write), state in zip(self._generators, states, strict=True):
            write(state)


def _generators(device: torch.device) -> list[tuple[Callable[[], Any], Callable[[Any], Any]]]:
    """Return the functions that read and write the state of each generator that a module on a device draws from."""
    found: list[tuple[Callable[[], Any], Callable[[Any], Any]]] = [(torch.get_rng_state, torch.set_rng_state)]
    if device.type == "cuda":
        found.append((partial(torch.cuda.get_rng_state, device), partial(torch.cuda.set_rng_state, device=device)))
    if device.type == "mps":
        found.append((torch.mps.get_rng_state, torch.mps.set_rng_state))
    return found
