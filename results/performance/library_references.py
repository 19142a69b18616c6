"""Fits of other libraries' models, with the parameters of ours."""

from __future__ import annotations

import io
import logging
import warnings
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import numpy as np
from references import Vectors
from scipy.sparse import csr_array, csr_matrix

if TYPE_CHECKING:
    from protocol.types import Interactions


def irspack_rp3beta(train: Interactions, threads: int, neighbors: int, alpha: float, beta: float) -> None:
    """Fit the RP3beta of irspack."""
    _irspack("RP3betaRecommender", train, threads, alpha=alpha, beta=beta, top_k=neighbors, normalize_weight=True)


def irspack_p3alpha(train: Interactions, threads: int, neighbors: int, alpha: float) -> None:
    """Fit the P3alpha of irspack."""
    _irspack("P3alphaRecommender", train, threads, alpha=alpha, top_k=neighbors, normalize_weight=True)


def irspack_slim(train: Interactions, threads: int, reg: float, l1_ratio: float, neighbors: int) -> None:
    """Fit the SLIM of irspack: coordinate descent on the users, not on pairs of items."""
    _irspack("SLIMRecommender", train, threads, alpha=reg, l1_ratio=l1_ratio, top_k=neighbors)


def irspack_user_knn(train: Interactions, threads: int, neighbors: int, shrinkage: float) -> None:
    """Fit the nearest neighbours of users of irspack."""
    _irspack("CosineUserKNNRecommender", train, threads, shrinkage=shrinkage, top_k=neighbors)


def irspack_als(train: Interactions, threads: int, **parameters: Any) -> Vectors:
    """Fit the ALS of irspack, which has the objective of ours, and return its vectors."""
    model = _irspack("IALSRecommender", train, threads, random_seed=0, **parameters)
    return Vectors(model.get_user_embedding(), model.get_item_embedding())


def _irspack(name: str, train: Interactions, threads: int, **parameters: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import irspack

        logging.getLogger("irspack").setLevel(logging.ERROR)
        model = getattr(irspack, name)(csr_matrix(train.to_csr(np.float64)), n_threads=threads, **parameters)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            model.learn()
    return model


def skrecsys_rp3beta(train: Interactions, threads: int, neighbors: int, alpha: float, beta: float = 0.0) -> None:
    """Fit the RP3beta of skrecsys on a matrix: what it does with ids is not in the time."""
    from skrecsys.recommendation import RP3Beta

    RP3Beta(neighbors, alpha, beta, n_jobs=threads)._fit(csr_array(train.to_csr(np.float64)))


def sklearn_svd(train: Interactions, threads: int, embedding_size: int) -> None:  # noqa: ARG001 - as BLAS was told
    """Decompose with scikit-learn: random projections, which are not exact."""
    from sklearn.decomposition import TruncatedSVD

    TruncatedSVD(embedding_size, random_state=0).fit_transform(csr_matrix(train.to_csr(np.float64)))
