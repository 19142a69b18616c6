"""Whether ``score_all`` and ``forward`` of a module agree about a few users: a protocol asks one or the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from protocol.errors import RecommenderError
from recommenders.modules.hooks import hooks_of
from recommenders.modules.randomness import TorchStream
from recommenders.modules.scoring import AllLogits

if TYPE_CHECKING:
    from torch import nn

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
    differences = (at_once - by_pair).abs()
    if bool((differences > _TOLERANCE * by_pair.abs().max()).any()):
        user, item = divmod(int(differences.nan_to_num(0.0).argmax()), n_items)
        name = type(module).__name__
        raise RecommenderError(
            f"{name}.score_all returned {float(at_once[user, item]):.6g} for user {user} and item {item}, and "
            f"{name}.forward returned {float(by_pair[user, item]):.6g}; both compute the same scores, so mend one, or "
            "leave score_all out: recbench then computes it with forward"
        )
