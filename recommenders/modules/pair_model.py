"""Recommenders made of a PyTorch module that computes the logits of pairs of a user and an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from recommenders.modules.footprint import trained_on_pairs
from recommenders.modules.module_model import ModuleModel

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
class PairModel(ModuleModel):
    """A recommender of a module with ``forward(users, items)``: logits of pairs, from their indices.

    Shapes broadcast: users ``(n, 1)`` with items ``(n, n_candidates)`` give ``(n, n_candidates)``. A module may have
    hooks of its own (see `recommenders.modules.hooks`). For the hyper-parameters see `ModuleModel`.
    """

    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.modules.pairs", *ModuleModel.slow_imports)

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once (see `protocol.contract`)."""
        return trained_on_pairs(facts, self, self._size(facts))

    def _objective(self, module: nn.Module, train: Interactions, rng: np.random.Generator) -> Objective:
        import torch

        from recommenders.modules.pairs import pair_objective

        self._check_trained(module, train)
        return pair_objective(self, torch.device(self.device), module, train, rng)

    def _check_trained(self, module: nn.Module, train: Interactions) -> None:
        import torch

        from recommenders.modules.agreement import check_score_all

        check_score_all(module, train.n_users, train.n_items, torch.device(self.device))

    def _scorer(
        self, module: nn.Module, device: torch.device, inputs: Mapping[str, npt.NDArray[np.int64]]
    ) -> ModuleScorer:
        from recommenders.modules.scoring import PairScorer

        return PairScorer(module, device, inputs)
