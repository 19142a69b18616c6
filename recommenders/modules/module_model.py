"""What a recommender made of a PyTorch module does, whatever the module takes. Importing this imports no torch."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, cast

from protocol.errors import RecommenderError
from recommenders.modules.settings import LOSS_NAMES, PRECISIONS, SAMPLED_LOSSES, SEARCH_SPACE, check_limits
from recommenders.parts.fitted import fitted
from recommenders.parts.model import EpochModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import torch
    from torch import nn

    from protocol.train_facts import TrainFacts
    from protocol.types import Interactions
    from recommenders.modules.footprint import ModuleSize
    from recommenders.modules.scoring import ModuleScorer
    from recommenders.modules.training import Objective


@dataclass(eq=False)
class ModuleModel(EpochModel):
    """A recommender whose scores a PyTorch module computes.

    A subclass says what module that is in ``new_module``. Everything else is done here and in the two kinds of such
    recommenders, `PairModel` and `SequenceModel`: examples, batches, the loop, seeds, scores, storing.

    All random numbers come from the ``rng`` of ``fit_epochs``: torch's global generators are seeded from it while the
    module is built and trained. Scores are always computed in float32.

    The defaults were chosen on the validation tasks of MovieLens-100K and MovieLens latest-small, with three modules of
    pairs (see ``results/tuning/modules.md``). ``n_negatives`` is that of He et al. (WWW 2017), and was not searched.

    Parameters
    ----------
    loss
        ``bce``, ``bpr`` or ``softmax`` over the true item and sampled negatives; ``cross_entropy`` over all items.
    n_negatives
        Negatives per interaction, drawn anew in each epoch; unused by ``cross_entropy``.
    epochs
        Passes over the interactions.
    learning_rate
        Of the optimizer.
    batch_size
        Pairs per step, including negatives.
    weight_decay
        Of the optimizer, on all parameters. Embeddings with sparse gradients need 0, and an optimizer that takes them.
    optimizer
        A class of ``torch.optim`` by its name, in upper or lower case.
    device
        Where the module is trained and scores, as torch names it.
    precision
        Of training: ``"float32"``, or ``"bf16"`` for torch's autocast to bfloat16.
    """

    loss: Literal["bce", "bpr", "softmax", "cross_entropy"] = "bce"
    n_negatives: int = 4
    epochs: int = 14
    learning_rate: float = 0.01
    batch_size: int = 2048
    weight_decay: float = 1e-5
    optimizer: str = "adam"
    device: str = field(default="cpu", kw_only=True)
    precision: str = field(default="float32", kw_only=True)

    hooks: ClassVar[frozenset[str]] = frozenset()
    """The names of `recommenders.modules.hooks.HOOKS` that the module answers to itself."""

    slow_imports: ClassVar[tuple[str, ...]] = ("recommenders.modules.optimizers", "recommenders.modules.warming")

    def __post_init__(self) -> None:
        check_limits(self)
        if self.precision not in PRECISIONS:
            raise RecommenderError(f"precision is {self.precision!r}, expected {' or '.join(PRECISIONS)}")
        super().__post_init__()
        self._check_objective()

    @classmethod
    def search_space(cls) -> Mapping[str, Any]:
        """Return the ranges and choices that `recbench tune` searches."""
        taken = inspect.signature(cls).parameters
        return {name: space for name, space in cls._spaces().items() if name in taken}

    @classmethod
    def _spaces(cls) -> Mapping[str, Any]:
        return SEARCH_SPACE

    @abstractmethod
    def new_module(self, n_users: int, n_items: int) -> nn.Module:
        """Return an untrained module for so many users and items; its initial values may be random."""

    def _size(self, facts: TrainFacts) -> ModuleSize:
        """Return the size of the module, which is built without memory for its parameters.

        Raises
        ------
        RecommenderError
            If the module cannot be built so.
        """
        import torch

        from recommenders.modules.footprint import size_of

        try:
            with torch.device("meta"):
                return size_of(self.new_module(facts.n_users, facts.n_items))
        except Exception as error:
            raise RecommenderError(
                f"{type(self).__name__} cannot be built on torch's device 'meta', so its size is not known: {error}"
            ) from error

    @abstractmethod
    def _objective(self, module: nn.Module, train: Interactions, rng: np.random.Generator) -> Objective:
        """Return what a module is trained for."""

    @abstractmethod
    def _scorer(
        self, module: nn.Module, device: torch.device, inputs: Mapping[str, npt.NDArray[np.int64]]
    ) -> ModuleScorer:
        """Return what scores with a module and the inputs that `_inputs` returned."""

    @abstractmethod
    def _check_trained(self, module: nn.Module, train: Interactions) -> None:
        """Raise `RecommenderError` if a module, after an epoch, gives answers that cannot be right."""

    def _inputs(self, train: Interactions) -> dict[str, npt.NDArray[np.int64]]:
        """Return what scoring needs beside a module: the numbers of users and items, and what else a kind needs."""
        import numpy as np

        return {"n_users": np.array(train.n_users), "n_items": np.array(train.n_items)}

    def fit_epochs(self, train: Interactions, *, rng: np.random.Generator) -> Iterator[float]:
        """Train one epoch per step, and yield its mean loss."""
        import torch

        from recommenders.modules.optimizers import optimizer_of
        from recommenders.modules.randomness import TorchStream
        from recommenders.modules.training import descend

        device = torch.device(self.device)
        stream = TorchStream(int(rng.integers(2**63)), device)
        with stream:
            module = self.new_module(train.n_users, train.n_items).to(device)
            optimizer = optimizer_of(self, module)
        self._state = scorer = self._scorer(module, device, self._inputs(train))
        objective = self._objective(module, train, rng)
        for loss in descend(module, objective, optimizer, self.epochs, stream, self.precision):
            self._check_trained(module, train)
            self._state = scorer.fresh()
            yield loss

    def save(self, folder: Path) -> None:
        """Write the trained module into a folder, as ``state.safetensors``.

        Raises
        ------
        NotFittedError
            If the recommender is not fitted yet.
        RecommenderError
            If something in the module's ``state_dict`` is no tensor.
        """
        from recommenders.modules.stored import write_state

        scorer = cast("ModuleScorer", fitted(self, self._state))
        write_state(folder, scorer.module, scorer.inputs)

    def load(self, folder: Path) -> Self:
        """Read what `save` wrote for equal hyper-parameters, and return the recommender, which is now fitted.

        Raises
        ------
        RecommenderError
            If there is no such file, or its parameters are those of another module.
        """
        import torch

        from recommenders.modules.randomness import TorchStream
        from recommenders.modules.stored import fill, read_state

        device = torch.device(self.device)
        state, inputs = read_state(folder)
        with TorchStream(0, device):
            module = self.new_module(int(inputs["n_users"]), int(inputs["n_items"])).to(device)
        fill(module, state)
        self._state = self._scorer(module, device, inputs)
        return self

    def _check_objective(self) -> None:
        from recommenders.modules.optimizers import optimizer_class

        if "training_step" not in self.hooks and self.loss not in LOSS_NAMES:
            raise RecommenderError(
                f"{type(self).__name__}: loss is {self.loss!r}, expected one of {', '.join(LOSS_NAMES)}"
            )
        if "configure_optimizers" not in self.hooks:
            optimizer_class(self.optimizer)
        if "training_step" not in self.hooks and self.loss in SAMPLED_LOSSES and not self.n_negatives:
            raise RecommenderError(
                f"{type(self).__name__}: the loss {self.loss} needs negatives, and n_negatives is 0; set it to 1 or "
                "more, or choose loss=cross_entropy, which is over all items"
            )
