"""Initial values: those of the compiled models, or torch's."""

from __future__ import annotations

from typing import Any

import pytest

from recommenders import registry


def network(name: str, **parameters: Any) -> Any:
    return registry.new(registry.find(name), parameters).new_module(500, 400)


@pytest.mark.parametrize("name", ["torch.mf", "torch.gmf", "torch.mlp", "torch.neumf"])
def test_vectors_have_the_deviation_asked_for(name: str) -> None:
    from torch import nn

    tables = [part for part in network(name, init_std=0.3).modules() if isinstance(part, nn.Embedding)]
    assert len(tables) == (4 if name == "torch.neumf" else 2)
    assert all(table.weight.std().item() == pytest.approx(0.3, rel=0.05) for table in tables)


def test_layers_begin_by_glorots_rule() -> None:
    layers = network("torch.mlp", embedding_size=30, layers=(40,)).layers
    # Uniform within sqrt(6 / (60 + 40)) = .245.
    assert 0.24 < layers[0].weight.abs().max().item() < 0.245
    assert not layers[0].bias.any()


def test_the_posts_layers_begin_as_torch_has_it() -> None:
    """Uniform within 1 / sqrt(16) = .25 for weights and biases; and vectors with a deviation of 1."""
    post = network("torch.mlp_post")
    assert [tuple(layer.weight.shape) for layer in post.layers[::2]] == [(32, 16), (16, 32), (8, 16), (1, 8)]
    assert 0.24 < post.layers[0].weight.abs().max().item() < 0.25
    assert post.layers[0].bias.all()
    assert post.users.weight.std().item() == pytest.approx(1, rel=0.05)


def test_biases_of_matrix_factorisation_are_zero() -> None:
    found = network("torch.mf")
    assert not any(bias.any() for bias in (found.user_biases, found.item_biases, found.bias))
