"""A trained module in a file: its parameters and buffers, and what scoring needs beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt
    from torch import Tensor, nn

STATE = "state.safetensors"
"""The name of the file."""

_MODULE, _INPUTS = "module.", "inputs."
"""What the names of a module's own tensors begin with, and those of the others."""


def write_state(folder: Path, module: nn.Module, inputs: Mapping[str, npt.NDArray[np.int64]]) -> None:
    """Write a module's ``state_dict``, and the inputs of scoring, into a folder.

    Raises
    ------
    RecommenderError
        If something in the ``state_dict`` is no tensor.
    """
    state = module.state_dict()
    for name, value in state.items():
        if not isinstance(value, torch.Tensor):
            raise RecommenderError(
                f"{type(module).__name__} keeps {name} in its state_dict, a {type(value).__name__}; only tensors can "
                "be stored: make it a parameter or a buffer"
            )
    # Each is copied, because the format does not allow two names of one tensor, as tied weights are.
    tensors = {
        _MODULE + name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in state.items()
    }
    arrays = {_INPUTS + name: torch.from_numpy(np.array(value, dtype=np.int64)) for name, value in inputs.items()}
    save_file({**tensors, **arrays}, folder / STATE)


def read_state(folder: Path) -> tuple[dict[str, Tensor], dict[str, npt.NDArray[np.int64]]]:
    """Return the ``state_dict`` and the inputs of scoring that `write_state` wrote.

    Raises
    ------
    RecommenderError
        If there is no such file, or it cannot be read.
    """
    try:
        found = load_file(folder / STATE)
    except (OSError, SafetensorError) as error:
        raise RecommenderError(f"{folder / STATE} holds no trained module: {error}") from error
    return _part(found, _MODULE), {name: value.numpy() for name, value in _part(found, _INPUTS).items()}


def fill(module: nn.Module, state: Mapping[str, Any]) -> None:
    """Give a module the parameters and buffers of a ``state_dict``.

    Raises
    ------
    RecommenderError
        If they are those of another module.
    """
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise RecommenderError(f"the stored parameters do not fit {type(module).__name__}: {reason}") from error


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
