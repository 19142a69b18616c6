"""Initial values of the networks in this room. Models import this module only when they are built: it loads torch."""

from __future__ import annotations

from torch import nn


def draw_vectors(network: nn.Module, std: float) -> None:
    """Draw all vectors from a normal distribution with mean zero and this standard deviation."""
    for part in network.modules():
        if isinstance(part, nn.Embedding):
            nn.init.normal_(part.weight, std=std)


def draw_layers(network: nn.Module) -> None:
    """Draw the weights of all layers by Glorot's uniform rule; biases are zero."""
    for part in network.modules():
        if isinstance(part, nn.Linear):
            nn.init.xavier_uniform_(part.weight)
            nn.init.zeros_(part.bias)
