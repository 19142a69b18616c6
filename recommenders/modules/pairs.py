"""What modules of pairs are trained for. Models import this only when they are built: it loads torch and numba."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommenders.modules.batches import InteractionBatches, SampledBatches
from recommenders.modules.checking import (
    check_narrow_batches,
    checked_loss,
    first_logits,
    pair_logits,
    trainable,
    without_sigmoid,
)
from recommenders.modules.hooks import hooks_of
from recommenders.modules.losses import LOSSES
from recommenders.modules.objectives import BatchObjective
from recommenders.modules.scoring import PAIRS, AllLogits

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import Tensor, nn

    from protocol.types import Interactions
    from recommenders.modules.losses import Loss
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
        return AllItemsLoss(module, loss, batches, train.n_items)
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
        if self._is_checked:
            logits = pair_logits(self._module, users, items)
        else:
            logits = first_logits(self._module, users, items, self._loss)
        self._is_checked = True
        if self._targets is None or len(self._targets) != len(logits):
            self._targets = self._loss.true_first(logits.detach())
        return self._loss.function(logits, self._targets)


class AllItemsLoss(BatchObjective):
    """A loss over all items."""

    def __init__(self, module: nn.Module, loss: Loss, batches: InteractionBatches, n_items: int) -> None:
        super().__init__(module, batches)
        self._loss, self._all_logits = loss, AllLogits(module, n_items)

    def loss(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the mean loss for users and their true items, ``(n,)`` each."""
        logits = self._all_logits(users)
        if not self._is_checked:
            self._check(logits, users, items)
        self._is_checked = True
        return self._loss.function(logits, items)

    def _check(self, logits: Tensor, users: Tensor, items: Tensor) -> None:
        is_own = "score_all" in hooks_of(type(self._module))
        name = f"{type(self._module).__name__}.{'score_all' if is_own else 'forward'}"
        without_sigmoid(trainable(logits, name), name, self._loss)
        check_narrow_batches(self._module, users[:, None], items[:, None])


class OwnLoss(BatchObjective):
    """The loss that the module's own ``training_step`` returns."""

    def loss(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the mean loss for users ``(n, 1)`` and items ``(n, 1 + n_negatives)``, the true item first."""
        found = self._module.training_step(users, items[:, :1], items[:, 1:])  # type: ignore[operator]
        loss = found if self._is_checked else checked_loss(found, self._module)
        self._is_checked = True
        return loss
