"""The first step of an optimizer loads parts of torch for seconds: importing this module takes it, off the clock."""

from __future__ import annotations

import torch


def _take_a_step() -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.Adam([parameter])
    parameter.square().sum().backward()
    optimizer.step()


_take_a_step()
