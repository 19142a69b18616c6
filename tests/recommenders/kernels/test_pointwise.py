"""Pointwise training against plain torch with autograd, against finite differences, and by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from recommenders.kernels import team
from recommenders.kernels.layout import layer, n_parameters, parts
from recommenders.kernels.lazy_vectors import new_uses
from recommenders.kernels.pointwise import HALVES, STRIDE, TILE, train

N_USERS, N_ITEMS = 7, 9


@dataclass(frozen=True)
class Shape:
    gmf_size: int
    widths: tuple[int, ...]

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        return N_USERS, N_ITEMS, self.gmf_size, self.widths[0] // 2


SHAPES = [
    pytest.param(Shape(5, (1,)), id="GMF"),
    pytest.param(Shape(19, (1,)), id="a longer GMF"),
    pytest.param(Shape(0, (6, 1)), id="no hidden layers"),
    pytest.param(Shape(0, (16, 32, 16, 8, 1)), id="the post's"),
    pytest.param(Shape(0, (6, 7, 5, 1)), id="odd widths"),
    pytest.param(Shape(3, (2, 1, 1)), id="both, as narrow as can be"),
    pytest.param(Shape(8, (16, 12, 6, 1)), id="both"),
]


def random_parameters(shape: Shape) -> np.ndarray:
    return (
        np.random.default_rng(1)
        .normal(scale=0.5, size=n_parameters(N_USERS, N_ITEMS, shape.gmf_size, shape.widths))
        .astype(np.float32)
    )


def random_examples(n: int) -> np.ndarray:
    rng = np.random.default_rng(2)
    columns = rng.integers(N_USERS, size=n), rng.integers(N_ITEMS, size=n), rng.integers(2, size=n)
    return np.stack(columns, axis=1).astype(np.int32)


class Training:
    """A training with the kernel, epoch by epoch; vectors wait if their batches' size is given."""

    def __init__(self, shape: Shape, parameters: np.ndarray, waiting: int = 0) -> None:
        self.shape, self.parameters, self.n_steps = shape, parameters.copy(), 0
        n_gradients = n_parameters(waiting, waiting, shape.gmf_size, shape.widths) if waiting else parameters.size
        self.gradients = np.zeros((HALVES, n_gradients), np.float32)
        self.moments = np.zeros((2, parameters.size), np.float32)
        self.uses = new_uses(N_USERS + N_ITEMS if waiting else 0, waiting)
        self.work = np.full((HALVES, 2, sum(shape.widths), STRIDE), np.nan, np.float32)

    def epoch(self, examples, batch_size, learning_rate=0.01, weight_decay=0.0, reg=0.0) -> float:
        totals = np.zeros(HALVES)

        def work(*member) -> None:
            train(
                *(examples, batch_size, N_USERS, N_ITEMS, self.shape.gmf_size, np.array(self.shape.widths)),
                *(self.parameters, self.gradients, self.moments, self.work, self.uses, self.n_steps),
                *(learning_rate, weight_decay, reg, *member, totals),
            )

        team.run_team(work, HALVES)
        self.n_steps += -(-len(examples) // batch_size)
        return totals.sum()


def torch_pass(shape: Shape, parameters, users, items):
    """Return logits and, per pair, the squared lengths of the vectors used, written plainly."""
    import torch

    gmf_users, gmf_items, output, own_users, own_items, layers = parts(parameters, *shape.sizes)
    logits = squares = torch.zeros(len(users), dtype=parameters.dtype)
    if shape.gmf_size:
        p, q = gmf_users[users], gmf_items[items]
        logits = (p * q) @ output[0, :-1] + output[0, -1]
        squares = (p**2).sum(1) + (q**2).sum(1)
    if len(shape.widths) > 1:
        x = inputs = torch.cat((own_users[users], own_items[items]), dim=1)
        for index in range(len(shape.widths) - 1):
            weights, biases = layer(layers, shape.widths, index)
            x = torch.nn.functional.linear(x if index == 0 else torch.relu(x), weights, biases)
        logits = logits + x[:, 0]
        squares = squares + (inputs**2).sum(1)
    return logits, squares


def torch_epochs(shape, parameters, examples, n_epochs, batch_size, learning_rate=0.01, weight_decay=0.0, reg=0.0):
    """Return the parameters and losses of torch, in float64."""
    import torch

    flat = torch.tensor(parameters, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([flat], lr=learning_rate, weight_decay=weight_decay)
    totals = []
    for _ in range(n_epochs):
        totals.append(0.0)
        for users, items, labels in (batch.T for batch in torch.from_numpy(examples).long().split(batch_size)):
            logits, squares = torch_pass(shape, flat, users, items)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels.double())
            optimizer.zero_grad()
            torch.autograd.backward(loss + reg / 2 * squares.mean())
            optimizer.step()
            totals[-1] += loss.item() * len(labels)
    return flat.detach().numpy(), totals


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "penalty",
    [{}, {"weight_decay": 0.01}, {"reg": 0.1}, {"weight_decay": 1e-5, "reg": 0.01}],
    ids=["plain", "weight decay", "reg", "both"],
)
@pytest.mark.parametrize(
    ("n", "batch_size"), [(61, 20), (40, 20), (2 * TILE + 21, TILE + 10)], ids=["one left", "none left", "tiles"]
)
def test_it_is_torchs_adam(shape: Shape, penalty, n: int, batch_size: int) -> None:
    parameters, examples = random_parameters(shape), random_examples(n)
    training = Training(shape, parameters)
    totals = [training.epoch(examples, batch_size, **penalty) for _ in range(5)]
    expected, expected_totals = torch_epochs(shape, parameters, examples, 5, batch_size, **penalty)
    np.testing.assert_allclose(totals, expected_totals, rtol=1e-5)
    error = np.abs(training.parameters - expected)
    assert np.mean(error < 1e-5 + 1e-5 * np.abs(expected)) > 0.995
    # Where a gradient is next to nothing, Adam divides rounding errors by rounding errors: up to a tenth of a step.
    assert error.max() < 1e-3


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("reg", [0.0, 0.1])
def test_vectors_that_wait_end_where_the_others_do(shape: Shape, reg: float) -> None:
    """Against the same kernel in which none waits; batches of two pairs use at most a quarter of the vectors."""
    parameters, examples = random_parameters(shape), random_examples(61)
    every, waiting = Training(shape, parameters), Training(shape, parameters, waiting=2)
    for _ in range(4):
        totals = [training.epoch(examples, 2, learning_rate=0.001, reg=reg) for training in (every, waiting)]
        assert totals[0] == pytest.approx(totals[1], rel=1e-5)
    error = np.abs(every.parameters - waiting.parameters)
    assert np.mean(error < 1e-5) > 0.99
    assert error.max() < 1e-3
    assert not waiting.gradients.any()


@pytest.mark.parametrize("shape", SHAPES)
def test_gradients_are_slopes_of_the_objective(shape: Shape) -> None:
    """By finite differences, in float64; Adam's first mean is a tenth of the gradient."""
    import torch

    parameters, examples, reg = random_parameters(shape), random_examples(6), 0.3
    users, items, labels = torch.from_numpy(examples.T).long()

    def objective(flat: np.ndarray) -> float:
        logits, squares = torch_pass(shape, torch.from_numpy(flat), users, items)
        losses = torch.nn.functional.softplus(logits) - labels * logits
        return float(losses.mean() + reg / 2 * squares.mean())

    def slope(j: int) -> float:
        step = np.zeros(parameters.size)
        step[j] = 1e-6
        return (objective(parameters + step) - objective(parameters - step)) / 2e-6

    training = Training(shape, parameters)
    training.epoch(examples, 6, reg=reg)
    np.testing.assert_allclose(
        10 * training.moments[0], [slope(j) for j in range(parameters.size)], rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("shape", [*SHAPES, pytest.param(Shape(515, (1030, 9, 1)), id="several blocks of parameters")])
@pytest.mark.parametrize("batch_size", [16, 100, 2 * TILE + 10])
@pytest.mark.parametrize("waits", [False, True], ids=["all move", "they wait"])
def test_equal_examples_give_equal_bits_in_any_team(
    monkeypatch: pytest.MonkeyPatch, shape: Shape, batch_size: int, waits: bool
) -> None:
    expected = None
    for n_threads in (1, 1, 2, 3):
        monkeypatch.setattr(team, "n_threads", lambda n_threads=n_threads: n_threads)
        training = Training(shape, random_parameters(shape), waiting=batch_size if waits else 0)
        total = training.epoch(random_examples(1300), batch_size, reg=0.01, weight_decay=0.0 if waits else 1e-5)
        expected = expected or (total, training.parameters)
        assert total == expected[0]
        np.testing.assert_array_equal(training.parameters, expected[1])


def train_one_pair(user, item, output, label: int, learning_rate: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Train GMF on one user and one item; return the loss, their parameters after it and the gradients before."""
    size = len(user)
    parameters = np.zeros(n_parameters(1, 1, size, (1,)), np.float32)
    gradients, moments = np.zeros((HALVES, parameters.size), np.float32), np.zeros((2, parameters.size), np.float32)
    work = np.zeros((HALVES, 2, 1, STRIDE), np.float32)
    arrivals, totals = np.zeros(1, np.int64), np.zeros(HALVES)
    for part, values in zip(parts(parameters, 1, 1, size, 0), (user, item, output), strict=False):
        part[:] = values
    arrays = np.array([1]), parameters, gradients, moments, work, new_uses(0, 1)
    example = np.array([[0, 0, label]], np.int32)
    train(example, 1, 1, 1, size, *arrays, 0, learning_rate, 0.0, 0.0, 0, 1, arrivals, totals)
    # Adam's first mean is a tenth of the gradient.
    after, slopes = (
        np.concatenate([part.ravel() for part in parts(array, 1, 1, size, 0)])
        for array in (parameters, 10 * moments[0])
    )
    return totals.sum(), after, slopes


def test_gmf_by_hand() -> None:
    """User (1, 2), items (3, 5), weights (7, -2), bias -1: the logit is 21 - 20 - 1 = 0, and the loss ln 2."""
    total, after, gradients = train_one_pair([1, 2], [3, 5], [7, -2, -1], 1, 0.5)
    assert total == pytest.approx(np.log(2))
    # dz = -1/2 times (h q, h p, p q, 1), and half a step against its sign.
    assert gradients.tolist() == pytest.approx([-10.5, 5, -3.5, 2, -1.5, -5, -0.5], rel=1e-5)
    assert after.tolist() == pytest.approx([1.5, 1.5, 3.5, 4.5, 7.5, -1.5, -0.5])


@pytest.mark.parametrize(("label", "expected"), [(1, 0), (0, 100)])
def test_certain_logits_cost_what_they_should(label: int, expected: float) -> None:
    """A logit of 100 costs a 1 nothing and a 0 a hundred; no overflow."""
    total, _, _ = train_one_pair([10], [10], [1, 0], label, 0.1)
    assert total == expected


def test_divergence_is_not_hidden() -> None:
    shape = Shape(0, (4, 3, 1))
    parameters = random_parameters(shape)
    parameters[0] = np.nan
    assert np.isnan(Training(shape, parameters).epoch(random_examples(60), 60))


def test_no_examples_are_no_steps() -> None:
    shape = Shape(2, (4, 3, 1))
    training = Training(shape, random_parameters(shape))
    assert training.epoch(np.empty((0, 3), np.int32), 10) == 0
    np.testing.assert_array_equal(training.parameters, random_parameters(shape))
