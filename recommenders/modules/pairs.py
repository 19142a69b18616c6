"""What modules of pairs are trained for. Models import this only when they are built: it loads torch and numba."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommenders.modules.batches import InteractionBatches, SampledBatches
from recommenders.modules.checking import checked_loss, first_logits, pair_logits, trainable
from recommenders.modules.hooks import hooks_of
from recommenders.modules.losses import LOSSES
from recommenders.modules.objectives import BatchObjective
from recommenders.modules.scoring import PAIRS, AllLogits

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import Tensor, nn

    from protocol.types import Interactions
    from recommenders.modules.losses import Loss, LossFunction
    from recommenders.modules.settings import Training
    from recommenders.modules.training import Objective


def pair_objective(
    training: Training, device: torch.device, module: nn.Module, train: Interactions, rng: np.random.Generator
) -> Objective:
    """Return what a module of pairs is trained for: its own training step, or the loss that the training names."""
    hooks, loss = hooks_of(type(module)), LOSSES[training.loss]
    if "training_step" not in hooks and loss.over_all_items:
        part_size = training.batch_size if "score_all" in hooks else max(1, PAIRS // train.n_items)
        batches = InteractionBatches(train, training.batch_size, part_size, device, rng)
        return AllItemsLoss(module, loss.function, batches, train.n_items)
    sampled = SampledBatches.of(train, training.batch_size, training.n_negatives, device, rng)
    return OwnLoss(module, sampled) if "training_step" in hooks else SampledLoss(module, loss, sampled)


class SampledLoss(BatchObjective):
    """A loss over the true item and sampled negatives."""

    def __init__(self, module: nn.Module, loss: Loss, batches: SampledBatches) -> None:
        super().__init__(module, batches)
        self._loss = loss
        self._targets: Tensor | None = None

    def loss(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the mean loss for users ``(n, 1)`` and items ``(n, 1 + n_negatives)``, the true item first."""
        logits = (pair_logits if self._is_checked else first_logits)(self._module, users, items)
        self._is_checked = True
        if self._targets is None or len(self._targets) != len(logits):
            self._targets = self._loss.true_first(logits.detach())
        return self._loss.function(logits, self._targets)


class AllItemsLoss(BatchObjective):
    """A loss over all items."""

    def __init__(self, module: nn.Module, function: LossFunction, batches: InteractionBatches, n_items: int) -> None:
        super().__init__(module, batches)
        self._function, self._all_logits = function, AllLogits(module, n_items)

    def loss(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the mean loss for users and their true items, ``(n,)`` each."""
        logits = self._all_logits(users)
        if not self._is_checked:
            trainable(logits, f"{type(self._module).__name__}")
        self._is_checked = True
        return self._function(logits, items)


class OwnLoss(BatchObjective):
    """The loss that the module's own ``training_step`` returns."""

    def loss(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the mean loss for users ``(n, 1)`` and items ``(n, 1 + n_negatives)``, the true item first."""
        found = self._module.training_step(users, items[:, :1], items[:, 1:])  # type: ignore[operator]
        loss = found if self._is_checked else checked_loss(found, self._module)
        self._is_checked = True
        return loss
