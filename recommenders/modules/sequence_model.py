"""Recommenders made of a PyTorch module that reads the histories of users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from recommenders.modules.footprint import trained_on_histories
from recommenders.modules.module_model import ModuleModel
from recommenders.modules.settings import SEQUENCE_SEARCH_SPACE
from recommenders.parts.fitted import fitted
from recommenders.parts.limits import at_least

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt
    import torch
    from torch import nn

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions
    from recommenders.modules.scoring import ModuleScorer
    from recommenders.modules.training import Objective


@dataclass(eq=False)
class SequenceModel(ModuleModel):
    """A recommender of a module with ``forward(histories)``: what comes next, from the order of a user's items.

    ``histories`` is int64, ``(n, max_length)``: items ``0 .. n_items - 1``, oldest first, padded with ``n_items``. So a
    table of items is ``nn.Embedding(n_items + 1, size, padding_idx=n_items)``. The constructor takes ``n_items``, and
    may take ``n_users`` and ``max_length``. The module answers

    - for each position, ``(n, length, ...)``, from the items up to it, without looking ahead. Padding is behind the
      items, so that it changes no answer that is used;
    - or once for each history, ``(n, ...)``. Padding is in front, so that the last column is the latest item. An
      answer for each position learns from all of them in one pass and is far faster.

    An answer is a vector, whose inner products with the items' vectors are the scores, or the logits of all items,
    ``(..., n_items)``. The items' vectors are those of the ``nn.Embedding`` with ``n_items`` rows, or one more, of the
    same length: the one in the attribute ``items`` if there are several. Where an answer could be either, an attribute
    ``answers = "vectors"``, or ``"logits"``, of the module says which. A module that answers for each position, and
    takes histories of fewer columns than ``max_length``, too, may say ``any_length = True``: then less padding is
    computed.

    Everything else is done here: windows, padding, next items and their losses, and the answer at the last position is
    the score. A module may have hooks of its own (see `recommenders.modules.hooks`). Users without items get zeros. For
    the other hyper-parameters see `ModuleModel`.

    Parameters
    ----------
    n_negatives
        Negatives per next item, drawn anew in each epoch; unused by ``cross_entropy``.
    batch_size
        Histories per step. Where the module answers for each position, a history is cut into parts of ``max_length``;
        otherwise there is one history for each item but a user's first.
    max_length
        Longest history. A user is scored from the last ``max_length`` items.
    """

    loss: Literal["bce", "bpr", "softmax", "cross_entropy"] = "cross_entropy"
    epochs: int = 20
    learning_rate: float = 0.002
    batch_size: int = 64
    weight_decay: float = 0.0
    max_length: int = 50

    slow_imports: ClassVar[tuple[str, ...]] = (
        "recommenders.modules.sequences",
        "recommenders.modules.forms",
        *ModuleModel.slow_imports,
    )

    def __post_init__(self) -> None:
        at_least(1, self, "max_length")
        super().__post_init__()

    @classmethod
    def _spaces(cls) -> Mapping[str, Any]:
        return SEQUENCE_SEARCH_SPACE

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        return trained_on_histories(facts, self, self._size(facts), self.max_length)

    def _inputs(self, train: Interactions) -> dict[str, npt.NDArray[np.int64]]:
        from recommenders.modules.histories import latest

        return {**super()._inputs(train), **latest(train, self.max_length)}

    def _objective(self, module: nn.Module, train: Interactions, rng: np.random.Generator) -> Objective:
        import torch

        from recommenders.modules.forms import form_of
        from recommenders.modules.sequences import sequence_objective

        self._check_agreement()
        device = torch.device(self.device)
        form = form_of(module, train.n_items, self.max_length, device)
        return sequence_objective(self, device, module, form, train, rng)

    def _check_trained(self, module: nn.Module, train: Interactions) -> None:
        import torch

        from recommenders.modules.forms import check_trained

        check_trained(module, train.n_items, self.max_length, torch.device(self.device))
        self._check_agreement()

    def _check_agreement(self) -> None:
        from recommenders.modules.agreement import check_score_all_of_histories

        check_score_all_of_histories(cast("ModuleScorer", fitted(self, self._state)))

    def _scorer(
        self, module: nn.Module, device: torch.device, inputs: Mapping[str, npt.NDArray[np.int64]]
    ) -> ModuleScorer:
        from recommenders.modules.forms import form_of
        from recommenders.modules.history_scoring import scorer_of

        form = form_of(module, int(inputs["n_items"]), self.max_length, device)
        return scorer_of(module, device, inputs, form)
