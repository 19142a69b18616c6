"""A module of histories, asked about a few of them before it is trained: mistakes show that training would hide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from protocol.errors import RecommenderError
from recommenders.modules.checking import a_tensor, called, numbers
from recommenders.modules.randomness import TorchStream

if TYPE_CHECKING:
    from torch import Tensor

_TOLERANCE = 1e-4
"""How far two answers to one history may differ, relative to the largest value: rounding is less, a leak is more."""


class Asked:
    """A module that is asked about a few histories, as it scores.

    Parameters
    ----------
    length
        Number of columns of histories.

    Attributes
    ----------
    name
        What errors call the method: ``GRU4Rec.forward``.
    histories
        Those without padding, int64, ``(n, length)``; ``n`` is not ``length``.
    """

    def __init__(self, module: nn.Module, n_items: int, length: int, device: torch.device) -> None:
        self._module, self.n_items, self._device = module, n_items, device
        self.name = f"{type(module).__name__}.forward"
        n = 3 if length != 3 else 4
        self.histories = ((torch.arange(n)[:, None] + torch.arange(length)) % n_items).to(device)

    def about_full_histories(self) -> Tensor:
        """Return the answer to `histories`."""
        return self.about(self.histories)

    def about_padded_histories(self) -> Tensor:
        """Return the answer to the same histories without their later half."""
        shorter = self.histories.clone()
        shorter[:, (shorter.shape[1] + 1) // 2 :] = self.n_items
        return self.about(shorter)

    def about(self, histories: Tensor) -> Tensor:
        """Return the answer to histories, ``(n, length, d)`` or ``(n, d)``.

        Raises
        ------
        RecommenderError
            If it is anything else, or the module raises.
        """
        self._module.eval()
        n, length = histories.shape
        given = f"histories ({n}, {length})"
        with torch.no_grad(), TorchStream(0, self._device):
            answer = called(lambda: self._module(histories), self.name, given, self._advice)
        expected = (
            f"user vectors ({n}, {length}, d) or ({n}, d), or logits ({n}, {length}, {self.n_items}) or "
            f"({n}, {self.n_items})"
        )
        found = a_tensor(answer, self.name, expected, given)
        if found.dim() not in (2, 3) or found.shape[:-1] != histories.shape[: found.dim() - 1]:
            raise RecommenderError(
                f"{self.name} returned a tensor {tuple(found.shape)} for {given}, expected {expected}"
            )
        return numbers(found, self.name, given, self._device)

    def _advice(self) -> str:
        sizes = {part.num_embeddings for part in self._module.modules() if isinstance(part, nn.Embedding)}
        if self.n_items in sizes:
            return (
                f"; histories are padded with the index n_items, here {self.n_items}: give the items' table a row for "
                "it, nn.Embedding(n_items + 1, size, padding_idx=n_items)"
            )
        length = self.histories.shape[1]
        if any(size < length for size in sizes):
            return f"; histories have {length} columns, as many as the constructor gets if it takes `max_length`"
        return ""


def check_padding_index(module: nn.Module, n_items: int) -> None:
    """Raise `RecommenderError` if a table of items takes one of them for the padding."""
    for name, part in module.named_modules():
        if (
            isinstance(part, nn.Embedding)
            and part.num_embeddings == n_items + 1
            and part.padding_idx not in (None, n_items)
        ):
            raise RecommenderError(
                f"{type(module).__name__}.{name} has padding_idx={part.padding_idx}, the index of an item; items are "
                "0 .. n_items - 1 and histories are padded with n_items: set padding_idx=n_items"
            )


def check_batch(asked: Asked, found: Tensor) -> None:
    """Raise `RecommenderError` if the answer to a history depends on the other histories of the batch."""
    if not _is_same(asked.about(asked.histories[-1:])[0], found[-1]):
        raise RecommenderError(
            f"the answer of {asked.name} to a history depends on the other histories of the batch; histories are "
            "(n, length): build nn.GRU, nn.LSTM, nn.MultiheadAttention and nn.TransformerEncoderLayer with "
            "batch_first=True"
        )


def check_order(asked: Asked, found: Tensor) -> None:
    """Raise `RecommenderError` if the answer at a position depends on later items."""
    half = (found.shape[1] + 1) // 2
    changed = asked.histories.clone()
    changed[:, half:] = (changed[:, half:] + 1) % asked.n_items
    if not _is_same(asked.about(changed)[:, :half], found[:, :half]):
        raise RecommenderError(
            f"the answer of {asked.name} at a position depends on the items behind it, which are what it is to "
            "predict; give attention a causal mask, use no layer that reads both ways, or answer once for each "
            "history, (n, d)"
        )


def _is_same(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape:
        return False
    largest = other.abs().max()
    return not bool(((one - other).abs() > _TOLERANCE * largest).any())
