"""The contract of a recommender, which need not import anything from here: a bare PyTorch module, or any class.

**A bare module** is a subclass of ``torch.nn.Module`` with a constructor and ``forward``, and without ``fit`` and
``score``; recbench trains it. Its constructor gets ``n_users`` and ``n_items``, and hyper-parameters; a module that
needs the interactions, say for a graph, is a class with ``fit`` and ``score`` instead. By ``forward``
it is one of two kinds. ``forward(users, items)`` returns the logits of pairs; shapes broadcast. ``forward(histories)``
returns what comes next after each user's items. `recommenders.modules.pair_model.PairModel` and
`recommenders.modules.sequence_model.SequenceModel` say the shapes and the hyper-parameters of training,
`recommenders.modules.hooks` the methods by which a module does itself what recbench would do.

**Any class** with ``fit`` and ``score`` is a recommender that trains itself; the rest of this page is about it.

Hyper-parameters are the constructor's keyword parameters, so that a recommender can be rebuilt from its name and a
dictionary. The annotation of a parameter, or else its default, says what type a text becomes: None, bool, int, float,
str, ``Path``, an ``Enum`` (by name or value), a ``Literal``, a scalar or array of NumPy, or tuples, lists, sets and
dictionaries of these. An attribute with a parameter's name has its value, unchanged. A class may set three attributes:
``deterministic = True`` says that ``fit`` does not use ``rng``, so that one training seed is enough; ``personalised =
False`` says that a user's interactions do not decide that user's scores, so that `recbench check` does not expect the
recommender to learn tastes; ``processor_independent = True`` says that equal data, parameters and seeds give
equal figures on every x86-64 processor; a subclass says it anew. The extensions below are optional: the harness looks
for their methods. What a reader of the table has to know of a training, a recommender says by
``warnings.warn(text, protocol.errors.RecbenchWarning)``: its record keeps the text, and its row is marked.

A bare PyTorch module is a recommender, too. With ``forward(users, items)``, logits of pairs, see
`recommenders.modules.pair_model.PairModel`; with ``forward(histories)``, what comes next, see
`recommenders.modules.sequence_model.SequenceModel`.

A parameter ``device`` of the constructor is no hyper-parameter: the harness gives it the device to compute on, as
PyTorch names it (``"cpu"``, ``"cuda:0"``). Beside it, a parameter ``precision`` gets ``"float32"`` or ``"bf16"``. The
options are ``--device`` and ``--precision``. All other recommenders compute on the processor, and see no CUDA device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Self

    import numpy as np

    from protocol.train_facts import TrainFacts
    from protocol.types import IndexArray, Interactions, Scores


@runtime_checkable
class Recommender(Protocol):
    """Anything that learns from interactions and scores candidates."""

    def fit(self, train: Interactions, *, rng: np.random.Generator) -> Self:
        """Learn from ``train``, taking all randomness from ``rng``, and return the recommender itself.

        A recommender sees only ``train`` before ``fit`` returns. Its arrays are read-only. The raw ids by which a
        content model finds its features are ``train.item_ids`` and ``train.user_ids``, in the order of the indices;
        None where ``train`` has no interaction of the item or the user.
        """
        ...

    def score(self, users: IndexArray, items: IndexArray) -> Scores:
        """Score candidates.

        Parameters
        ----------
        users
            int32, ``(n,)``.
        items
            int32, ``(n, n_candidates)``: row ``i`` holds the candidates of ``users[i]`` in an arbitrary order. An item
            may occur in a row twice.

        Returns
        -------
        Scores
            ``(n, n_candidates)``, float32 or float64, finite; higher is better. Integers are converted to float64.
            A tensor of PyTorch is taken as the array of its values, on whatever device and with whatever gradient. The
            caller does not write into it.
        """
        ...


@runtime_checkable
class EpochRecommender(Recommender, Protocol):
    """A recommender that learns in epochs, which the harness runs one by one.

    Its constructor has a hyper-parameter ``epochs``, the largest number of epochs.
    """

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Learn one epoch per step and yield its mean loss; one that is NaN or infinite ends the training.

        After each yield ``score`` works, does not use ``rng`` and does not change later training. Closing the
        iterator early leaves a usable model. ``fit`` runs it to its end.
        """
        ...


@runtime_checkable
class FullRanker(Recommender, Protocol):
    """A recommender that scores the whole catalogue at once."""

    def score_all(self, users: IndexArray) -> Scores:
        """Return the scores of all items, ``(n, n_items)``; agrees with ``score`` within a relative 1e-5.

        The items that a user touched are not ranked, so their scores need no mask, and may be anything: ``-inf``, too.
        """
        ...


@runtime_checkable
class Tunable(Recommender, Protocol):
    """A recommender that declares the search space of its hyper-parameters."""

    @classmethod
    def search_space(cls) -> Mapping[str, Any]:
        """Return the range or the choices of each hyper-parameter worth tuning, by name."""
        ...


@runtime_checkable
class Foreseeable(Recommender, Protocol):
    """A recommender that says beforehand how much memory it needs, so that what cannot fit is not begun."""

    def resources(self, facts: TrainFacts) -> int:
        """Return the most bytes that fitting and scoring hold at once, with these hyper-parameters.

        The arrays of the scores that it returns are counted. What importing its libraries takes, the training
        interactions, and what recbench needs itself are not: recbench adds them. It is called before ``fit``, on
        another object with the same parameters, and sees no interaction. Where it raises an error, or returns no number
        of 0 or more, the need is not known, and recbench says so.
        """
        ...


@runtime_checkable
class Keepable(Recommender, Protocol):
    """A recommender whose fitted state can be kept in a folder, and used again without fitting."""

    def save(self, folder: Path) -> None:
        """Write all that ``score`` and ``score_all`` need into an empty folder.

        Only regular files and folders are kept, and no pickle: reading one runs what it holds.
        """
        ...

    def load(self, folder: Path) -> Self:
        """Take over what ``save`` wrote, and return the recommender itself; ``score`` then gives the same scores.

        It is called on a newly built recommender with the same parameters, in place of ``fit``. It does not change the
        folder.
        """
        ...
