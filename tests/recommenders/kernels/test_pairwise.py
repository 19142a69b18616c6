"""The descent of BPR: a step by hand, and whole epochs against autograd."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recommenders.kernels.pairwise import descend


def random_tables(size: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(scale=0.5, size=shape).astype(np.float32) for shape in ((5, size), (8, size), (8,))]


def random_examples(n: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.stack([rng.integers(bound, size=n) for bound in (5, 8, 8)], axis=1).astype(np.int32)


def test_a_step_by_hand() -> None:
    """User (1), items (2) and (1), biases 0: the margin is 1, and sigmoid(-1) = .2689 pulls."""
    users, items, biases = np.ones((1, 1), np.float32), np.array([[2], [1]], np.float32), np.zeros(2, np.float32)
    loss = descend(np.array([[0, 0, 1]], np.int32), 1, users, items, biases, 0.1, 0.5)
    pull = 1 / (1 + math.e)
    assert loss == pytest.approx(math.log(1 + math.exp(-1)))
    assert users.item() == pytest.approx(1 + 0.1 * (pull * (2 - 1) - 0.5 * 1))
    assert items.ravel().tolist() == pytest.approx([2 + 0.1 * (pull - 0.5 * 2), 1 + 0.1 * (-pull - 0.5 * 1)])
    assert biases.tolist() == pytest.approx([0.1 * pull, -0.1 * pull])


@pytest.mark.parametrize("size", [1, 7, 16])
@pytest.mark.parametrize("reg", [0.0, 0.3])
@pytest.mark.parametrize(("n", "batch_size"), [(40, 1), (41, 8), (40, 100)])
def test_steps_are_gradients_of_the_objective(size: int, reg: float, n: int, batch_size: int) -> None:
    """Where the examples of a batch share vectors, their steps add up: autograd of the sum, in float64."""
    import torch

    tables, examples = random_tables(size), random_examples(n)
    leaves = users, items, biases = [torch.tensor(t, dtype=torch.float64, requires_grad=True) for t in tables]
    optimizer = torch.optim.SGD(leaves, lr=0.1)
    expected = 0.0
    for u, i, j in (batch.T for batch in torch.from_numpy(examples).long().split(batch_size)):
        margins = (users[u] * (items[i] - items[j])).sum(1) + biases[i] - biases[j]
        squares = users[u] ** 2, items[i] ** 2, items[j] ** 2, biases[i] ** 2, biases[j] ** 2
        loss = torch.nn.functional.softplus(-margins).sum()
        optimizer.zero_grad()
        torch.autograd.backward(loss + reg / 2 * sum(square.sum() for square in squares))
        optimizer.step()
        expected += loss.item()
    total = descend(examples, batch_size, *tables, 0.1, reg)
    assert total == pytest.approx(expected, rel=1e-5)
    for table, leaf in zip(tables, leaves, strict=True):
        np.testing.assert_allclose(table, leaf.detach().numpy(), rtol=1e-5, atol=1e-6)


def test_equal_examples_give_equal_bits() -> None:
    runs = [random_tables(16) for _ in range(2)]
    totals = [descend(random_examples(500), 64, *tables, 0.05, 0.01) for tables in runs]
    assert totals[0] == totals[1]
    for one, other in zip(*runs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_examples_are_no_steps() -> None:
    tables = random_tables(3)
    assert descend(np.empty((0, 3), np.int32), 10, *tables, 0.1, 0.1) == 0
    np.testing.assert_array_equal(tables[0], random_tables(3)[0])
