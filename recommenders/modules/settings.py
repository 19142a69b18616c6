"""The hyper-parameters of training that every module gets beside its own: names, limits, search spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from recommenders.parts.limits import above, at_least

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

PLACEMENT: Final = ("device", "precision")
"""Where and in what numbers a module is trained: parameters of a constructor that are no hyper-parameters."""

PRECISIONS: Final = ("float32", "bf16")

SAMPLED_LOSSES: Final = ("bce", "bpr", "softmax")
"""Losses over the true item and sampled negatives, of which they need at least one."""

LOSS_NAMES: Final = (*SAMPLED_LOSSES, "cross_entropy")
"""All losses; ``cross_entropy`` is over all items."""

SEARCH_SPACE: Final[Mapping[str, Any]] = {
    "loss": [*LOSS_NAMES],
    "n_negatives": [1, 4, 16],
    "learning_rate": {"low": 0.0003, "high": 0.03, "log": True},
    "batch_size": [256, 512, 1024, 2048],
    "weight_decay": {"low": 1e-8, "high": 1e-3, "log": True},
    "optimizer": ["adam", "adamw"],
    "epochs": 100,
}
"""What `recbench tune` searches where a module declares no space of its own."""

SEQUENCE_SEARCH_SPACE: Final[Mapping[str, Any]] = {
    **SEARCH_SPACE,
    "learning_rate": {"low": 0.0003, "high": 0.01, "log": True},
    "batch_size": [32, 64, 128, 256],
    "max_length": [20, 50, 100, 200],
    "epochs": 60,
}
"""The same for modules of histories."""

_REPLACED: Final[Mapping[str, tuple[str, ...]]] = {
    "training_step": ("loss",),
    "configure_optimizers": ("learning_rate", "weight_decay", "optimizer"),
}
"""Hyper-parameters that do nothing where a module has a hook (see `recommenders.modules.hooks`)."""


class Training(Protocol):
    """The training hyper-parameters of a model (see `recommenders.modules.module_model.ModuleModel`)."""

    loss: Any
    n_negatives: int
    epochs: int
    learning_rate: float
    batch_size: int
    weight_decay: float
    optimizer: str


def unused_settings(hooks: AbstractSet[str]) -> frozenset[str]:
    """Return the training hyper-parameters that do nothing for a module with these hooks."""
    return frozenset(name for hook in hooks for name in _REPLACED.get(hook, ()))


def check_limits(model: object) -> None:
    """Raise `RecommenderError` unless the training hyper-parameters of a model are within their limits."""
    at_least(1, model, "batch_size")
    at_least(0, model, "epochs", "n_negatives", "weight_decay")
    above(0, model, "learning_rate")
