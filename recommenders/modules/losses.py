"""The losses, each a function of logits and of the column of the true item in each row.

Each takes logits ``(n, n_columns)`` and targets, int64, ``(n,)``, and returns the mean as a scalar tensor. A loss over
sampled negatives gets the true item in column 0, so its targets are zero, and the negatives behind it: what it takes as
targets is then the same in each step, and is made once by `Loss.true_first`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch.nn import functional

from recommenders.modules.blockwise import cross_entropy_over_items

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    LossFunction: TypeAlias = Callable[[Tensor, Tensor], Tensor]


def first_columns(logits: Tensor) -> Tensor:
    """Return the targets ``(n,)`` of true items in column 0 of logits."""
    return torch.zeros(len(logits), dtype=torch.int64, device=logits.device)


def first_labels(logits: Tensor) -> Tensor:
    """Return labels ``(n, n_columns)``: 1 in column 0 of logits, 0 in all others."""
    return torch.zeros_like(logits).index_fill_(1, first_columns(logits[:1]), 1.0)


@dataclass(frozen=True)
class Loss:
    """A loss.

    Parameters
    ----------
    function
        Of logits and targets.
    true_first
        Of logits: the targets where the true item is in column 0 of each row.
    over_items
        The same loss over all items, of vectors ``(n, d)``, the items' vectors and the true items, in blocks; None if
        the logits are those of the true item and of sampled negatives.
    needs_negatives
        Whether it can only be computed with at least one sampled negative.
    why_logits
        Why it gets logits, and not what a sigmoid or a softmax made of them.
    """

    function: LossFunction
    true_first: Callable[[Tensor], Tensor] = first_columns
    over_items: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None
    needs_negatives: bool = True
    why_logits: str = "this loss expects unbounded logits, and the order of the scores is the same without it"

    @property
    def over_all_items(self) -> bool:
        """Whether the logits are those of all items."""
        return self.over_items is not None


def binary_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean over all logits: ``- ln sigmoid(x)`` of true items, ``- ln sigmoid(-x)`` of all others.

    Targets are columns, or labels in the shape of the logits.
    """
    is_labels = targets.shape == logits.shape
    labels = targets if is_labels else torch.zeros_like(logits).scatter_(1, targets.unsqueeze(1), 1.0)
    return functional.binary_cross_entropy_with_logits(logits, labels)


def pairwise_ranking(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean of ``- ln sigmoid(x_true - x_other)``, over all others (Rendle et al., UAI 2009)."""
    true = logits.gather(1, targets.unsqueeze(1))
    n_others = logits.numel() - len(logits)
    # A true item compared with itself adds softplus(0) = ln 2, a constant.
    return (functional.softplus(logits - true).sum() - len(logits) * _LN_2) / n_others


_LN_2 = 0.6931471805599453

LOSSES: Mapping[str, Loss] = {
    "bce": Loss(binary_cross_entropy, first_labels, why_logits="this loss applies a sigmoid"),
    "bpr": Loss(pairwise_ranking),
    "softmax": Loss(functional.cross_entropy),
    "cross_entropy": Loss(functional.cross_entropy, over_items=cross_entropy_over_items, needs_negatives=False),
}
"""The losses by name."""
