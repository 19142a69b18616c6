"""Recommenders of cornac (https://github.com/PreferredAI/cornac); the networks with its PyTorch backend.

They run on the CPU unless cornac sees a GPU, which its networks then take; ``CUDA_VISIBLE_DEVICES=""`` hides it.

Two of its models need another library each, so each has an extra of its own: WMF TensorFlow, and LightGCN DGL before 2,
as later ones want a Torch of their own; of that there are wheels up to Python 3.11.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from recommenders.adapters.passing_on import hyper_parameters, seed_from
from recommenders.libraries import load
from recommenders.parts.fitted import fitted

if TYPE_CHECKING:
    from protocol.types import IndexArray, Interactions, Scores


@dataclass
class _Cornac:
    """A model of cornac, asked for its scores user by user, as cornac itself does.

    Where it has a seed, and here it always has, what cornac compiled itself uses one thread.
    """

    libraries: ClassVar[tuple[str, ...]] = ("cornac",)
    model: ClassVar[str]

    _state: Any = field(default=None, init=False, repr=False, compare=False)
    _n_items: int = field(default=0, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Here, because `fit` is timed.
        self.library_class()

    @classmethod
    def library_class(cls) -> Any:
        """Return the class of the library, imported now."""
        return getattr(load("cornac.models", "cornac"), cls.model)

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Fit the library's model."""
        seed = seed_from(rng)
        parameters = {
            name: list(value) if isinstance(value, tuple) else value for name, value in hyper_parameters(self).items()
        }
        self._state = self.library_class()(**parameters, seed=seed, verbose=False)
        self._state.fit(_dataset(train, seed, train.n_items + self._n_unknown(train)))
        self._n_items = train.n_items
        return self

    def _n_unknown(self, train: Interactions) -> int:  # noqa: ARG002 - only some models need any
        """Return how many items that nobody has are added to ours."""
        return 0

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the library's scores, ``(n, n_candidates)``, float64."""
        model = fitted(self, self._state)
        scores = np.empty(items.shape, dtype=np.float64)
        for row, user in enumerate(users.tolist()):
            scores[row] = _of_all_items(model, user)[items[row]]
        return scores

    def score_all(self, users: IndexArray) -> Scores:
        """Return the library's scores of all items, ``(n, n_items)``, float64."""
        model = fitted(self, self._state)
        scores = np.empty((users.size, self._n_items), dtype=np.float64)
        for row, user in enumerate(users.tolist()):
            scores[row] = _of_all_items(model, user)[: self._n_items]
        return scores


def _of_all_items(model: Any, user: int) -> Scores:
    return np.asarray(model.score(user)).reshape(-1)


@dataclass
class _Network(_Cornac):
    """A network that draws items its user does not have, until it finds one.

    Of a user of every item it would look forever: where there is one, cornac gets one more item, which nobody has.
    """

    def _n_unknown(self, train: Interactions) -> int:
        return int(np.bincount(train.users, minlength=1).max() == train.n_items)


def _dataset(train: Interactions, seed: int, n_items: int) -> Any:
    """Return interactions as cornac wants them: ratings of 1, its indices our own."""
    return load("cornac.data", "cornac").Dataset(
        num_users=train.n_users,
        num_items=n_items,
        uid_map=dict(zip(range(train.n_users), range(train.n_users), strict=True)),
        iid_map=dict(zip(range(n_items), range(n_items), strict=True)),
        uir_tuple=(train.users.astype(np.int64), train.items.astype(np.int64), np.ones(len(train))),
        seed=seed,
    )


@dataclass
class MF(_Cornac):
    """Matrix factorisation of cornac, for ratings: all of ours are 1, so it has little to learn.

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
        """Return where `recbench tune` looks."""
        return {
            "k": [8, 16, 32, 64],
            "max_iter": {"low": 10, "high": 200, "log": True},
            "learning_rate": {"low": 0.001, "high": 0.1, "log": True},
            "lambda_reg": {"low": 0.001, "high": 0.3, "log": True},
            "use_bias": [True, False],
        }


@dataclass
class BPR(_Cornac):
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
        """Return where `recbench tune` looks."""
        return {
            "k": [8, 16, 32, 64, 128],
            "max_iter": {"low": 20, "high": 300, "log": True},
            "learning_rate": {"low": 0.001, "high": 0.1, "log": True},
            "lambda_reg": {"low": 0.0003, "high": 0.1, "log": True},
        }


@dataclass
class EASE(_Cornac):
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
        """Return where `recbench tune` looks."""
        return {"lamb": {"low": 10.0, "high": 5000.0, "log": True}, "posB": [True, False]}


@dataclass
class GMF(_Network):
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
        """Return where `recbench tune` looks."""
        return {"num_factors": [8, 16, 32, 64], **_OF_NETWORKS}


@dataclass
class MLP(_Network):
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
        """Return where `recbench tune` looks."""
        return dict(_OF_NETWORKS)


@dataclass
class NeuMF(_Network):
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
        """Return where `recbench tune` looks."""
        # The library wants as many factors as the last layer is wide, so both stay as they are.
        return dict(_OF_NETWORKS)


_OF_NETWORKS = {
    "num_epochs": {"low": 5, "high": 50, "log": True},
    "num_neg": [2, 4, 8],
    "lr": {"low": 0.0003, "high": 0.01, "log": True},
    "reg": {"low": 1e-7, "high": 1e-3, "log": True},
}


@dataclass
class VAECF(_Cornac):
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
        """Return where `recbench tune` looks."""
        return {
            "k": [10, 20, 50, 100],
            "n_epochs": {"low": 20, "high": 300, "log": True},
            "learning_rate": {"low": 0.0003, "high": 0.01, "log": True},
            "beta": {"low": 0.01, "high": 1.0, "log": True},
        }


@dataclass
class WMF(_Cornac):
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
        # TensorFlow reads it when it is imported: its greetings are no failures.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        load("tensorflow", "tensorflow")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return where `recbench tune` looks."""
        return {
            "k": [16, 32, 64, 128, 200],
            "b": {"low": 0.003, "high": 0.3, "log": True},
            "lambda_u": {"low": 0.001, "high": 0.1, "log": True},
            "lambda_v": {"low": 0.001, "high": 0.1, "log": True},
            "learning_rate": {"low": 0.0003, "high": 0.01, "log": True},
            "max_iter": {"low": 20, "high": 300, "log": True},
        }


@dataclass
class LightGCN(_Network):
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
        # Without it DGL writes its choice of a backend into the user's home.
        os.environ.setdefault("DGLBACKEND", "pytorch")
        load("dgl", "dgl")
        super().__post_init__()

    @classmethod
    def search_space(cls) -> dict[str, Any]:
        """Return where `recbench tune` looks."""
        return {
            "emb_size": [32, 64],
            "num_epochs": {"low": 20, "high": 200, "log": True},
            "learning_rate": {"low": 0.0005, "high": 0.01, "log": True},
            "num_layers": [1, 2, 3],
            "lambda_reg": {"low": 1e-6, "high": 1e-2, "log": True},
        }
