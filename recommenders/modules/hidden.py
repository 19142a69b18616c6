"""Layers and parameters that a module holds where PyTorch does not see them: it would never train or store them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from protocol.errors import RecommenderError
from recommenders.modules.words import with_article

if TYPE_CHECKING:
    from collections.abc import Iterator


def refuse_hidden_parameters(module: nn.Module) -> None:
    """Raise `RecommenderError` if a list, a tuple, a dictionary or an attribute hides something to be trained."""
    known = {id(parameter) for parameter in module.parameters()}
    for part in module.modules():
        for name, value in vars(part).items():
            if not name.startswith("_") and any(id(found) not in known for found in _trained(value)):
                raise RecommenderError(
                    f"{type(part).__name__}.{name} is {with_article(type(value).__name__)} with parameters that "
                    "PyTorch does not see, so they would not be trained; make it an nn.ModuleList, nn.ModuleDict, "
                    "nn.ParameterList or nn.Parameter"
                )


def _trained(value: Any) -> Iterator[torch.Tensor]:
    """Yield the tensors to be trained in a value, and in what it lists."""
    if isinstance(value, nn.Module):
        yield from (parameter for parameter in value.parameters() if parameter.requires_grad)
    elif isinstance(value, torch.Tensor):
        if value.requires_grad and value.is_leaf:
            yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _trained(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from _trained(part)
