"""Models whose fitted state can be kept in a folder, and used again without fitting (see `protocol.contract`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from recommenders.parts.fitted import fitted

if TYPE_CHECKING:
    from pathlib import Path

    from recommenders.parts.scorer import Scorer

STATE_FILE = "state.safetensors"


class KeptState:
    """Adds ``save`` and ``load`` to a `recommenders.parts.model.Model` whose state is made of our own scorers."""

    _state: Scorer | None

    def save(self, folder: Path) -> None:
        """Write the fitted state into a folder.

        Raises
        ------
        NotFittedError
            If the model is not fitted yet.
        OSError
            If the file cannot be written.
        """
        from recommenders.parts.scorer_files import write_scorer

        write_scorer(folder / STATE_FILE, fitted(self, self._state), type(self).__name__)

    def load(self, folder: Path) -> Self:
        """Take over the fitted state that ``save`` wrote, and return the model; its scores are the same to the bit.

        Raises
        ------
        RecommenderError
            If the folder holds no state of such a model.
        """
        from recommenders.parts.scorer_files import read_scorer

        self._state = read_scorer(folder / STATE_FILE, type(self).__name__)
        return self
