"""What the models of this room share: vectors of a given length, their initial values, and the penalty on them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from recommenders.modules.footprint import ModuleSize
from recommenders.modules.pair_model import PairModel
from recommenders.parts.limits import above, at_least

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions
    from recommenders.modules.training import Objective
    from recommenders.pytorch.penalty import WithVectors


def vectors_and_layers(facts: TrainFacts, size: int, widths: tuple[int, ...]) -> ModuleSize:
    """Return the size of a network of vectors of users and items, and layers with biases upon them.

    Parameters
    ----------
    size
        Of a vector. Where it is the width of the input, that is a product of two vectors, which are not copied for
        each pair.
    widths
        Of the input, the hidden layers and the output.
    """
    n_weights = (facts.n_users + facts.n_items) * size + sum((one + 1) * next_ for one, next_ in pairwise(widths))
    copies = 0 if widths[0] == size else 2 * size
    # The input, and each layer with its ReLU.
    return ModuleSize(n_weights, copies + widths[0] + 2 * sum(widths[1:]), max(widths))


@dataclass
class Twin(PairModel):
    """A PyTorch model with the loss, the hyper-parameters and the defaults of a compiled one."""

    loss: Literal["bce", "bpr", "softmax", "cross_entropy"] = "bce"
    n_negatives: int = 4
    batch_size: int = 2048
    weight_decay: float = 0.0
    optimizer: str = "adam"
    embedding_size: int = 32
    reg: float = 0.0
    init_std: float = 0.01

    slow_imports: ClassVar[tuple[str, ...]] = (
        *PairModel.slow_imports,
        "recommenders.pytorch.networks",
        "recommenders.pytorch.initial_values",
        "recommenders.pytorch.penalty",
    )

    def __post_init__(self) -> None:
        at_least(1, self, "embedding_size")
        at_least(0, self, "reg")
        above(0, self, "init_std")
        super().__post_init__()

    def _objective(self, module: nn.Module, train: Interactions, rng: np.random.Generator) -> Objective:
        from recommenders.pytorch.penalty import Penalised

        objective = super()._objective(module, train, rng)
        return Penalised(objective, cast("WithVectors", module), self.reg) if self.reg else objective
