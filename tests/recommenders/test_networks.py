"""The networks: their forward pass is what their scorer computes, and their initial values are as stated."""

from __future__ import annotations

import numpy as np
import pytest


def test_gmf_by_hand() -> None:
    import torch

    from recommenders.networks import GMFNetwork

    network = GMFNetwork(1, 1, 2, torch.Generator())
    with torch.no_grad():
        network.users.weight[:] = torch.tensor([1.0, 2.0])
        network.items.weight[:] = torch.tensor([3.0, 5.0])
        network.output.weight[:] = torch.tensor([7.0, 11.0])
        network.output.bias[:] = 13
    logits, squares = network(torch.tensor([0]), torch.tensor([0]))
    # 7 * 1 * 3 + 11 * 2 * 5 + 13, and 1 + 4 + 9 + 25.
    assert (logits.tolist(), squares.tolist()) == ([144], [39])
    assert network.scorer().score_all(np.array([0], np.int32)).tolist() == [[131]]


def test_neumf_is_the_sum_of_its_parts() -> None:
    import torch

    from recommenders.networks import GMFNetwork, MLPNetwork, NeuMFNetwork

    generator = torch.Generator().manual_seed(0)
    gmf, mlp = GMFNetwork(3, 4, 2, generator), MLPNetwork(3, 4, 2, (5,), generator)
    network = NeuMFNetwork(gmf, mlp)
    users, items = torch.tensor([0, 1, 2]), torch.tensor([3, 3, 0])
    for total, one, other in zip(network(users, items), gmf(users, items), mlp(users, items), strict=True):
        torch.testing.assert_close(total, one + other)
    rows = np.arange(3, dtype=np.int32)
    found = network.scorer().score_all(rows)
    np.testing.assert_allclose(found, gmf.scorer().score_all(rows) + mlp.scorer().score_all(rows))
    candidates = np.array([[1], [2], [3]], np.int32)
    np.testing.assert_allclose(network.scorer().score(rows, candidates), np.take_along_axis(found, candidates, axis=1))


def test_a_scaled_output_scales_the_logits() -> None:
    import torch

    from recommenders.networks import GMFNetwork, MLPNetwork

    for network in (GMFNetwork(2, 2, 3, torch.Generator()), MLPNetwork(2, 2, 3, (4,), torch.Generator())):
        with torch.no_grad():
            network.output.bias.fill_(1)
        before, _ = network(torch.tensor([0, 1]), torch.tensor([1, 1]))
        network.scale_output(0.5)
        torch.testing.assert_close(network(torch.tensor([0, 1]), torch.tensor([1, 1]))[0], before / 2)


def test_initial_values() -> None:
    import torch

    from recommenders.networks import MLPNetwork

    network = MLPNetwork(500, 400, 30, (40,), torch.Generator().manual_seed(0))
    assert float(network.users.weight.detach().std()) == pytest.approx(0.01, rel=0.05)
    assert float(network.items.weight.detach().std()) == pytest.approx(0.01, rel=0.05)
    # Glorot: uniform within sqrt(6 / (60 + 40)) = .245.
    assert 0.24 < float(network.hidden[0].weight.detach().abs().max()) < 0.245
    assert not network.hidden[0].bias.any()


def test_a_generator_decides_them_and_the_global_one_is_left_alone() -> None:
    import torch

    from recommenders.networks import MLPNetwork

    state = torch.get_rng_state()
    one, same, other = (
        MLPNetwork(3, 4, 2, (5,), torch.Generator().manual_seed(seed)).users.weight for seed in (0, 0, 1)
    )
    torch.testing.assert_close(one, same, rtol=0, atol=0)
    assert not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), state)


def test_squared_lengths_are_those_of_the_vectors_used() -> None:
    import torch

    from recommenders.networks import MLPNetwork

    network = MLPNetwork(3, 4, 5, (2,), torch.Generator().manual_seed(0))
    _, squares = network(torch.tensor([2, 0]), torch.tensor([1, 1]))
    expected = network.users.weight[[2, 0]].square().sum(1) + network.items.weight[[1, 1]].square().sum(1)
    torch.testing.assert_close(squares, expected)
