"""The loop over batches. Models import this module only when they are built, because it loads torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol
from warnings import warn

import torch

from protocol.errors import RecbenchWarning, RecommenderError
from recommenders.modules.step_threads import StepThreads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor, nn
    from torch.optim import Optimizer

    from recommenders.modules.randomness import TorchStream


class Part(NamedTuple):
    """Examples whose loss is computed at once.

    Parameters
    ----------
    n
        How many they are: their weight in the mean of the step, and in that of the epoch.
    tensors
        What `Objective.loss` gets.
    """

    n: int
    tensors: tuple[Tensor, ...]


class Objective(Protocol):
    """What a module is trained for."""

    def steps(self) -> Iterator[tuple[Part, ...]]:
        """Yield an epoch's steps, each as the parts whose gradients are added up before the optimizer moves."""
        ...

    @property
    def loss(self) -> Callable[..., Tensor]:
        """The mean loss of the examples of a part, a scalar, as a function of the part's tensors."""
        ...


def descend(
    module: nn.Module, objective: Objective, optimizer: Optimizer, epochs: int, stream: TorchStream, precision: str
) -> Iterator[float]:
    """Train a module, and yield the mean loss of each epoch.

    The losses of an epoch are summed where the module is, and read once. An optimizer may leave parameters out, as they
    may be frozen, or hold some that the loss does not use.

    Parameters
    ----------
    stream
        What torch draws from while it trains.
    precision
        ``"float32"``; or ``"bf16"``: the loss is computed under torch's autocast.

    Raises
    ------
    RecommenderError
        If the first loss gives no parameter of the optimizer a gradient, so that nothing would be trained.
    """
    device = next(module.parameters()).device
    loss_of = objective.loss
    if precision == "bf16":
        loss_of = torch.autocast(device.type, torch.bfloat16)(loss_of)
    total = torch.zeros((), dtype=torch.float32 if device.type == "mps" else torch.float64, device=device)
    trained = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    threads, is_checked = StepThreads(device), False
    for _ in range(epochs):
        n_examples = 0
        total.zero_()
        with stream, threads:
            module.train()
            for parts in objective.steps():
                n = sum(part.n for part in parts)
                with threads.step():
                    for part in parts:
                        loss = loss_of(*part.tensors)
                        (loss if part.n == n else loss * (part.n / n)).backward()
                        total.add_(loss.detach(), alpha=part.n)
                    if not is_checked:
                        _check_gradients(module, trained)
                        is_checked = True
                    optimizer.step()
                    for parameter in trained:
                        parameter.grad = None
                n_examples += n
        yield total.item() / max(1, n_examples)


def _check_gradients(module: nn.Module, trained: list[Tensor]) -> None:
    """Look at the gradients of the first step: nothing to train is an error, something left out a warning."""
    if all(parameter.grad is None for parameter in trained):
        raise RecommenderError(
            f"the optimizer of {type(module).__name__} has no parameter that the loss depends on, so nothing would be "
            "trained; give it those that forward uses, such as torch.optim.Adam(self.parameters())"
        )
    held = {id(parameter) for parameter in trained}
    forgotten = [name for name, one in module.named_parameters() if one.grad is not None and id(one) not in held]
    if forgotten:
        warn(
            f"the optimizer of {type(module).__name__} leaves out {', '.join(forgotten)}, which the loss depends "
            "on, so it is never trained; give the optimizer self.parameters(), or call requires_grad_(False) on what "
            "is to keep its first values",
            RecbenchWarning,
            stacklevel=2,
        )
