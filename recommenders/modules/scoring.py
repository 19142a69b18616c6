"""Scores of a trained module, in bounded blocks. Models import this only when they are built: it loads torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
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
                scores[block] = self._all_logits(self._placed(users[block])).cpu().numpy()
        return scores

    @cached_property
    def _all_logits(self) -> AllLogits:
        return AllLogits(self.module, self.n_items)


class AllLogits:
    """A module's logits of all items: by its own ``score_all``, or else by ``forward``, in blocks of `PAIRS` pairs.

    Items go to ``forward`` as one row, ``(1, n_block)``, so that it reads the vector of an item once, and not for each
    user. A module that works for one row per user only gets ``(n, n_block)``: which, is tried once.
    """

    def __init__(self, module: nn.Module, n_items: int) -> None:
        self._module, self._n_items = module, n_items
        self._takes_one_row: bool | None = None

    def __call__(self, users: Tensor) -> Tensor:
        """Return logits ``(n, n_items)`` for users ``(n,)``.

        Raises
        ------
        RecommenderError
            If an answer of the module is no tensor of floats of the right shape.
        """
        n_users = len(users)
        if "score_all" in hooks_of(type(self._module)):
            name, given = f"{type(self._module).__name__}.score_all", f"users ({n_users},)"
            found = self._module.score_all(users)  # type: ignore[operator]
            return checked(found, name, (n_users, self._n_items), users.device, given)
        return self.by_forward(users)

    def by_forward(self, users: Tensor) -> Tensor:
        """Return the logits as `__call__` does, by ``forward`` alone."""
        n_users = len(users)
        if self._takes_one_row is None and n_users > 1:
            self._takes_one_row = takes_one_row(self._module, users, self._n_items)
        items = torch.arange(self._n_items, device=users.device)[None]
        if not self._takes_one_row:
            items = items.expand(n_users, -1)
        blocks = items.split(max(1, PAIRS // max(1, n_users)), dim=1)
        parts = [pair_logits(self._module, users[:, None], block) for block in blocks]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)


def takes_one_row(module: nn.Module, users: Tensor, n_items: int) -> bool:
    """Return whether a module gives the same logits for items ``(1, n_items)`` as for a row of items for each user.

    It is asked in eval mode, for the first and the last user, and is left as it was.
    """
    two, items = users[[0, -1], None], torch.arange(n_items, device=users.device)[None]
    was_training = module.training
    module.eval()
    try:
        with torch.inference_mode(), torch.autocast(users.device.type, enabled=False):
            found, expected = module(two, items), module(two, items.expand(2, -1))
        return found.shape == expected.shape and torch.allclose(found, expected, rtol=1e-3, atol=1e-4)
    except Exception:  # noqa: BLE001 - whatever it raises, it gets a row for each user; what that raises is shown
        return False
    finally:
        module.train(was_training)
