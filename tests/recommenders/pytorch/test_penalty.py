"""The penalty: its gradient moves vectors, its value is not in the loss."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.pytorch.mlp import MLP


def test_it_has_its_gradient_and_no_value() -> None:
    """The mean of two pairs: 3 / 2 * (1 + 4 + 9 + 16) / 2 has the gradient 3 / 2 times each number."""
    import torch

    from recommenders.pytorch.penalty import Penalised

    vectors = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)

    class Network:
        def squared_lengths(self, *pairs: torch.Tensor) -> torch.Tensor:
            return vectors.square().sum(dim=-1)

    class Objective:
        def steps(self):
            return iter([("a step",)])

        def loss(self, *pairs: torch.Tensor) -> torch.Tensor:
            return torch.tensor(7.0) + 0 * vectors.sum()

    penalised = Penalised(Objective(), Network(), 3.0)
    loss = penalised.loss(torch.tensor([0, 1]), torch.tensor([0, 1]))
    loss.backward()
    assert loss.item() == 7
    assert vectors.grad is not None
    assert vectors.grad.tolist() == [[1.5, 3.0], [4.5, 6.0]]
    assert list(penalised.steps()) == [("a step",)]


@pytest.mark.parametrize("loss", ["bce", "bpr", "softmax", "cross_entropy"])
def test_it_shrinks_vectors_with_any_loss(checkerboard, loss: str) -> None:
    def length(reg: float) -> float:
        model = MLP(
            embedding_size=4,
            layers=(4,),
            epochs=10,
            learning_rate=0.05,
            reg=reg,
            batch_size=256,
            loss=loss,
            init_std=1.0,
        )
        model.fit(checkerboard, rng=np.random.default_rng(0))
        network = model._state.module
        return sum(table.weight.norm().item() for table in (network.users, network.items))

    assert length(1.0) < 0.9 * length(0.0)
