"""The networks: the scores from their parameters, and the initial values."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.kernels.layout import parts
from recommenders.parts.networks import Network

USERS = np.arange(3, dtype=np.int32)


def new(
    gmf_size: int = 0, widths: tuple[int, ...] = (1,), seed: int = 0, n_users: int = 3, n_items: int = 4
) -> Network:
    rng = np.random.default_rng(seed)
    return Network.new(n_users, n_items, gmf_size=gmf_size, widths=widths, init_std=0.5, rng=rng)


def scores(network: Network) -> np.ndarray:
    return network.scorer().score_all(USERS)


def filled(network: Network, *values) -> Network:
    """Set the parts of a network: those of GMF, the tower's vectors, and its layers as one."""
    found = parts(network.parameters, network.n_users, network.n_items, network.gmf_size, network.widths[0] // 2)
    for part, value in zip((part for part in found if part.size), values, strict=True):
        part.flat[: len(value)] = value
    return network


def test_gmf_by_hand() -> None:
    """7 * 1 * 3 + 11 * 2 * 5; the bias, 13, is the same for all items, and left out."""
    network = filled(new(gmf_size=2, n_users=1, n_items=1), [1, 2], [3, 5], [7, 11, 13])
    assert network.scorer().score_all(USERS[:1]).tolist() == [[131]]


def test_a_tower_by_hand() -> None:
    """User (1), item (2); two hidden units, relu(1 + 2 + 1) and relu(1 - 2 - 5), and 10 times the first plus 4."""
    network = new(widths=(2, 2, 1), n_users=1, n_items=1)
    network = filled(network, [1], [2], [1, 1, 1, -1, 1, -5, 10, 100, 4])
    assert network.scorer().score_all(USERS[:1]).tolist() == [[44]]


def test_joined_they_are_the_sum_of_the_parts() -> None:
    gmf, tower = new(gmf_size=2), new(widths=(4, 5, 1))
    network = Network.joined(gmf, tower)
    np.testing.assert_allclose(scores(network), scores(gmf) + scores(tower), rtol=1e-12)
    candidates = np.array([[1], [2], [3]], np.int32)
    np.testing.assert_allclose(
        network.scorer().score(USERS, candidates), np.take_along_axis(scores(network), candidates, axis=1)
    )
    assert not np.shares_memory(network.parameters, gmf.parameters)


def test_a_scaled_output_scales_the_scores() -> None:
    for network in (new(gmf_size=3), new(widths=(6, 4, 1)), new(widths=(2, 1)), new(gmf_size=2, widths=(6, 4, 1))):
        network.parameters[network.parameters == 0] = 1  # biases
        before = scores(network)
        network.scale_output(0.5)
        np.testing.assert_allclose(scores(network), before / 2, rtol=1e-6)


def test_scorers_see_what_training_writes() -> None:
    for network in (new(gmf_size=3), new(widths=(6, 4, 1)), new(gmf_size=2, widths=(6, 4, 1))):
        scorer = network.scorer()
        before = scorer.score_all(USERS)
        network.parameters[:] *= 2
        assert not np.isclose(scorer.score_all(USERS), before).any()


def test_initial_values() -> None:
    network = new(gmf_size=30, widths=(60, 40, 1), n_users=500, n_items=400)
    users, items, output, own_users, own_items, layers = parts(network.parameters, 500, 400, 30, 30)
    assert all(table.std() == pytest.approx(0.5, rel=0.02) for table in (users, items, own_users, own_items))
    weights, biases = layers[: 60 * 40], layers[60 * 40 : 61 * 40]
    # Glorot: uniform within sqrt(6 / (60 + 40)) = .245, and for the outputs within sqrt(6 / 31) = .440.
    assert 0.24 < np.abs(weights).max() < 0.245
    assert 0.35 < np.abs(output[0, :-1]).max() < 0.44
    assert not biases.any()
    assert output[0, -1] == layers[61 * 40 + 40] == 0


def test_rng_decides_the_initial_values() -> None:
    one, same, other = (new(gmf_size=2, widths=(4, 5, 1), seed=seed).parameters for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
