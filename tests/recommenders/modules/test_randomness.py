"""The random stream of a module: torch's own, seeded, and undisturbed by what is drawn elsewhere."""

from __future__ import annotations

import torch

from recommenders.modules.randomness import TorchStream

CPU = torch.device("cpu")


def test_it_goes_on_where_it_was_left() -> None:
    stream = TorchStream(7, CPU)
    with stream:
        first = torch.rand(3)
    torch.rand(5)
    with stream:
        second = torch.rand(3)
    torch.manual_seed(7)
    assert torch.equal(torch.cat((first, second)), torch.cat((torch.rand(3), torch.rand(3))))


def test_outside_torch_draws_what_it_would_have_drawn() -> None:
    torch.manual_seed(1)
    expected = torch.rand(4)
    torch.manual_seed(1)
    with TorchStream(7, CPU):
        torch.rand(9)
    assert torch.equal(torch.rand(4), expected)
