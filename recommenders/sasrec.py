"""SASRec: self-attention over the sequence of a user's items (Kang & McAuley, ICDM 2018)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from protocol.errors import RecommenderError
from recommenders.modules.footprint import ModuleSize
from recommenders.modules.sequence_model import SequenceModel
from recommenders.parts.limits import at_least, below

if TYPE_CHECKING:
    from torch import nn

    from protocol.train_facts import TrainFacts


@dataclass
class SASRec(SequenceModel):
    """The next item, predicted from the order of a user's earlier items by causal self-attention.

    "Self-Attentive Sequential Recommendation" (arXiv:1808.09781). A sequence of items has the vectors
    ``E = (sqrt(d) m_(s_1) + p_1, ..., sqrt(d) m_(s_n) + p_n)``, made of the vectors ``m`` of items and ``p`` of
    positions. Each block adds the attention ``softmax(Q K' / sqrt(d)) V``, in which a position sees itself and earlier
    positions only, and then a perceptron at each position. Each layer normalises its input and drops out values of its
    output. With the output ``f_t`` at position ``t``, the score of item ``i`` is ``f_t . m_i``; a user is scored at the
    last position.

    Adam minimises a mean over the positions of a batch. With ``n_negatives = 0`` this is the cross-entropy of the next
    item among all items (Klenitskiy and Vasilev, RecSys 2023, arXiv:2309.07602, show that it learns faster and better).
    Otherwise it is, as in the paper, the binary cross-entropy of the next item (1) and of ``n_negatives`` items (0),
    uniform over those that the user did not touch. A history is cut from its end into sequences of ``max_length``, so
    that each interaction but the first is a target once per epoch; the paper learns from the last sequence only.
    Interactions at the same time are in the order of the protocol.

    Parameters
    ----------
    embedding_size
        Length of the vectors, a multiple of ``n_heads``.
    n_blocks, n_heads
        Of self-attention.
    max_length
        Longest sequence. A user is scored from the last ``max_length`` items.
    epochs
        Passes over the interactions.
    learning_rate
        Adam's step.
    batch_size
        Sequences per step.
    n_negatives
        Negatives per interaction; 0 for the cross-entropy over all items.
    dropout
        Share of values that are set to zero in training, 0 to below 1.
    weight_decay, optimizer, device, precision
        See `recommenders.modules.module_model.ModuleModel`.
    """

    embedding_size: int = 64
    n_blocks: int = 2
    n_heads: int = 1
    max_length: int = 50
    epochs: int = 8
    learning_rate: float = 0.002
    batch_size: int = 64
    n_negatives: int = 0
    dropout: float = 0.2
    loss: Literal["bce", "cross_entropy"] = field(init=False, default="cross_entropy")

    slow_imports: ClassVar[tuple[str, ...]] = (*SequenceModel.slow_imports, "recommenders.parts.transformer")

    def __post_init__(self) -> None:
        self.loss = "bce" if self.n_negatives else "cross_entropy"
        at_least(1, self, "embedding_size", "n_heads")
        at_least(0, self, "n_blocks", "dropout")
        below(1, self, "dropout")
        if self.embedding_size % self.n_heads:
            raise RecommenderError(
                f"SASRec: embedding_size is {self.embedding_size}, expected a multiple of n_heads, {self.n_heads}"
            )
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "embedding_size": [32, 64, 128],
            "n_blocks": [1, 2, 3],
            "max_length": [20, 50, 100, 200],
            "learning_rate": {"low": 0.0003, "high": 0.003, "log": True},
            "dropout": {"low": 0.1, "high": 0.6},
            "epochs": 60,
        }

    def _size(self, facts: TrainFacts) -> ModuleSize:
        size = self.embedding_size
        n_weights = (facts.n_items + 1 + self.max_length + 2) * size + self.n_blocks * (5 * size + 9) * size
        # The three of the attention, its answer, the perceptron, and what is normalised, dropped out and added between.
        width = (3 + 12 * self.n_blocks) * size + 3 * self.n_blocks * self.n_heads * self.max_length
        return ModuleSize(n_weights, width, size, any_length=True)

    def new_module(self, n_users: int, n_items: int) -> nn.Module:  # noqa: ARG002 - users are their sequences
        """Return an untrained network of this size."""
        from recommenders.parts.transformer import Transformer

        sizes = self.embedding_size, self.n_blocks, self.n_heads
        return Transformer(n_items, self.max_length, *sizes, self.dropout)
