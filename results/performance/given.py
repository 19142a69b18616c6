"""What targets are measured on, and with: data, recommenders, and why a reference is missing."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from protocol.data.loading import load_dataset
from recommenders import registry

if TYPE_CHECKING:
    from outcomes import Setting

    from protocol.data.dataset import Dataset

SMALL = "synthetic:60x150x1200"
"""What a quick run takes in place of any dataset."""

NO_DATA = "name the NCF paper's files of MovieLens-1M with --data"


def model_of(name: str, **parameters: Any) -> Any:
    """Return a registered recommender, unfitted."""
    return registry.new(registry.find(name), parameters)


@cache
def dataset_of(name: str) -> Dataset:
    """Return a dataset; one that was loaded before is not loaded again."""
    return load_dataset(name)


def ml_1m(setting: Setting) -> Dataset | None:
    """Return MovieLens-1M as the NCF paper split it; None where it is not at hand."""
    if setting.quick:
        return dataset_of(SMALL)
    return dataset_of(f"ncf:{setting.data}") if setting.data else None


def lacking(*modules: str) -> str:
    """Return why there is no reference; empty where it can be imported."""
    missing = [module for module in modules if find_spec(module) is None]
    return f"{', '.join(missing)} is not installed" if missing else ""
