"""BPR: a step by hand, and what many of them learn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from protocol.errors import RecommenderError
from recommenders.bpr import BPR, _Descent


def test_a_step_by_hand() -> None:
    """User (1), items (2) and (1), biases 0: the margin is 1, and sigmoid(-1) = .2689 pulls."""
    import torch

    users, items, biases = torch.tensor([[1.0]]), torch.tensor([[2.0], [1.0]]), torch.zeros(2)
    descent = _Descent(users, items, biases, learning_rate=0.1, reg=0.5)
    loss = descent.step(torch.tensor([0]), torch.tensor([0]), torch.tensor([1]))
    pull = 1 / (1 + math.e)
    assert float(loss) == pytest.approx(math.log(1 + math.exp(-1)))
    assert float(users) == pytest.approx(1 + 0.1 * (pull * (2 - 1) - 0.5 * 1))
    assert items.flatten().tolist() == pytest.approx([2 + 0.1 * (pull - 0.5 * 2), 1 + 0.1 * (-pull - 0.5 * 1)])
    assert biases.tolist() == pytest.approx([0.1 * pull, -0.1 * pull])


def test_a_step_is_the_gradient_of_the_objective() -> None:
    """Where examples share vectors, their steps add up: as autograd has it for the sum."""
    import torch

    generator = torch.Generator().manual_seed(0)
    tables = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((3, 2), (4, 2), (4,))]
    triples = torch.tensor([0, 0, 2]), torch.tensor([1, 1, 3]), torch.tensor([2, 0, 1])
    (users, items, biases) = leaves = [table.clone().requires_grad_() for table in tables]
    u, i, j = triples
    margins = (users[u] * (items[i] - items[j])).sum(1) + biases[i] - biases[j]
    squares = users[u] ** 2, items[i] ** 2, items[j] ** 2, biases[i] ** 2, biases[j] ** 2
    loss = torch.nn.functional.softplus(-margins).sum()
    (loss + 0.3 / 2 * sum(square.sum() for square in squares)).backward()
    expected = [table - 0.1 * leaf.grad for table, leaf in zip(tables, leaves, strict=True)]

    found = _Descent(*tables, learning_rate=0.1, reg=0.3).step(*triples)
    torch.testing.assert_close(found, loss.detach())
    for table, wanted in zip(tables, expected, strict=True):
        torch.testing.assert_close(table, wanted)


def test_the_loss_falls_and_the_checkerboard_is_seen(checkerboard, sees_the_board) -> None:
    model = BPR(embedding_size=8, epochs=150, batch_size=64)
    losses = list(model.fit_epochs(checkerboard, rng=np.random.default_rng(0)))
    assert losses[0] == pytest.approx(math.log(2), abs=0.01)
    assert losses[-1] < 0.3
    assert sees_the_board(model) > 0.97


@pytest.mark.parametrize(
    "parameters", [{"embedding_size": 0}, {"batch_size": 0}, {"learning_rate": 0.0}, {"reg": -1.0}, {"epochs": -1}]
)
def test_limits(parameters) -> None:
    with pytest.raises(RecommenderError, match=next(iter(parameters))):
        BPR(**parameters)
