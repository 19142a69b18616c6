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

    def about_padded_histories(self, *, in_front: bool) -> Tensor:
        """Return the answers that are used of shorter histories: one item in the first of them, half in the others."""
        n, length = self.histories.shape
        n_kept = torch.full((n, 1), (length + 1) // 2, device=self._device)
        n_kept[0] = 1
        place = torch.arange(length, device=self._device)
        is_item = place >= length - n_kept if in_front else place < n_kept
        found = self.about(self.histories.masked_fill(~is_item, self.n_items))
        return found if in_front else found[is_item]

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

    def rows_read(self, table: nn.Embedding, item: int) -> list[int]:
        """Return which rows of a table decide the answer to a history of one item alone: those with a gradient."""
        self._module.eval()
        histories = torch.full_like(self.histories[:1], item)
        # cuDNN has no gradient of recurrent layers as they score.
        with torch.enable_grad(), TorchStream(0, self._device), torch.backends.cudnn.flags(enabled=False):
            answer = called(lambda: self._module(histories), self.name, f"histories {tuple(histories.shape)}", str)
            if not (answer.requires_grad and table.weight.requires_grad):
                return []
            # By powers of two, so that no sum over the answer is always the same, as it is behind a softmax.
            weights = 2.0 ** -(torch.arange(answer.shape[-1], device=answer.device) % 8)
            (found,) = torch.autograd.grad((answer * weights).sum(), table.weight, materialize_grads=True)
        rows = found.to_dense().abs().sum(1).nonzero()
        return [int(row) for row in rows.flatten()]

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


def name_of(module: nn.Module, part: nn.Module) -> str:
    """Return what errors call a part of a module: ``GRU4Rec.items``."""
    name = next(name for name, found in module.named_modules() if found is part)
    return f"{type(module).__name__}.{name}"


def check_padding_index(module: nn.Module, table: nn.Embedding, n_items: int) -> None:
    """Raise `RecommenderError` if the table of the items' vectors takes one of the items for the padding."""
    if table.padding_idx in (None, n_items):
        return
    raise RecommenderError(
        f"{name_of(module, table)} has padding_idx={table.padding_idx}, the index of an item; items are "
        "0 .. n_items - 1 and histories are padded with n_items: set padding_idx=n_items"
    )


def check_rows(asked: Asked, table: nn.Embedding, table_name: str) -> None:
    """Raise `RecommenderError` if a history of one item is read in other rows of the table than the item's own."""
    item = asked.n_items // 2
    rows = asked.rows_read(table, item)
    if rows and item not in rows:
        read = f"row {rows[0]}" if len(rows) == 1 else "others"
        raise RecommenderError(
            f"{asked.name} does not read row {item} of {table_name} for item {item}, but {read}; recbench scores an "
            "item with the row of its index: give the table the indices of histories as they are, 0 .. n_items - 1 for "
            "items and n_items for the padding, or bring both training_step and score_all"
        )


def check_padding(asked: Asked, found: Tensor) -> None:
    """Raise `RecommenderError` if padding makes an answer NaN or infinite that is finite without padding."""
    in_front = found.dim() == 2
    padded = asked.about_padded_histories(in_front=in_front)
    if torch.isfinite(found).all() and not torch.isfinite(padded).all():
        raise RecommenderError(
            f"{asked.name} returned values that are NaN or infinite for histories with padding "
            f"{'in front of' if in_front else 'behind'} the items; a row of attention that sees only padding is NaN, "
            "and spreads in the next layer: let each position see itself, or set the answers at padding to zero after "
            "each layer; a mean over no items is NaN, too"
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


def check_length(asked: Asked, found: Tensor) -> None:
    """Raise `RecommenderError` if the answer at a position depends on the number of columns of histories."""
    half = (found.shape[1] + 1) // 2
    if not _is_same(asked.about(asked.histories[:, :half]), found[:, :half]):
        raise RecommenderError(
            f"the answer of {asked.name} at a position depends on the number of columns of histories, although the "
            "class says any_length = True; count positions from the first column, or leave any_length out: recbench "
            "then pads all histories to one length"
        )


def _is_same(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape:
        return False
    largest = other.abs().max()
    return not bool(((one - other).abs() > _TOLERANCE * largest).any())
