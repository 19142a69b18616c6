"""The twins in PyTorch against the compiled kernels: equal parameters and an equal batch give equal figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from recommenders.kernels import logistic, pointwise
from recommenders.kernels.lazy_vectors import new_uses
from recommenders.kernels.team import run_team
from recommenders.parts.factors import Factors
from recommenders.parts.networks import NO_TOWER, Network

if TYPE_CHECKING:
    from collections.abc import Iterator

N_USERS, N_ITEMS, N_PAIRS = 7, 9, 60
REG = 0.1
RTOL = 1e-5

USERS = np.arange(N_USERS, dtype=np.int32)


@dataclass(frozen=True)
class Shape:
    gmf_size: int
    widths: tuple[int, ...]

    def kernel(self) -> Network:
        """Return a network of the kernel with random parameters, biases included."""
        sizes = {"gmf_size": self.gmf_size, "widths": self.widths}
        network = Network.new(N_USERS, N_ITEMS, **sizes, init_std=0.5, rng=np.random.default_rng(1))
        for weights in (network._parts()[2], *(biases for _, biases in network.layers())):
            weights += np.random.default_rng(2).normal(scale=0.3, size=weights.shape).astype(np.float32)
        return network

    def twin(self, network: Network) -> Any:
        """Return the module with the parameters of a network of the kernel."""
        from recommenders.pytorch.networks import GeneralisedMatrixFactorisation, NeuralMatrixFactorisation, Perceptron

        size = self.gmf_size or self.widths[0] // 2
        if not self.gmf_size:
            twin: Any = Perceptron(N_USERS, N_ITEMS, size, self.widths[1:-1])
        elif self.widths == NO_TOWER:
            twin = GeneralisedMatrixFactorisation(N_USERS, N_ITEMS, size)
        else:
            twin = NeuralMatrixFactorisation(N_USERS, N_ITEMS, size, self.widths[1:-1])
        copy_into(twin, values_of(network, network.parameters))
        return twin


SHAPES = [
    pytest.param(Shape(5, NO_TOWER), id="GMF"),
    pytest.param(Shape(0, (16, 32, 16, 8, 1)), id="the post's"),
    pytest.param(Shape(0, (6, 1)), id="MLP without hidden layers"),
    pytest.param(Shape(8, (16, 12, 6, 1)), id="NeuMF"),
]


def values_of(network: Network, flat: np.ndarray) -> list[np.ndarray]:
    """Return parts of an array of the kernel's layout, in the order of the twin's parameters."""
    same = Network(network.n_users, network.n_items, network.gmf_size, network.widths, flat)
    users, items, output, own_users, own_items, _ = same._parts()
    gmf = [users, items, output[:, :-1], output[0, -1:]] if network.gmf_size else []
    layers = [array for pair in same.layers() for array in pair]
    return gmf + ([own_users, own_items, *layers] if layers else [])


def copy_into(twin: Any, values: list[np.ndarray]) -> None:
    import torch

    with torch.no_grad():
        for parameter, value in zip(twin.parameters(), values, strict=True):
            parameter.copy_(torch.from_numpy(value.copy()))


def batch() -> np.ndarray:
    rng = np.random.default_rng(3)
    columns = rng.integers(N_USERS, size=N_PAIRS), rng.integers(N_ITEMS, size=N_PAIRS), rng.integers(2, size=N_PAIRS)
    return np.stack(columns, axis=1).astype(np.int32)


def first_pass_of_kernel(network: Network, examples: np.ndarray, reg: float) -> tuple[float, list[np.ndarray]]:
    """Return the mean loss of a batch and the gradients; Adam's first mean is a tenth of the gradient."""
    gradients = np.zeros((pointwise.HALVES, network.parameters.size), np.float32)
    moments = np.zeros((2, network.parameters.size), np.float32)
    work = np.zeros((pointwise.HALVES, 2, sum(network.widths), pointwise.STRIDE), np.float32)
    totals = np.zeros(pointwise.HALVES)
    sizes = N_USERS, N_ITEMS, network.gmf_size, np.array(network.widths)

    def train(*member: Any) -> None:
        arrays = network.parameters.copy(), gradients, moments, work, new_uses(0, len(examples))
        pointwise.train(examples, len(examples), *sizes, *arrays, 0, 0.01, 0.0, reg, *member, totals)

    run_team(train, pointwise.HALVES)
    return totals.sum() / len(examples), values_of(network, 10 * moments[0])


def first_pass_of_twin(twin: Any, examples: np.ndarray, reg: float) -> tuple[float, list[np.ndarray]]:
    import torch
    from torch.nn import functional

    users, items, labels = torch.from_numpy(examples.T.copy()).long()
    loss = functional.binary_cross_entropy_with_logits(twin(users, items), labels.float())
    (loss + reg / 2 * twin.squared_lengths(users, items).mean()).backward()
    return loss.item(), [parameter.grad.numpy() for parameter in twin.parameters()]


def assert_equal(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    """Equal to 1e-5 of each element; where large terms cancel in it, to 1e-6 of the array's largest."""
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=RTOL, atol=RTOL / 10 * np.abs(theirs).max())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("reg", [0.0, REG])
def test_the_first_loss_and_all_gradients_are_the_kernels(shape: Shape, reg: float) -> None:
    network, examples = shape.kernel(), batch()
    expected, gradients = first_pass_of_kernel(network, examples, reg)
    loss, found = first_pass_of_twin(shape.twin(network), examples, reg)
    assert loss == pytest.approx(expected, rel=RTOL)
    assert all(gradient.any() for gradient in gradients)
    assert_equal(found, gradients)


@pytest.mark.parametrize("shape", SHAPES)
def test_scores_are_the_kernels(shape: Shape) -> None:
    """But for GMF's bias, which the kernel leaves out: it is the same for all items."""
    import torch

    network = shape.kernel()
    left_out = network._parts()[2][0, -1] if network.gmf_size else 0.0
    with torch.inference_mode():
        scores = shape.twin(network)(torch.from_numpy(USERS)[:, None], torch.arange(N_ITEMS)).numpy()
    assert scores.shape == (N_USERS, N_ITEMS)
    assert_equal([scores], [network.scorer().score_all(USERS) + left_out])


def matrix_factorisation() -> tuple[Any, list[np.ndarray]]:
    """Return the twin of `mf`, and its parameters: biases of users, of items and of all, then vectors."""
    from recommenders.pytorch.networks import MatrixFactorisation

    rng = np.random.default_rng(4)
    shapes = (N_USERS,), (N_ITEMS,), (1,), (N_USERS, 19), (N_ITEMS, 19)
    values = [rng.normal(scale=0.4, size=shape).astype(np.float32) for shape in shapes]
    twin = MatrixFactorisation(N_USERS, N_ITEMS, 19)
    copy_into(twin, values)
    return twin, values


def steps_of_kernel(values: list[np.ndarray], examples: np.ndarray, reg: float) -> Iterator[tuple[float, list]]:
    """Yield, pair by pair from the same values, the loss and the gradient: a step that is 1 long, reversed."""
    for row in range(len(examples)):
        *biases, users, items = after = [value.copy() for value in values]
        loss = logistic.descend(examples[row : row + 1], users, items, *biases, 1.0, reg)
        yield loss, [before.astype(np.float64) - now for before, now in zip(values, after, strict=True)]


@pytest.mark.parametrize("reg", [0.0, REG])
def test_loss_and_gradients_of_matrix_factorisation_are_the_kernels(reg: float) -> None:
    twin, values = matrix_factorisation()
    losses, steps = zip(*steps_of_kernel(values, batch(), reg), strict=True)
    loss, found = first_pass_of_twin(twin, batch(), reg)
    assert loss == pytest.approx(np.mean(losses), rel=RTOL)
    assert_equal(found, [np.mean(gradients, axis=0) for gradients in zip(*steps, strict=True)])


def test_scores_of_matrix_factorisation_are_the_kernels() -> None:
    """But for the user's bias and the constant, which do not change the order of a user's items."""
    import torch

    twin, (user_biases, item_biases, bias, users, items) = matrix_factorisation()
    with torch.inference_mode():
        scores = twin(torch.from_numpy(USERS)[:, None], torch.arange(N_ITEMS)).numpy()
    assert_equal([scores], [Factors(users, items, item_biases).score_all(USERS) + user_biases[:, None] + bias])


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_broadcast(shape: Shape) -> None:
    import torch

    twin = shape.twin(shape.kernel())
    users, items = torch.tensor([[3], [5]]), torch.tensor([[0, 1, 2], [8, 7, 6]])
    pairs = twin(users.expand(2, 3).reshape(-1), items.reshape(-1))
    torch.testing.assert_close(twin(users, items), pairs.reshape(2, 3))
    assert twin(torch.tensor(3), torch.tensor(0)).shape == ()
    torch.testing.assert_close(twin(torch.tensor([3]), torch.tensor([0, 1, 2])), twin(users, items)[0])
    squares = twin.squared_lengths(users, items)
    pairs = twin.squared_lengths(users.expand(2, 3).reshape(-1), items.reshape(-1))
    torch.testing.assert_close(squares, pairs.reshape(2, 3))
