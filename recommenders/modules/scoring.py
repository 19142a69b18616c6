"""Scores of a trained module, in bounded blocks. Models import this only when they are built: it loads torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch

from protocol.blocks import equal_blocks
from recommenders.modules.checking import checked, pair_logits
from recommenders.modules.hooks import hooks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    from torch import Tensor, nn

    from protocol.types import IndexArray, Scores

PAIRS = 2**17
"""The most pairs of user and item that a module gets at once."""


@dataclass(frozen=True, eq=False)
class ModuleScorer(ABC):
    """Scores with a module. Training may still change the parameters of the module.

    Parameters
    ----------
    device
        Where the module is.
    inputs
        What scoring needs beside the module: ``n_users``, ``n_items``, and what else a kind of recommender needs.
    """

    module: nn.Module
    device: torch.device
    inputs: Mapping[str, npt.NDArray[np.int64]]

    def fresh(self) -> Self:
        """Return the same scorer without what it computed from earlier parameters of the module."""
        return replace(self)

    @property
    def n_items(self) -> int:
        """Number of items."""
        return int(self.inputs["n_items"])

    @abstractmethod
    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``."""

    @abstractmethod
    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``."""

    def _placed(self, indices: npt.NDArray[np.integer[Any]]) -> Tensor:
        return torch.from_numpy(indices.astype(np.int64)).to(self.device)


class PairScorer(ModuleScorer):
    """Scores with a module of pairs; all items at once with the module's own ``score_all`` where it has that."""

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Return the scores of candidates, ``(n, n_candidates)``, float32."""
        self.module.eval()
        scores = np.empty(items.shape, dtype=np.float32)
        with torch.inference_mode():
            for block in equal_blocks(len(items), items.shape[1], PAIRS):
                found = pair_logits(self.module, self._placed(users[block])[:, None], self._placed(items[block]))
                scores[block] = found.cpu().numpy()
        return scores

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``, float32."""
        self.module.eval()
        scores = np.empty((users.size, self.n_items), dtype=np.float32)
        with torch.inference_mode():
            for block in equal_blocks(users.size, self.n_items, PAIRS):
                scores[block] = all_logits(self.module, self._placed(users[block]), self.n_items).cpu().numpy()
        return scores


def all_logits(module: nn.Module, users: Tensor, n_items: int) -> Tensor:
    """Return a module's logits of all items, ``(n, n_items)``, for users ``(n,)``: by ``score_all`` where it has that.

    Otherwise ``forward`` gets the items, in blocks of at most `PAIRS` pairs.

    Raises
    ------
    RecommenderError
        If an answer of the module is no tensor of floats of the right shape.
    """
    n_users = len(users)
    if "score_all" in hooks_of(type(module)):
        name, given = f"{type(module).__name__}.score_all", f"users ({n_users},)"
        return checked(module.score_all(users), name, (n_users, n_items), users.device, given)  # type: ignore[operator]
    return logits_by_forward(module, users, n_items)


def logits_by_forward(module: nn.Module, users: Tensor, n_items: int) -> Tensor:
    """Return the logits of all items, ``(n, n_items)``, for users ``(n,)``, by ``forward`` (see `all_logits`)."""
    n_users = len(users)
    items = torch.arange(n_items, device=users.device).expand(n_users, -1)
    parts = [pair_logits(module, users[:, None], part) for part in items.split(max(1, PAIRS // max(1, n_users)), dim=1)]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)
