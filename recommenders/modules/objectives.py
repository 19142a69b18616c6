"""What objectives share: batches of examples, and a first answer of the module that is checked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor, nn

    from recommenders.modules.training import Part


class Batches(Protocol):
    """An epoch's examples."""

    def steps(self) -> Iterator[tuple[Part, ...]]:
        """Yield an epoch's steps, each as the parts whose gradients are added up before the optimizer moves."""
        ...


class BatchObjective(ABC):
    """An objective whose first answer is checked; the others are not, as that takes time."""

    def __init__(self, module: nn.Module, batches: Batches) -> None:
        self._module, self._batches = module, batches
        self._is_checked = False

    def steps(self) -> Iterator[tuple[Part, ...]]:
        """Yield an epoch's steps."""
        return self._batches.steps()

    @abstractmethod
    def loss(self, *tensors: Any) -> Tensor:
        """Return the mean loss of a part, a scalar."""
