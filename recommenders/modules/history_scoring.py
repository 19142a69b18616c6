"""Scores of a trained module of histories, in bounded blocks. Models import this only when they are built."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch

from protocol.blocks import equal_blocks
from recommenders.modules.checking import checked
from recommenders.modules.histories import items_in, rows_between
from recommenders.modules.hooks import hooks_of
from recommenders.modules.scoring import ModuleScorer
from recommenders.parts.factors import Factors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt
    from torch import Tensor, nn

    from protocol.types import IndexArray, Scores
    from recommenders.modules.forms import Form

    Users: TypeAlias = npt.NDArray[np.integer[Any]]
    Vectors: TypeAlias = npt.NDArray[np.float32]

VALUES = 2**24
"""The most logits, or numbers in gathered vectors, that are in memory at once; those of one history may be more."""

USERS = 256
"""Users whose vectors are computed together: the same ones whoever is scored, as rounding depends on it."""


def answers(module: nn.Module, histories: Tensor, form: Form) -> Tensor:
    """Return what a module answers to histories ``(n, length)``: ``(n, length, d)`` or ``(n, d)``.

    Histories have the form's length, or a shorter one if the module takes any.

    Raises
    ------
    RecommenderError
        If the answer is not of the form that the module had before training.
    """
    name, n = f"{type(module).__name__}.forward", len(histories)
    width = form.n_items if form.table is None else form.table.embedding_dim
    shape = (n, histories.shape[1], width) if form.per_position else (n, width)
    return checked(module(histories), name, shape, histories.device, f"histories {tuple(histories.shape)}")


def scorer_of(
    module: nn.Module, device: torch.device, inputs: Mapping[str, npt.NDArray[np.int64]], form: Form
) -> ModuleScorer:
    """Return what scores with a module: with its user vectors, or with its logits or its own ``score_all``."""
    if form.table is None or "score_all" in hooks_of(type(module)):
        return LogitScorer(module, device, inputs, form)
    return VectorScorer(module, device, inputs, form, form.table)


@dataclass(frozen=True, eq=False)
class HistoryScorer(ModuleScorer):
    """Scores with a module of histories. Users without items get zeros.

    Parameters
    ----------
    inputs
        As in `ModuleScorer`, and what `recommenders.modules.histories.latest` returns.
    form
        What the module answers.
    """

    form: Form

    def _with_items(self, users: Users) -> npt.NDArray[np.bool_]:
        """Return which users have items; the module gets no others."""
        offsets = self.inputs["offsets"]
        return np.asarray(offsets[users + 1] > offsets[users])

    def _histories(self, users: Users) -> Tensor:
        """Return the last items of users, ``(n, length)``."""
        offsets = self.inputs["offsets"]
        rows = rows_between(offsets[users], offsets[users + 1], self.form.length, in_front=self.form.in_front)
        return self._placed(items_in(rows, self.inputs["latest"], self.n_items))

    def _last_answers(self, users: Users) -> Tensor:
        """Return the answers to the whole histories of users, ``(n, d)`` or ``(n, n_items)``, float32."""
        histories = self._histories(users)
        found = answers(self.module, histories, self.form).float()
        if not self.form.per_position:
            return found
        return found[torch.arange(len(found), device=self.device), (histories < self.n_items).sum(1) - 1]


@dataclass(frozen=True, eq=False)
class VectorScorer(HistoryScorer):
    """Scores with a module that answers with vectors: inner products in float64, so that all ways to ask agree.

    Parameters
    ----------
    table
        The items' vectors, and perhaps that of the padding.
    """

    table: nn.Embedding

    @cached_property
    def _known(self) -> dict[int, Vectors]:
        """The users' vectors by block of `USERS` users, computed when the first of them is scored."""
        return {}

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``, float64."""
        return self._factors(users).score(np.arange(users.size, dtype=np.int32), items)

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``, float64."""
        return self._factors(users).score_all(np.arange(users.size, dtype=np.int32))

    def _factors(self, users: IndexArray) -> Factors:
        items = self.table.weight.detach()[: self.n_items].float().cpu().numpy()
        vectors = np.empty((users.size, items.shape[1]), dtype=np.float32)
        blocks = users // USERS
        for block in np.unique(blocks).tolist():
            is_here = blocks == block
            vectors[is_here] = self._block(block)[users[is_here] - block * USERS]
        return Factors(vectors, items)

    def _block(self, block: int) -> Vectors:
        if block not in self._known:
            users = np.arange(block * USERS, min((block + 1) * USERS, int(self.inputs["n_users"])))
            there = self._with_items(users)
            vectors = np.zeros((users.size, self.table.embedding_dim), dtype=np.float32)
            if there.any():
                self.module.eval()
                with torch.inference_mode():
                    vectors[there] = self._last_answers(users[there]).cpu().numpy()
            self._known[block] = vectors
        return self._known[block]


class LogitScorer(HistoryScorer):
    """Scores with the logits of a module, or with its own ``score_all(histories)`` where it has that."""

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``, float32."""
        scores = np.zeros(items.shape, dtype=np.float32)
        for rows, logits in self._blocks(users):
            scores[rows] = logits.gather(1, self._placed(items[rows])).cpu().numpy()
        return scores

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``, float32."""
        scores = np.zeros((users.size, self.n_items), dtype=np.float32)
        for rows, logits in self._blocks(users):
            scores[rows] = logits.cpu().numpy()
        return scores

    def _blocks(self, users: IndexArray) -> Iterator[tuple[npt.NDArray[np.int64], Tensor]]:
        """Yield the logits of all items, ``(n, n_items)``, for blocks of the users with items, and their places."""
        self.module.eval()
        places = np.flatnonzero(self._with_items(users))
        for block in equal_blocks(places.size, self.form.n_answers * self.n_items, VALUES):
            with torch.inference_mode():
                found = self.logits(users[places[block]])
            yield places[block], found

    def logits(self, users: IndexArray) -> Tensor:
        """Return the logits of all items, ``(n, n_items)``, for users with items."""
        if "score_all" not in hooks_of(type(self.module)):
            return self._last_answers(users)
        histories, name = self._histories(users), f"{type(self.module).__name__}.score_all"
        found = self.module.score_all(histories)  # type: ignore[operator]
        given = f"histories {tuple(histories.shape)}"
        return checked(found, name, (len(histories), self.n_items), self.device, given)

    def logits_by_forward(self, users: IndexArray) -> Tensor:
        """Return them as ``forward`` gives them, whether or not the module has a ``score_all``."""
        found, table = self._last_answers(users), self.form.table
        return found if table is None else found @ table.weight[: self.n_items].float().T
