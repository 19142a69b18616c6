"""Whether ``score_all`` and ``forward`` of a module agree about a few users: a protocol asks one or the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from protocol.errors import RecommenderError
from recommenders.modules.history_scoring import LogitScorer
from recommenders.modules.hooks import hooks_of
from recommenders.modules.randomness import TorchStream
from recommenders.modules.scoring import AllLogits

if TYPE_CHECKING:
    from torch import Tensor, nn

    from recommenders.modules.scoring import ModuleScorer

_N_USERS = 3

_TOLERANCE = 1e-4
"""How far two scores of one pair may differ, relative to the largest: rounding is less, a forgotten term is more."""


def check_score_all(module: nn.Module, n_users: int, n_items: int, device: torch.device) -> None:
    """Raise `RecommenderError` if a module of pairs has a ``score_all`` that contradicts its ``forward``.

    It is asked as it scores: in evaluation mode, without gradients. Scores that are NaN contradict nothing.
    """
    if "score_all" not in hooks_of(type(module)):
        return
    users = torch.arange(min(_N_USERS, n_users), device=device)
    module.eval()
    with torch.no_grad(), TorchStream(0, device):
        all_logits = AllLogits(module, n_items)
        at_once, by_pair = all_logits(users), all_logits.by_forward(users)
    _compare(type(module).__name__, users.tolist(), at_once, by_pair)


def check_score_all_of_histories(scorer: ModuleScorer) -> None:
    """Raise `RecommenderError` if a module of histories has a ``score_all`` that contradicts its ``forward``.

    It is asked about the first users with items. Where it has a ``training_step``, too, what ``forward`` answers is its
    own affair.
    """
    hooks = hooks_of(type(scorer.module))
    if not isinstance(scorer, LogitScorer) or "score_all" not in hooks or "training_step" in hooks:
        return
    n_items = np.diff(scorer.inputs["offsets"])
    users = np.flatnonzero(n_items)[:_N_USERS].astype(np.int32)
    scorer.module.eval()
    with torch.no_grad(), TorchStream(0, scorer.device):
        at_once, by_forward = scorer.logits(users), scorer.logits_by_forward(users)
    if users.size:
        _compare(type(scorer.module).__name__, users.tolist(), at_once, by_forward)


def _compare(name: str, users: list[int], at_once: Tensor, by_forward: Tensor) -> None:
    """Raise `RecommenderError` if the two scores of a pair, each ``(n, n_items)``, differ by more than rounding."""
    differences = (at_once - by_forward).abs()
    if bool((differences > _TOLERANCE * by_forward.abs().max()).any()):
        row, item = divmod(int(differences.nan_to_num(0.0).argmax()), differences.shape[1])
        one, other = float(at_once[row, item]), float(by_forward[row, item])
        raise RecommenderError(
            f"{name}.score_all returned {one:.6g} for user {users[row]} and item {item}, and "
            f"{name}.forward returned {other:.6g}; both compute the same scores, so mend one, or "
            "leave score_all out: recbench then computes it with forward"
        )
