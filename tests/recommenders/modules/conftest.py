"""Models of PyTorch modules, small enough to train in a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recommenders.modules.wrapping import recommender_class

if TYPE_CHECKING:
    from collections.abc import Callable

    from recommenders.modules.module_model import ModuleModel


@pytest.fixture(scope="session")
def model_of() -> Callable[..., ModuleModel]:
    """Return a function that builds the recommender of a module, with a few short epochs unless others are given."""

    def build(module_class: type, **parameters) -> ModuleModel:
        return recommender_class(module_class)(**{"epochs": 3, "batch_size": 128, "learning_rate": 0.01, **parameters})

    return build
