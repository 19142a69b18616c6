"""Factorisations of cornac, and EASE."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, ClassVar

from recommenders.adapters.cornac.base import Cornac
from recommenders.libraries import load


@dataclass
class MF(Cornac):
    """Matrix factorisation of cornac, for ratings: all ratings are 1 here, so it learns little.

    Parameters
    ----------
    k, max_iter, learning_rate, lambda_reg, use_bias
        See ``cornac.models.MF``.
    """

    model: ClassVar[str] = "MF"

    k: int = 10
    max_iter: int = 20
    learning_rate: float = 0.01
    lambda_reg: float = 0.02
    use_bias: bool = True

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "k": [8, 16, 32, 64],
            "max_iter": {"low": 10, "high": 200, "log": True},
            "learning_rate": {"low": 0.001, "high": 0.1, "log": True},
            "lambda_reg": {"low": 0.001, "high": 0.3, "log": True},
            "use_bias": [True, False],
        }


@dataclass
class BPR(Cornac):
    """Bayesian personalised ranking of cornac (Rendle et al. 2009).

    Parameters
    ----------
    k, max_iter, learning_rate, lambda_reg, use_bias
        See ``cornac.models.BPR``.
    """

    model: ClassVar[str] = "BPR"

    k: int = 10
    max_iter: int = 100
    learning_rate: float = 0.001
    lambda_reg: float = 0.01
    use_bias: bool = True

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "k": [8, 16, 32, 64, 128],
            "max_iter": {"low": 20, "high": 300, "log": True},
            "learning_rate": {"low": 0.001, "high": 0.1, "log": True},
            "lambda_reg": {"low": 0.0003, "high": 0.1, "log": True},
        }


@dataclass
class EASE(Cornac):
    """EASE of cornac (Steck 2019); by default without negative weights.

    Parameters
    ----------
    lamb, posB
        See ``cornac.models.EASE``.
    """

    deterministic: ClassVar[bool] = True
    model: ClassVar[str] = "EASE"

    lamb: float = 500
    posB: bool = True  # noqa: N815 - the library's name

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {"lamb": {"low": 10.0, "high": 5000.0, "log": True}, "posB": [True, False]}


@dataclass
class WMF(Cornac):
    """Weighted matrix factorisation of cornac (Hu et al. 2008; Pan et al. 2008), by gradient descent with TensorFlow.

    Parameters
    ----------
    k, lambda_u, lambda_v, a, b, learning_rate, batch_size, max_iter
        See ``cornac.models.WMF``.
    """

    libraries: ClassVar[tuple[str, ...]] = ("tensorflow", "cornac")
    model: ClassVar[str] = "WMF"

    k: int = 200
    lambda_u: float = 0.01
    lambda_v: float = 0.01
    a: float = 1
    b: float = 0.01
    learning_rate: float = 0.001
    batch_size: int = 128
    max_iter: int = 100

    def __post_init__(self) -> None:
        # TensorFlow reads this when it is imported; the messages that it then prints are no failures.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        load("tensorflow", "tensorflow")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        return {
            "k": [16, 32, 64, 128, 200],
            "b": {"low": 0.003, "high": 0.3, "log": True},
            "lambda_u": {"low": 0.001, "high": 0.1, "log": True},
            "lambda_v": {"low": 0.001, "high": 0.1, "log": True},
            "learning_rate": {"low": 0.0003, "high": 0.01, "log": True},
            "max_iter": {"low": 20, "high": 300, "log": True},
        }
