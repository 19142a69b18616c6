"""What our code is held against: what others write, and what others wrote."""

from __future__ import annotations

import heapq
import importlib
import math
import sys
import warnings
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recommenders.kernels.layout import parts
from recommenders.parts.factors import Factors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    import numpy.typing as npt

    from protocol.types import IndexArray, Interactions, Scores

IDIOMATIC_MLP = Path(__file__).parents[2] / "tests" / "timing" / "idiomatic_mlp.py"


def idiomatic_mlp() -> ModuleType:
    """Import the loop that most people write: a dataset of single examples, a loader, a module, a loss, Adam."""
    sys.path.append(str(IDIOMATIC_MLP.parent))
    return importlib.import_module("idiomatic_mlp")


def heap_metrics(scores: Scores, k: int) -> tuple[float, float]:
    """Return mean HR and NDCG as the NCF paper's code computes them: a dictionary and a heap for each user."""
    hits, gains = 0.0, 0.0
    for row in scores:
        of_item = dict(enumerate(row))
        for place, item in enumerate(heapq.nlargest(k, of_item, key=of_item.__getitem__)):
            if item == 0:
                hits += 1
                gains += math.log(2) / math.log(place + 2)
    return hits / len(scores), gains / len(scores)


def ranx_metrics(scores: Scores, k: int) -> tuple[float, float]:
    """Return mean HR and NDCG by ranx in one thread, from the same array: its qrels and run have to be made of it."""
    from ranx import Qrels, Run, evaluate

    users, items = [str(user) for user in range(len(scores))], [str(item) for item in range(scores.shape[1])]
    qrels = Qrels({user: {items[0]: 1} for user in users})
    run = Run({user: dict(zip(items, row, strict=True)) for user, row in zip(users, scores.tolist(), strict=True)})
    found = evaluate(qrels, run, [f"hit_rate@{k}", f"ndcg@{k}"], threads=1)
    return float(found[f"hit_rate@{k}"]), float(found[f"ndcg@{k}"])


@dataclass(frozen=True)
class Negatives:
    """Draws untouched items with NumPy: all at once, and again where one was touched."""

    train: Interactions
    rng: np.random.Generator

    @cached_property
    def _touched(self) -> npt.NDArray[np.int64]:
        """Return all pairs as one sorted number each."""
        return np.sort(self.train.users.astype(np.int64) * self.train.n_items + self.train.items)

    def draw(self, n_each: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return users and items, ``(n_each * n,)``."""
        train, touched = self.train, self._touched
        users = np.repeat(train.users.astype(np.int64), n_each)
        items = self.rng.integers(train.n_items, size=users.size)
        wrong = np.arange(users.size)
        while wrong.size:
            codes = users[wrong] * train.n_items + items[wrong]
            places = np.minimum(np.searchsorted(touched, codes), touched.size - 1)
            wrong = wrong[touched[places] == codes]
            items[wrong] = self.rng.integers(train.n_items, size=wrong.size)
        return users, items


def torch_pointwise_epochs(train: Interactions, model: Any, seed: int) -> Iterator[float]:
    """Train the network of a `recommenders.parts.neural.Neural` in plain torch, and yield the mean loss of each epoch.

    It begins with the same parameters. Examples are tensors that are made at once, and cut into batches.
    """
    import torch
    from torch import nn

    torch.manual_seed(seed)
    negatives = Negatives(train, np.random.default_rng(seed))
    shape = model.new_network(train, np.random.default_rng(seed))
    sizes = [size for size in (shape.gmf_size, shape.widths[0] // 2) if size]
    tables = [(nn.Embedding(train.n_users, size), nn.Embedding(train.n_items, size)) for size in sizes]
    gmf_output = nn.Linear(shape.gmf_size, 1) if shape.gmf_size else None
    hidden = [layer for n_in, n_out in pairwise(shape.widths) for layer in (nn.Linear(n_in, n_out), nn.ReLU())][:-1]
    tower = nn.Sequential(*hidden) if hidden else None
    modules = nn.ModuleList([part for pair in tables for part in pair] + [part for part in (gmf_output, tower) if part])
    _begin_as(shape, [table.weight for pair in tables for table in pair], gmf_output, hidden[::2])
    optimizer = torch.optim.Adam(modules.parameters(), lr=model.learning_rate, weight_decay=model.weight_decay)
    loss_of = nn.BCEWithLogitsLoss()

    def logits_of(vectors: list[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
        terms = []
        if gmf_output is not None:
            terms.append(gmf_output(vectors[0][0] * vectors[0][1]))
        if tower is not None:
            terms.append(tower(torch.cat(vectors[-1], dim=1)))
        return torch.stack(terms).sum(dim=0).squeeze(1)

    for _ in range(model.epochs):
        drawn = negatives.draw(model.n_negatives)
        users, items = (
            torch.from_numpy(np.concatenate((own.astype(np.int64), fresh)))
            for own, fresh in zip((train.users, train.items), drawn, strict=True)
        )
        labels = (torch.arange(len(users)) < len(train)).float()
        total = 0.0
        for batch in torch.randperm(len(users)).split(model.batch_size):
            optimizer.zero_grad()
            vectors = [(of_users(users[batch]), of_items(items[batch])) for of_users, of_items in tables]
            loss = loss_of(logits_of(vectors), labels[batch])
            penalty = sum((vector**2).sum() for pair in vectors for vector in pair) if model.reg else 0.0
            (loss + model.reg / 2 / len(batch) * penalty).backward()
            optimizer.step()
            total += loss.item() * len(batch)
        yield total / len(users)


def _begin_as(network: Any, tables: list[Any], gmf_output: Any, layers: list[Any]) -> None:
    """Copy the parameters of our network into modules of torch."""
    import torch

    cut = parts(network.parameters, network.n_users, network.n_items, network.gmf_size, network.widths[0] // 2)
    pairs = list(zip(tables, [table for table in (*cut[:2], *cut[3:5]) if table.size], strict=True))
    if gmf_output is not None:
        pairs += (gmf_output.weight, cut[2][:, :-1]), (gmf_output.bias, cut[2][0, -1:])
    for module, (weights, biases) in zip(layers, network.layers(), strict=True):
        pairs += (module.weight, weights), (module.bias, biases)
    with torch.no_grad():
        for ours, values in pairs:
            ours.copy_(torch.from_numpy(values.copy()))


def torch_bpr_epochs(train: Interactions, model: Any, seed: int) -> Iterator[float]:
    """Train matrix factorisation on comparisons in plain torch, and yield the mean loss of each epoch.

    It begins with parameters of its own, drawn like ours.
    """
    import torch
    from torch import nn

    torch.manual_seed(seed)
    negatives = Negatives(train, np.random.default_rng(seed))
    users_table = nn.Embedding(train.n_users, model.embedding_size)
    items_table, biases = nn.Embedding(train.n_items, model.embedding_size), nn.Embedding(train.n_items, 1)
    tables = nn.ModuleList([users_table, items_table, biases])
    for table in tables:
        nn.init.normal_(table.weight, std=0.1 / model.embedding_size**0.5)
    optimizer = torch.optim.SGD(tables.parameters(), lr=model.learning_rate)
    positives = torch.from_numpy(train.items.astype(np.int64))
    for _ in range(model.epochs):
        users, rivals = (torch.from_numpy(array) for array in negatives.draw(1))
        total = 0.0
        for batch in torch.randperm(len(users)).split(model.batch_size):
            optimizer.zero_grad()
            user, own, rival = users_table(users[batch]), items_table(positives[batch]), items_table(rivals[batch])
            own_bias, rival_bias = biases(positives[batch]), biases(rivals[batch])
            margins = (user * (own - rival)).sum(dim=1) + (own_bias - rival_bias).squeeze(1)
            loss = nn.functional.softplus(-margins).sum()
            penalty = sum((vector**2).sum() for vector in (user, own, rival, own_bias, rival_bias))
            (loss + model.reg / 2 * penalty).backward()
            optimizer.step()
            total += loss.item()
        yield total / len(users)


@dataclass(frozen=True, eq=False)
class Vectors:
    """Scores with vectors that are there, say another library's."""

    users: npt.NDArray[np.float32]
    items: npt.NDArray[np.float32]

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Vectors:  # noqa: ARG002 - it is fitted
        """Return itself."""
        return self

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return inner products, ``(n, n_candidates)``."""
        return np.asarray(np.einsum("uk,uck->uc", self.users[users], self.items[items]))

    def score_all(self, users: IndexArray) -> Scores:
        """Return inner products with all items as our own recommenders do, ``(n, n_items)``, float64."""
        return Factors(self.users, self.items).score_all(users)


def implicit_als(train: Interactions, factors: int, epochs: int, threads: int, **parameters: float) -> Vectors:
    """Fit the ALS of implicit: conjugate gradients, three steps a row."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from implicit.cpu.als import AlternatingLeastSquares

        settings: dict[str, Any] = {"iterations": epochs, "num_threads": threads, "random_state": 0, **parameters}
        model = AlternatingLeastSquares(factors, **settings)
        model.fit(train.to_csr(), show_progress=False)
    return Vectors(model.user_factors, model.item_factors)


def implicit_bpr(train: Interactions, factors: int, epochs: int, threads: int) -> None:
    """Fit the BPR of implicit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from implicit.cpu.bpr import BayesianPersonalizedRanking

        model = BayesianPersonalizedRanking(factors, iterations=epochs, num_threads=threads, random_state=0)
        model.fit(train.to_csr(), show_progress=False)


def cornac_bpr(dataset: Any, factors: int, epochs: int, threads: int) -> None:
    """Fit the BPR of cornac, on a dataset of its own kind (see `cornac_dataset`)."""
    from cornac.models import BPR

    BPR(k=factors, max_iter=epochs, num_threads=threads, seed=0).fit(dataset)


def cornac_dataset(train: Interactions) -> Any:
    """Return interactions as cornac wants them."""
    from cornac.data import Dataset

    rows = zip(train.users.tolist(), train.items.tolist(), [1.0] * len(train), strict=True)
    return Dataset.from_uir(list(rows))
