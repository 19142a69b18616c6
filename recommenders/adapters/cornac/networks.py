"""Neural networks of cornac, with its PyTorch backend."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, ClassVar

from recommenders.adapters.cornac.base import Cornac, NegativeSampling
from recommenders.libraries import load

_OF_NCF = {
    "num_epochs": {"low": 5, "high": 50, "log": True},
    "num_neg": [2, 4, 8],
    "lr": {"low": 0.0003, "high": 0.01, "log": True},
    "reg": {"low": 1e-7, "high": 1e-3, "log": True},
}
"""The part of the search space that GMF, MLP and NeuMF share."""


@dataclass
class GMF(NegativeSampling):
    """Generalised matrix factorisation of cornac (He et al. 2017).

    Parameters
    ----------
    num_factors, reg, num_epochs, batch_size, num_neg, lr, learner
        See ``cornac.models.GMF``.
    backend
        The library's default is ``tensorflow``; here it is ``pytorch``.
    """

    model: ClassVar[str] = "GMF"

    num_factors: int = 8
    reg: float = 0.0
    num_epochs: int = 20
    batch_size: int = 256
    num_neg: int = 4
    lr: float = 0.001
    learner: str = "adam"
    backend: str = "pytorch"

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {"num_factors": [8, 16, 32, 64], **_OF_NCF}


@dataclass
class MLP(NegativeSampling):
    """Multi-layer perceptron of cornac (He et al. 2017).

    Parameters
    ----------
    layers, act_fn, reg, num_epochs, batch_size, num_neg, lr, learner
        See ``cornac.models.MLP``.
    backend
        The library's default is ``tensorflow``; here it is ``pytorch``.
    """

    model: ClassVar[str] = "MLP"

    layers: tuple[int, ...] = (64, 32, 16, 8)
    act_fn: str = "relu"
    reg: float = 0.0
    num_epochs: int = 20
    batch_size: int = 256
    num_neg: int = 4
    lr: float = 0.001
    learner: str = "adam"
    backend: str = "pytorch"

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return dict(_OF_NCF)


@dataclass
class NeuMF(NegativeSampling):
    """Neural matrix factorisation of cornac (He et al. 2017).

    Parameters
    ----------
    num_factors, layers, act_fn, reg, num_epochs, batch_size, num_neg, lr, learner
        See ``cornac.models.NeuMF``.
    backend
        The library's default is ``tensorflow``; here it is ``pytorch``.
    """

    model: ClassVar[str] = "NeuMF"

    num_factors: int = 8
    layers: tuple[int, ...] = (64, 32, 16, 8)
    act_fn: str = "relu"
    reg: float = 0.0
    num_epochs: int = 20
    batch_size: int = 256
    num_neg: int = 4
    lr: float = 0.001
    learner: str = "adam"
    backend: str = "pytorch"

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        # The library requires as many factors as the last layer is wide, so neither is searched.
        return dict(_OF_NCF)


@dataclass
class VAECF(Cornac):
    """Variational autoencoder of cornac (Liang et al. 2018).

    Parameters
    ----------
    k, autoencoder_structure, act_fn, likelihood, n_epochs, batch_size, learning_rate, beta
        See ``cornac.models.VAECF``.
    """

    model: ClassVar[str] = "VAECF"

    k: int = 10
    autoencoder_structure: tuple[int, ...] = (20,)
    act_fn: str = "tanh"
    likelihood: str = "mult"
    n_epochs: int = 100
    batch_size: int = 100
    learning_rate: float = 0.001
    beta: float = 1.0

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "k": [10, 20, 50, 100],
            "n_epochs": {"low": 20, "high": 300, "log": True},
            "learning_rate": {"low": 0.0003, "high": 0.01, "log": True},
            "beta": {"low": 0.01, "high": 1.0, "log": True},
        }


@dataclass
class LightGCN(NegativeSampling):
    """LightGCN of cornac (He et al. 2020), with DGL.

    Parameters
    ----------
    emb_size, num_epochs, learning_rate, batch_size, num_layers, lambda_reg
        See ``cornac.models.LightGCN``.
    """

    libraries: ClassVar[tuple[str, ...]] = ("dgl", "cornac")
    model: ClassVar[str] = "LightGCN"

    emb_size: int = 64
    num_epochs: int = 1000
    learning_rate: float = 0.001
    batch_size: int = 1024
    num_layers: int = 3
    lambda_reg: float = 1e-4

    def __post_init__(self) -> None:
        # Without this, DGL writes its choice of a backend to the user's home folder.
        os.environ.setdefault("DGLBACKEND", "pytorch")
        load("dgl", "dgl")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "emb_size": [32, 64],
            "num_epochs": {"low": 20, "high": 200, "log": True},
            "learning_rate": {"low": 0.0005, "high": 0.01, "log": True},
            "num_layers": [1, 2, 3],
            "lambda_reg": {"low": 1e-6, "high": 1e-2, "log": True},
        }
