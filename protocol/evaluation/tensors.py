"""Scores that are tensors of PyTorch, as the array that they hold; PyTorch is not imported to ask."""

from __future__ import annotations

from typing import Any

_HALF = ("torch.float16", "torch.bfloat16")
"""Types of tensors whose every value float32 holds exactly; NumPy has no bfloat16."""


def as_array(scores: Any) -> Any:
    """Return a tensor as the array of its values, without its gradient and on the processor; all else as it is.

    Worked: a tensor of shape ``(2, 3)`` in bfloat16 on a GPU becomes an array of shape ``(2, 3)`` in float32.
    """
    if not all(callable(getattr(scores, method, None)) for method in ("detach", "cpu", "numpy")):
        return scores
    values = scores.detach().cpu()
    return (values.float() if str(values.dtype) in _HALF else values).numpy()
