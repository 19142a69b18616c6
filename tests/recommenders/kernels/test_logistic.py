"""The descent of biased matrix factorisation: a step by hand, and whole epochs against autograd."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recommenders.kernels.logistic import descend


def random_tables(size: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = ((5, size), (8, size), (5,), (8,), (1,))
    return [rng.normal(scale=0.5, size=shape).astype(np.float32) for shape in shapes]


def random_examples(n: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.stack([rng.integers(bound, size=n) for bound in (5, 8, 2)], axis=1).astype(np.int32)


@pytest.mark.parametrize("label", [0, 1])
def test_a_step_by_hand(label: int) -> None:
    """Vectors (1) and (2), biases 1, -2 and .5: the logit is 2 + 1 - 2 + .5 = 1.5."""
    users, items = np.array([[1]], np.float32), np.array([[2]], np.float32)
    user_biases, item_biases, bias = (np.array([value], np.float32) for value in (1, -2, 0.5))
    loss = descend(np.array([[0, 0, label]], np.int32), users, items, user_biases, item_biases, bias, 0.1, 0.5)
    pull = 0.1 * (label - 1 / (1 + math.exp(-1.5)))
    assert loss == pytest.approx(math.log(1 + math.exp(1.5)) - 1.5 * label)
    assert users.item() == pytest.approx(1 + pull * 2 - 0.05 * 1)
    assert items.item() == pytest.approx(2 + pull * 1 - 0.05 * 2)
    assert user_biases.item() == pytest.approx(1 + pull - 0.05 * 1)
    assert item_biases.item() == pytest.approx(-2 + pull + 0.05 * 2)
    assert bias.item() == pytest.approx(0.5 + pull - 0.05 * 0.5)


@pytest.mark.parametrize("size", [1, 7, 8, 19])
@pytest.mark.parametrize("reg", [0.0, 0.3])
def test_steps_are_gradients_of_the_objective(size: int, reg: float) -> None:
    """Pair by pair, against autograd in float64."""
    import torch

    tables, examples = random_tables(size), random_examples(60)
    leaves = [torch.tensor(table, dtype=torch.float64, requires_grad=True) for table in tables]
    users, items, user_biases, item_biases, bias = leaves
    optimizer = torch.optim.SGD(leaves, lr=0.1)
    expected = 0.0
    for u, i, label in examples.tolist():
        used = users[u], items[i], user_biases[u], item_biases[i], bias[0]
        logit = used[0] @ used[1] + sum(used[2:])
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logit, torch.tensor(float(label)).double())
        optimizer.zero_grad()
        torch.autograd.backward(loss + reg / 2 * sum((each**2).sum() for each in used))
        optimizer.step()
        expected += loss.item()
    total = descend(examples, *tables, 0.1, reg)
    assert total == pytest.approx(expected, rel=1e-5)
    for table, leaf in zip(tables, leaves, strict=True):
        np.testing.assert_allclose(table, leaf.detach().numpy(), rtol=2e-5, atol=2e-6)


def test_equal_examples_give_equal_bits() -> None:
    runs = [random_tables(16) for _ in range(2)]
    totals = [descend(random_examples(500), *tables, 0.05, 0.01) for tables in runs]
    assert totals[0] == totals[1]
    for one, other in zip(*runs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_examples_are_no_steps() -> None:
    tables = random_tables(3)
    assert descend(np.empty((0, 3), np.int32), *tables, 0.1, 0.1) == 0
    np.testing.assert_array_equal(tables[0], random_tables(3)[0])
