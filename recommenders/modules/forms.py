"""What a module of histories answers: vectors or logits, for each position or once for each history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommenders.modules.asking import (
    Asked,
    check_batch,
    check_length,
    check_order,
    check_padding,
    check_padding_index,
    check_rows,
    name_of,
)
from recommenders.modules.hooks import hooks_of
from recommenders.modules.item_tables import table_of

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, eq=False)
class Form:
    """What ``forward(histories)`` returns.

    Parameters
    ----------
    n_items
        Number of items, and the index that pads histories.
    length
        Number of columns of histories.
    per_position
        Whether there is an answer for each position. Then histories are padded behind the items, otherwise in front.
    table
        The items' vectors, if the answers are vectors whose inner products with them are the scores. None if the
        answers are the logits of all items, or if the module itself does all that needs them.
    any_length
        Whether the module takes histories of fewer columns, too, and answers for each position.
    """

    n_items: int
    length: int
    per_position: bool
    table: nn.Embedding | None
    any_length: bool = False

    @property
    def in_front(self) -> bool:
        """Whether padding is in front of the items."""
        return not self.per_position

    @property
    def n_answers(self) -> int:
        """The number of answers to a history."""
        return self.length if self.per_position else 1


def form_of(module: nn.Module, n_items: int, length: int, device: torch.device) -> Form:
    """Return what a module answers, found by asking it about a few histories.

    Raises
    ------
    RecommenderError
        If the answer is neither user vectors nor logits, if it can be taken for both, or if it cannot be right: if
        padding makes it NaN, if it reads other rows than the items' own, if it depends on the other histories of the
        batch, or at a position on the items behind it; or on the number of columns, although the module says that it
        takes any.
    """
    hooks = hooks_of(type(module))
    asked = Asked(module, n_items, length, device)
    found = asked.about_full_histories()
    table = _table_of(module, found, asked)
    check_padding(asked, found)
    if table is not None:
        check_padding_index(module, table, n_items)
        check_rows(asked, table, name_of(module, table))
    check_batch(asked, found)
    if found.dim() == 3 and "training_step" not in hooks:
        check_order(asked, found)
    any_length = found.dim() == 3 and bool(getattr(module, "any_length", False))
    if any_length:
        check_length(asked, found)
    return Form(n_items, length, found.dim() == 3, table, any_length)


def _table_of(module: nn.Module, found: torch.Tensor, asked: Asked) -> nn.Embedding | None:
    does_all_itself = hooks_of(type(module)) >= {"training_step", "score_all"}
    return None if does_all_itself else table_of(module, found, asked.n_items, asked.name)


def check_trained(module: nn.Module, n_items: int, length: int, device: torch.device) -> None:
    """Raise `RecommenderError` if a module learned what those cannot show yet whose layers begin at zero.

    That is to look ahead, which a module with a ``training_step`` may do, or to read other rows than the items' own
    (see `form_of`).
    """
    asked = Asked(module, n_items, length, device)
    found = asked.about_full_histories()
    table = _table_of(module, found, asked)
    if table is not None:
        check_rows(asked, table, name_of(module, table))
    if found.dim() == 3 and "training_step" not in hooks_of(type(module)):
        check_order(asked, found)
