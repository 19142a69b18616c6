"""The optimizers of ``torch.optim`` by name, or a module's own. Models import this only when they are built."""

from __future__ import annotations

import inspect
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import nn

from protocol.errors import RecommenderError
from recommenders.modules.hidden import refuse_hidden_parameters
from recommenders.modules.hooks import hooks_of
from recommenders.modules.words import with_article

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch.optim import Optimizer

    from recommenders.modules.settings import Training

_WITHOUT_STEPS = ("Optimizer", "LBFGS")
"""The base class, and the optimizer that asks for the loss several times a step."""

_FOR_SPARSE = ("adagrad", "sgd", "sparseadam")
"""The optimizers that take sparse gradients; the last takes no others."""

OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    name.lower(): found
    for name, found in sorted(vars(torch.optim).items())
    if isinstance(found, type) and issubclass(found, torch.optim.Optimizer) and name not in _WITHOUT_STEPS
}
"""The optimizers by their names in lower case."""


def optimizer_class(name: str) -> type[Optimizer]:
    """Return the optimizer of a name, in which upper and lower case are the same: ``adam``, ``AdamW``.

    Raises
    ------
    RecommenderError
        If ``torch.optim`` has none of this name that moves once per batch.
    """
    found = OPTIMIZERS.get(str(name).lower())
    if found is None:
        alike = get_close_matches(str(name).lower(), OPTIMIZERS, n=1)
        meant = f"; did you mean {alike[0]}?" if alike else ""
        raise RecommenderError(f"optimizer is {name!r}, expected one of {', '.join(OPTIMIZERS)}{meant}")
    return found


def optimizer_of(training: Training, module: nn.Module) -> Optimizer:
    """Return what trains a module: its own ``configure_optimizers()``, or the optimizer that the training names.

    Raises
    ------
    RecommenderError
        If the module has nothing to train, or hides it from PyTorch; if its ``configure_optimizers`` returns no
        optimizer; or if the optimizer that the training names does not take its parameters.
    """
    refuse_hidden_parameters(module)
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    if not trained:
        raise RecommenderError(f"{type(module).__name__} has no parameter to train; give it layers or embeddings")
    if "configure_optimizers" in hooks_of(type(module)):
        return _own_optimizer(module)
    return _new_optimizer(training, trained, is_sparse=_has_sparse_gradients(module))


def _own_optimizer(module: nn.Module) -> Optimizer:
    found = module.configure_optimizers()  # type: ignore[operator]
    if not isinstance(found, torch.optim.Optimizer):
        raise RecommenderError(
            f"{type(module).__name__}.configure_optimizers returned {with_article(type(found).__name__)}, expected one "
            "optimizer, such as torch.optim.Adam(self.parameters()); return it alone, and step a scheduler yourself in "
            "training_step"
        )
    return found


def _new_optimizer(training: Training, trained: list[nn.Parameter], *, is_sparse: bool) -> Optimizer:
    """Return the optimizer that a training names, in its fused form where torch has one for these parameters."""
    cls: Any = optimizer_class(training.optimizer)
    known = inspect.signature(cls).parameters
    options: dict[str, Any] = {"lr": training.learning_rate}
    if "weight_decay" in known:
        options["weight_decay"] = training.weight_decay
    elif training.weight_decay:
        raise RecommenderError(
            f"weight_decay is {training.weight_decay}, but torch.optim.{cls.__name__} has none; set it to 0"
        )
    if is_sparse and (training.weight_decay or cls.__name__.lower() not in _FOR_SPARSE):
        raise RecommenderError(
            f"the module has embeddings with sparse gradients, which torch.optim.{cls.__name__} with a weight_decay of "
            f"{training.weight_decay} does not take; set optimizer to one of {', '.join(_FOR_SPARSE)} and weight_decay "
            "to 0, or leave out sparse=True"
        )
    if "fused" in known and not is_sparse:
        # torch says only by an error that a device, or a type of parameters, has no fused form.
        with suppress(RuntimeError):
            return cast("Optimizer", cls(trained, **options, fused=True))
    return cast("Optimizer", cls(trained, **options))


def _has_sparse_gradients(module: nn.Module) -> bool:
    return any(isinstance(part, nn.Embedding | nn.EmbeddingBag) and part.sparse for part in module.modules())
