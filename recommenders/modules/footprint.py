"""The bytes of training a PyTorch module and scoring with it, from its size. Importing this imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from recommenders.parts import footprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import nn

    from protocol.train_facts import TrainFacts

PAIRS: Final = 2**17
"""As in `recommenders.modules.scoring`, which imports torch."""

VALUES: Final = 2**24
"""As in `recommenders.modules.history_scoring`, which imports torch."""

USERS: Final = 256
"""As in `recommenders.modules.history_scoring`."""

BLOCK: Final = 2**20
"""As in `recommenders.modules.batches`, which imports torch."""

SCORES: Final = 2**20
"""As in `recommenders.modules.blockwise`, which imports torch."""

POSITIONS: Final = 2**11
"""As in `recommenders.modules.sequences`, which imports torch."""

_STATES: Mapping[str, int] = {"sgd": 0, "adagrad": 1, "rmsprop": 1, "asgd": 1, "rprop": 2, "adadelta": 2}
"""How many numbers an optimizer keeps for each parameter; all others keep the two means of Adam."""

_ADAM = 2

_FIRST_USE = 2**25
"""What torch loads and keeps when it computes for the first time."""

_GRADIENTS = 2
"""Each gradient, and the part of a table's that a second use of it adds."""


class Sizes(Protocol):
    """The hyper-parameters on which the memory of training depends."""

    loss: Any
    n_negatives: int
    epochs: int
    batch_size: int
    optimizer: str
    device: str


@dataclass(frozen=True)
class ModuleSize:
    """The size of a module.

    Parameters
    ----------
    n_weights
        Numbers in all parameters and buffers.
    width
        Numbers that it computes for a pair, or for a position of a history: the outputs of all its layers together.
    widest
        The most outputs of one layer.
    any_length
        Whether it takes histories of any length.
    """

    n_weights: int
    width: int
    widest: int
    any_length: bool = False

    @property
    def bytes(self) -> int:
        """The bytes of the parameters and buffers."""
        return footprint.FLOAT * self.n_weights


def size_of(module: nn.Module) -> ModuleSize:
    """Return the size of a module, which may be on torch's device ``meta``, where it takes no memory."""
    from torch import nn

    widths = [0]
    for part in module.modules():
        matrices = [weights for weights in part.parameters(recurse=False) if weights.ndim > 1]
        is_table = isinstance(part, nn.Embedding | nn.EmbeddingBag)
        widths += [weights.shape[-1] if is_table else weights.shape[0] for weights in matrices]
    tensors = [*module.parameters(), *module.buffers()]
    any_length = bool(getattr(module, "any_length", False))
    return ModuleSize(sum(one.numel() for one in tensors), sum(widths), max(widths), any_length)


def trained_on_pairs(facts: TrainFacts, sizes: Sizes, module: ModuleSize) -> int:
    """Return the most bytes of training a module of pairs, and of scoring with it."""
    sampling = footprint.sampler_made(facts) + module.bytes
    drawn = footprint.sampler(facts) + 3 * footprint.FLOAT * facts.n_interactions + 2 * footprint.DOUBLE * BLOCK
    pairs = max(sizes.batch_size, PAIRS if sizes.loss == "cross_entropy" else 0)
    outputs = 5 * min(PAIRS, facts.n_scores) * module.width // 4
    scoring = footprint.FLOAT * (outputs + 2 * facts.n_scores)
    return _most(sizes, module, sampling, drawn, _activations(module, pairs), scoring)


def trained_on_histories(facts: TrainFacts, sizes: Sizes, module: ModuleSize, max_length: int) -> int:
    """Return the most bytes of training a module of histories, and of scoring with it.

    Parameters
    ----------
    max_length
        Of a history.
    """
    length, n = min(max_length, max(1, facts.longest_history)), facts.n_interactions
    latest = 3 * footprint.DOUBLE * n + 3 * footprint.DOUBLE * facts.n_users
    sampling = module.bytes + latest + (footprint.sampler_made(facts) if sizes.loss != "cross_entropy" else 0)
    drawn = latest + footprint.sampler(facts) + 2 * footprint.DOUBLE * n
    n_negatives = 0 if sizes.loss == "cross_entropy" else sizes.n_negatives
    # The logits of an answer, or the vectors of its candidates; so many histories are computed at once.
    per_answer = (1 + n_negatives) * module.widest
    most = VALUES // max(1, per_answer)
    part = min(sizes.batch_size, max(1, (min(most, POSITIONS) if module.any_length else most) // length))
    answers = 3 * footprint.FLOAT * max(SCORES, facts.n_items, part * length * per_answer)
    activations = _activations(module, part * length) + answers + 2 * module.bytes
    vectors = footprint.FLOAT * facts.n_users * module.widest
    items = (footprint.FLOAT + footprint.DOUBLE) * facts.n_items * module.widest
    scoring = latest + vectors + items + footprint.FLOAT * USERS * length * module.width
    scoring += (footprint.FLOAT + footprint.DOUBLE) * facts.n_scores
    return _most(sizes, module, sampling, drawn, activations, scoring)


def _activations(module: ModuleSize, n: int) -> int:
    """Return the bytes of the outputs of all layers for ``n`` inputs, and of their gradients."""
    return 2 * footprint.FLOAT * n * module.width


def _most(sizes: Sizes, module: ModuleSize, sampling: int, drawn: int, activations: int, scoring: int) -> int:
    """Return the most bytes of this machine's memory; on another device, that one holds what is trained."""
    if sizes.device != "cpu":
        return max(sampling, module.bytes + drawn, footprint.FLOAT * module.n_weights)
    states = 1 + _GRADIENTS + _STATES.get(sizes.optimizer.lower(), _ADAM)
    trained = states * module.bytes if sizes.epochs else module.bytes
    scored = (states - _GRADIENTS) * module.bytes + drawn + scoring
    return _FIRST_USE + max(sampling, trained + drawn + activations, scored)
