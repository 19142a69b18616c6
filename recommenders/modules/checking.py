"""What a module answers, checked: errors say what it got, what it returned and what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from protocol.errors import RecommenderError
from recommenders.modules.advice import advice_on
from recommenders.modules.randomness import TorchStream
from recommenders.modules.words import with_article

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor, nn

    from recommenders.modules.losses import Loss

_ONLY_SHAPES = (
    *("Squeeze", "Unsqueeze", "View", "UnsafeView", "Reshape", "Select", "Transpose", "Permute", "ToCopy"),
    *("Cat", "Clone", "Expand", "Index", "Slice", "T"),
)
"""The names of autograd's steps, without Backward0, that change no value."""

_BOUNDED = {"Sigmoid": "sigmoid", "Softmax": "softmax"}
"""The names of autograd's steps after which an answer is no logit."""

_BROADCAST = "let it broadcast, say with `users, items = torch.broadcast_tensors(users, items)` as its first line"


def checked(found: Any, name: str, shape: Sequence[int], device: torch.device, given: str) -> Tensor:
    """Return a module's answer if it is a tensor of floats, of a shape, on a device.

    Parameters
    ----------
    name
        What errors call the method: ``TwoTower.forward``.
    given
        What it got, as errors say it: ``users (51, 1) and items (51, 5)``.

    Raises
    ------
    RecommenderError
        If it is anything else.
    """
    tensor = a_tensor(found, name, f"a tensor {tuple(shape)}", given)
    if tensor.shape != torch.Size(shape):
        advice = _shape_advice(tuple(tensor.shape), tuple(shape))
        raise RecommenderError(
            f"{name} returned a tensor {tuple(tensor.shape)} for {given}, expected {tuple(shape)}{advice}"
        )
    return numbers(tensor, name, given, device)


def a_tensor(found: Any, name: str, expected: str, given: str) -> Tensor:
    """Return a module's answer if it is a tensor; errors say what was expected.

    Raises
    ------
    RecommenderError
        If it is anything else.
    """
    if not isinstance(found, torch.Tensor):
        raise RecommenderError(f"{name} returned {_kind(found)} for {given}, expected {expected}")
    return found


def numbers(found: Tensor, name: str, given: str, device: torch.device) -> Tensor:
    """Return a module's answer if it holds floats on the device where the inputs were.

    Raises
    ------
    RecommenderError
        If it holds integers, or is elsewhere.
    """
    if not found.is_floating_point():
        raise RecommenderError(f"{name} returned a tensor of {found.dtype} for {given}, expected floats, the logits")
    if found.device.type != device.type:
        raise RecommenderError(
            f"{name} returned a tensor on {found.device} for {given} on {device}, expected it there; create tensors "
            "with device=users.device, or as parameters or buffers of the module"
        )
    return found


def trainable(found: Tensor, name: str) -> Tensor:
    """Return an answer that training starts from if it has a gradient and is finite.

    Raises
    ------
    RecommenderError
        If it has none, or some of it is NaN or infinite before any training.
    """
    if not found.requires_grad:
        raise RecommenderError(
            f"{name} returned a tensor without a gradient, so nothing can be learned; compute it from the module's "
            "parameters, without detach() or no_grad()"
        )
    n_bad = int((~torch.isfinite(found)).sum())
    if n_bad:
        raise RecommenderError(
            f"{name} returned {n_bad} of {found.numel()} values that are NaN or infinite, before any training; look "
            "for a division by zero, a logarithm of zero, or initial values that are too large"
        )
    return found


def pair_logits(module: nn.Module, users: Tensor, items: Tensor) -> Tensor:
    """Return a module's logits for users ``(n, 1)`` and items ``(n, n_candidates)`` or ``(1, n_candidates)``.

    Raises
    ------
    RecommenderError
        If the module does not broadcast, or its answer is no tensor of floats ``(n, n_candidates)``.
    """
    name, given = f"{type(module).__name__}.forward", pairs_given(users, items)
    found = called(lambda: module(users, items), name, given, lambda: _broadcast_advice(module, users, items))
    return checked(found, name, (len(users), items.shape[1]), users.device, given)


def first_logits(module: nn.Module, users: Tensor, items: Tensor, loss: Loss) -> Tensor:
    """Return a module's logits of the first batch (see `pair_logits`).

    Raises
    ------
    RecommenderError
        If its answer is not one that training can start from.
    """
    name = f"{type(module).__name__}.forward"
    found = without_sigmoid(trainable(pair_logits(module, users, items), name), name, loss)
    check_narrow_batches(module, users, items)
    return found


def check_narrow_batches(module: nn.Module, users: Tensor, items: Tensor) -> None:
    """Raise `RecommenderError` if a module's logits of one user, or of one item each, have the wrong shape.

    It is asked as it scores. Blocks of scores, and the last batch of an epoch, can be so narrow.
    """
    module.eval()
    with torch.no_grad(), TorchStream(0, users.device):
        pair_logits(module, users[:1], items[:1])
        pair_logits(module, users, items[:, :1])
    module.train()


def without_sigmoid(found: Tensor, name: str, loss: Loss) -> Tensor:
    """Return logits, unless they are what a sigmoid or a softmax returned.

    Raises
    ------
    RecommenderError
        If one of the two computed them.
    """
    step = found.grad_fn
    while step is not None and _kind_of_step(step) in _ONLY_SHAPES:
        step = step.next_functions[0][0]
    bounded = _BOUNDED.get(_kind_of_step(step)) if step is not None else None
    if bounded:
        raise RecommenderError(
            f"{name} returned what a {bounded} computed, expected logits; leave the {bounded} out: {loss.why_logits}; "
            "or bring a training_step with a loss of your own"
        )
    return found


def _kind_of_step(step: Any) -> str:
    """Return the name of a step of autograd without its number: ``SigmoidBackward0`` -> ``Sigmoid``."""
    return str(step.name()).partition("Backward")[0].removeprefix("torch::autograd::")


def checked_loss(found: Any, module: nn.Module) -> Tensor:
    """Return what the first ``training_step`` of a module returned if training can start from it.

    Raises
    ------
    RecommenderError
        If it is no scalar tensor with a gradient, or not finite.
    """
    name = f"{type(module).__name__}.training_step"
    if not isinstance(found, torch.Tensor):
        raise RecommenderError(f"{name} returned {_kind(found)}, expected the mean loss of the batch, a scalar tensor")
    if found.numel() != 1:
        raise RecommenderError(
            f"{name} returned a tensor {tuple(found.shape)}, expected the mean loss of the batch, a scalar tensor; "
            "take its mean()"
        )
    return trainable(found, name)


def pairs_given(users: Tensor, items: Tensor) -> str:
    """Return the shapes of users and items, as errors say them."""
    return f"users {tuple(users.shape)} and items {tuple(items.shape)}"


def called(call: Callable[[], Any], name: str, given: str, advice: Callable[[], str]) -> Any:
    """Return what a module answers; if it raises, an error says what it got, and the advice.

    Raises
    ------
    RecommenderError
        If it raises what wrong shapes and indices raise.
    """
    try:
        return call()
    except (RuntimeError, IndexError, ValueError, TypeError, AssertionError) as error:
        message = str(error).partition("\n")[0].rstrip(".")
        raise RecommenderError(
            f"{name} raised {type(error).__name__} for {given}: {message}{advice() or advice_on(error)}"
        ) from error


def _broadcast_advice(module: nn.Module, users: Tensor, items: Tensor) -> str:
    return f"; it takes equal shapes only: {_BROADCAST}" if _only_equal_shapes(module, users, items) else ""


def _only_equal_shapes(module: nn.Module, users: Tensor, items: Tensor) -> bool:
    """Return whether a module that failed works where users and items have one shape."""
    try:
        module(users.expand_as(items).contiguous(), items)
    except Exception:  # noqa: BLE001 - it fails anyway, whatever it raises; the first error is the one to show
        return False
    return True


def _shape_advice(found: tuple[int, ...], expected: tuple[int, ...]) -> str:
    if found == (*expected, 1):
        return "; drop its last dimension with squeeze(-1)"
    if found == (*expected[:-1], expected[-1] + 1):
        return "; leave out the column of an item that only pads"
    if 1 in expected and found == tuple(size for size in expected if size != 1):
        return "; squeeze() drops each dimension of size 1: squeeze(-1) drops only the last one"
    return "; one logit per pair"


def _kind(value: Any) -> str:
    return "None" if value is None else with_article(type(value).__name__)
