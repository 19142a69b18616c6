"""Parameters that PyTorch does not see are refused, and only those."""

from __future__ import annotations

import pytest
import torch
from modules_to_train import TwoTower
from torch import nn

from protocol.errors import RecommenderError
from recommenders.modules.hidden import refuse_hidden_parameters


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (lambda: [nn.Linear(2, 2)], "a list"),
        (lambda: (nn.Linear(2, 2),), "a tuple"),
        (lambda: {"first": [nn.Linear(2, 2)]}, "a dict"),
        (lambda: torch.zeros(2, requires_grad=True), "a Tensor"),
    ],
)
def test_what_torch_does_not_see(value, found: str) -> None:
    module = TwoTower(3, 4)
    module.layers = value()
    with pytest.raises(
        RecommenderError, match=rf"TwoTower.layers is {found} with parameters that PyTorch does not see"
    ):
        refuse_hidden_parameters(module)


def test_what_is_registered_too_or_never_trained() -> None:
    module = TwoTower(3, 4)
    module.embeddings = [module.users, module.items]
    module.frozen = [nn.Linear(2, 2).requires_grad_(False)]
    module.sizes, module.mask = [1, 2], torch.zeros(3)
    refuse_hidden_parameters(module)
