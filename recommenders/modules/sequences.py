"""What modules of histories are trained for. Models import this only when they are built: it loads torch and numba."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommenders.modules.checking import checked_loss, trainable, without_sigmoid
from recommenders.modules.history_scoring import VALUES, answers
from recommenders.modules.hooks import hooks_of
from recommenders.modules.losses import LOSSES
from recommenders.modules.objectives import BatchObjective
from recommenders.modules.window_batches import WindowBatches

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import torch
    from torch import Tensor, nn

    from protocol.types import Interactions
    from recommenders.modules.forms import Form
    from recommenders.modules.losses import Loss
    from recommenders.modules.settings import Training
    from recommenders.modules.training import Objective

POSITIONS = 2**11
"""The most positions computed at once on a processor, so that what is computed for them stays in its cache.

Only a module that takes histories of any length is asked so often: parts of few histories have little padding."""


def sequence_objective(
    training: Training,
    device: torch.device,
    module: nn.Module,
    form: Form,
    train: Interactions,
    rng: np.random.Generator,
) -> Objective:
    """Return what a module of histories is trained for: its own training step, or the loss that the training names."""
    is_own = "training_step" in hooks_of(type(module))
    loss = LOSSES[training.loss] if not is_own else None
    n_negatives = 0 if loss and loss.over_all_items else training.n_negatives
    part = training.batch_size if is_own else _part_size(form, n_negatives, device)
    batches = WindowBatches.of(train, form, (training.batch_size, part), n_negatives, device, rng)
    return OwnLoss(module, batches, form) if loss is None else NextItemLoss(module, batches, form, loss)


def _part_size(form: Form, n_negatives: int, device: torch.device) -> int:
    """Return how many histories are computed at once: their scores, or vectors of candidates, are in memory."""
    per_answer = form.n_items if form.table is None else (1 + n_negatives) * form.table.embedding_dim
    n_answers = VALUES // per_answer
    if form.any_length and device.type == "cpu":
        n_answers = min(n_answers, POSITIONS)
    return max(1, n_answers // form.n_answers)


class NextItemLoss(BatchObjective):
    """A loss of the next item, among all items or among sampled negatives."""

    def __init__(self, module: nn.Module, batches: WindowBatches, form: Form, loss: Loss) -> None:
        super().__init__(module, batches)
        self._form, self._loss = form, loss

    def loss(self, histories: Tensor, places: Tensor, items: Tensor) -> Tensor:
        """Return the mean loss for histories ``(n, length)``, places ``(k,)`` and items ``(k, 1 + n_negatives)``."""
        found = _at(answers(self._module, histories, self._form), places)
        if not self._is_checked:
            self._check(found)
        self._is_checked = True
        over_items = self._loss.over_items
        return (
            self._over_sampled(found, items) if over_items is None else self._over_all(found, items[:, 0], over_items)
        )

    def _check(self, found: Tensor) -> None:
        name = f"{type(self._module).__name__}.forward"
        trainable(found, name)
        if self._form.table is None:
            without_sigmoid(found, name, self._loss)

    def _over_all(
        self, found: Tensor, next_items: Tensor, over_items: Callable[[Tensor, Tensor, Tensor], Tensor]
    ) -> Tensor:
        table = self._form.table
        if table is None:
            return self._loss.function(found, next_items)
        return over_items(found, table.weight[: self._form.n_items], next_items)

    def _over_sampled(self, found: Tensor, items: Tensor) -> Tensor:
        table = self._form.table
        logits = found.gather(1, items) if table is None else (table(items) @ found.unsqueeze(2)).squeeze(2)
        return self._loss.function(logits, items.new_zeros(len(items)))


class OwnLoss(BatchObjective):
    """The loss that the module's own ``training_step`` returns."""

    def __init__(self, module: nn.Module, batches: WindowBatches, form: Form) -> None:
        super().__init__(module, batches)
        self._form = form

    def loss(self, histories: Tensor, places: Tensor, items: Tensor) -> Tensor:
        """Return the mean loss for histories ``(n, length)``, places ``(k,)`` and items ``(k, 1 + n_negatives)``."""
        n, n_answers = len(histories), histories.shape[1] if self._form.per_position else 1
        spread = items.new_full((n * n_answers, items.shape[1]), self._form.n_items)
        spread[places] = items
        if self._form.per_position:
            spread = spread.view(n, n_answers, -1)
            positives, negatives = spread[..., 0], spread[..., 1:]
        else:
            positives, negatives = spread[:, :1], spread[:, 1:]
        found = self._module.training_step(histories, positives, negatives)  # type: ignore[operator]
        loss = found if self._is_checked else checked_loss(found, self._module)
        self._is_checked = True
        return loss


def _at(found: Tensor, places: Tensor) -> Tensor:
    """Return the answers at places, counted over all histories: ``(n, length, d)`` or ``(n, d)`` -> ``(k, d)``."""
    flat = found.flatten(0, -2)
    return flat if len(flat) == len(places) else flat.index_select(0, places)
