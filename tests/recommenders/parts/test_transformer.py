"""The self-attention network: which items an output depends on, and its arithmetic against plain NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from recommenders.parts.transformer import Transformer

N_ITEMS, LENGTH, SIZE = 9, 6, 8


@pytest.fixture
def network() -> Transformer:
    """Return a network whose values are large enough for everything to matter."""
    made = Transformer(N_ITEMS, LENGTH, SIZE, n_blocks=2, n_heads=2, dropout=0.1).eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.normal_(0.0, 0.5, generator=generator)
        made.items.weight[N_ITEMS] = 0
    return made


def outputs(network: Transformer, sequence: list[int]) -> np.ndarray:
    with torch.no_grad():
        return network(torch.tensor([sequence]))[0].numpy()


@pytest.mark.parametrize("place", range(LENGTH))
def test_later_items_never_change_earlier_outputs(network: Transformer, place: int) -> None:
    sequence = [3, 1, 4, 0, 5, 2]
    changed = sequence[:place] + [8, 7, 6, 8, 7, 6][place:]
    before, after = outputs(network, sequence), outputs(network, changed)
    np.testing.assert_allclose(after[:place], before[:place], rtol=1e-5, atol=1e-6)
    assert np.abs(after[place:] - before[place:]).max(axis=1).min() > 1e-3


def test_padding_at_the_end_changes_nothing(network: Transformer) -> None:
    filled = outputs(network, [3, 1, 4, N_ITEMS, N_ITEMS, N_ITEMS])
    np.testing.assert_allclose(filled[:3], outputs(network, [3, 1, 4]), rtol=1e-5, atol=1e-6)


def test_the_order_of_earlier_items_matters(network: Transformer) -> None:
    assert np.abs(outputs(network, [3, 1, 4])[2] - outputs(network, [1, 3, 4])[2]).max() > 1e-3


def in_numpy(network: Transformer, sequence: list[int]) -> np.ndarray:
    """Compute the equations of Kang & McAuley, position by position and head by head."""
    values = {name: parameter.detach().numpy().astype(float) for name, parameter in network.named_parameters()}

    def linear(name: str, given: np.ndarray) -> np.ndarray:
        return given @ values[f"{name}.weight"].T + values[f"{name}.bias"]

    def normed(name: str, given: np.ndarray) -> np.ndarray:
        centred = given - given.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
        return scaled * values[f"{name}.weight"] + values[f"{name}.bias"]

    found = values["items.weight"][sequence] * math.sqrt(SIZE) + values["positions.weight"][: len(sequence)]
    for index in range(2):
        name = f"blocks.{index}"
        query = linear(f"{name}.query", normed(f"{name}.before_attention", found))
        key, value = linear(f"{name}.key", found), linear(f"{name}.value", found)
        attended = np.zeros_like(found)
        for head in (slice(0, 4), slice(4, 8)):
            for place in range(len(sequence)):
                shares = np.exp(key[: place + 1, head] @ query[place, head] / math.sqrt(4))
                attended[place, head] = shares @ value[: place + 1, head] / shares.sum()
        found = normed(f"{name}.before_perceptron", found + attended)
        found = found + linear(f"{name}.outer", np.maximum(0, linear(f"{name}.inner", found)))
    return normed("last", found)


def test_outputs_are_those_of_the_equations(network: Transformer) -> None:
    sequence = [3, 1, 4, 0, 5, 2]
    np.testing.assert_allclose(outputs(network, sequence), in_numpy(network, sequence), rtol=1e-3, atol=1e-4)


def test_values_are_dropped_in_training_only(network: Transformer) -> None:
    sequences = torch.tensor([[3, 1, 4, 0, 5, 2]])
    with torch.no_grad():
        network.train()
        torch.manual_seed(0)
        first, second = network(sequences), network(sequences)
        torch.manual_seed(0)
        again = network(sequences)
        network.eval()
        assert torch.equal(network(sequences), network(sequences))
    assert torch.equal(again, first)
    assert not torch.equal(second, first)


def test_what_fills_up_sequences_is_not_trained(network: Transformer) -> None:
    network(torch.tensor([[3, 1, N_ITEMS, N_ITEMS]])).square().sum().backward()
    assert network.items.weight.grad[3].any()
    assert not network.items.weight.grad[N_ITEMS].any()
