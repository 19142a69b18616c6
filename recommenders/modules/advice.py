"""What helps against errors that PyTorch raises in a module: for those whose own words do not say it."""

from __future__ import annotations

from typing import Final

_LEAVE_IT_TO_US = (
    "leave out .cuda() and .to(): recbench puts the module and its inputs on the device that --device names; create "
    "further tensors with device=users.device"
)
_IN_TORCH = "compute with operations of torch on tensors, without NumPy"

_ADVICE: Final = (
    ("before Module.__init__() call", "call super().__init__() before the first layer is assigned"),
    ("object has no attribute '_parameters'", "call super().__init__() before anything else"),
    ("object has no attribute '_modules'", "call super().__init__() before anything else"),
    (
        "index out of range in self",
        "indices begin at 0: users are below n_users and items below n_items, so an embedding of users has n_users "
        "rows and one of items has n_items rows or more; is forward(users, items) in this order?",
    ),
    (
        "running_mean should contain",
        "nn.BatchNorm1d takes (n, features): after torch.broadcast_tensors, flatten users and items, and give the "
        "logits their shape again",
    ),
    ("not compiled with CUDA", _LEAVE_IT_TO_US),
    ("No CUDA GPUs are available", _LEAVE_IT_TO_US),
    ("Found no NVIDIA driver", _LEAVE_IT_TO_US),
    ("to be on the same device", _LEAVE_IT_TO_US),
    ("Can't call numpy()", _IN_TORCH),
    ("can't convert cuda", _IN_TORCH),
)
"""A part of PyTorch's message, and what helps."""


def advice_on(error: BaseException) -> str:
    """Return what helps against an error, as ``"; leave out .cuda() ..."``; empty where nothing is known."""
    message = str(error)
    return next((f"; {advice}" for part, advice in _ADVICE if part in message), "")
