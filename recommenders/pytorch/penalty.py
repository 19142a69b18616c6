"""The penalty on the vectors that a pair uses. Models import this module only when they are built: it loads torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from recommenders.modules.training import Objective, Part


class WithVectors(Protocol):
    """A network that knows which vectors a pair uses."""

    def squared_lengths(self, *pairs: Tensor) -> Tensor:
        """Return for each pair of a user and an item the squared lengths of the vectors that it uses, summed."""
        ...


@dataclass(frozen=True, eq=False)
class Penalised:
    """An objective plus ``reg / 2`` times the mean squared length of the vectors that a pair uses.

    The penalty has its gradient and the value zero, so that the loss of an epoch does not hold it: the compiled models
    report their loss without it, too.
    """

    objective: Objective
    network: WithVectors
    reg: float

    def steps(self) -> Iterator[tuple[Part, ...]]:
        """Yield an epoch's steps."""
        return self.objective.steps()

    def loss(self, *pairs: Tensor) -> Tensor:
        """Return the mean loss of pairs of users and items, a scalar."""
        penalty = self.reg / 2 * self.network.squared_lengths(*pairs).mean()
        return self.objective.loss(*pairs) + (penalty - penalty.detach())
