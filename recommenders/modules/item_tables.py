"""Where a module of histories keeps the items' vectors, if it answers with vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from torch import Tensor

_SAID = (None, "vectors", "logits")
"""What a module may say in its attribute ``answers``; None where it has none."""


def table_of(module: nn.Module, found: Tensor, n_items: int, name: str) -> nn.Embedding | None:
    """Return the table whose inner products with an answer are the scores; None if the answer is the logits of items.

    It is the module's ``nn.Embedding`` of ``n_items`` rows, or one more for the padding, whose vectors are as long as
    the answer's; the one called ``items`` if several are.

    Parameters
    ----------
    found
        An answer of the module, ``(..., d)`` or ``(..., n_items)``.
    name
        What errors call the method.

    Raises
    ------
    RecommenderError
        If the answer is neither, or can be taken for both, or the tables that fit are several.
    """
    size, said = found.shape[-1], _said(module)
    fitting = _fitting_tables(module, size, n_items)
    if said is None and size == n_items and fitting:
        raise RecommenderError(
            f"{name} returned {size} values for each answer, which can be the logits of {n_items} items or vectors "
            f"like those of {next(iter(fitting))}; say which in the class, answers = 'vectors' or answers = 'logits', "
            "or choose another size"
        )
    if size == n_items and said != "vectors":
        return None
    if said == "logits" or not fitting:
        raise RecommenderError(
            f"{name} returned {size} values for each answer, neither the logits of {n_items} items nor vectors of the "
            f"length of the items'; {_advice(size, n_items)}"
        )
    if len(fitting) > 1 and "items" not in fitting:
        raise RecommenderError(
            f"{name} returned vectors of {size} values, and {' and '.join(fitting)} can all be those of the items; "
            "call the one whose inner products with users' vectors are the scores `items`"
        )
    return fitting.get("items", next(iter(fitting.values())))


def _said(module: nn.Module) -> Any:
    said = getattr(module, "answers", None)
    if said not in _SAID:
        raise RecommenderError(f"{type(module).__name__}.answers is {said!r}, expected 'vectors' or 'logits'")
    return said


def _fitting_tables(module: nn.Module, size: int, n_items: int) -> dict[str, nn.Embedding]:
    return {
        name: part
        for name, part in module.named_modules()
        if isinstance(part, nn.Embedding)
        and part.embedding_dim == size
        and part.num_embeddings in (n_items, n_items + 1)
    }


def _advice(size: int, n_items: int) -> str:
    if size == n_items + 1:
        return "leave out the logit of the padding, which is the last one: [..., :-1]"
    return f"nn.Embedding(n_items + 1, {size}, padding_idx=n_items) in an attribute `items` holds the items' vectors"
