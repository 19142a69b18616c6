"""The recommender that was measured, as its record describes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct


class RecordedRecommender(Struct, frozen=True, omit_defaults=True):
    """A recommender and its parameters, as they were when the job ran.

    Parameters
    ----------
    name, label
        As it is called, and the name with the parameters that were given.
    reference
        Module or file, and class: ``"recommenders.als:ALS"``.
    origin
        ``"built-in"``, ``"file"``, ``"external"``, or the distribution that it came with.
    parameters
        All hyper-parameters, defaults included.
    deterministic
        Whether training again gives the same model.
    iterative
        Whether it learns in epochs.
    source_sha256
        Digest of its source; empty where that could not be read.
    processor_independent
        Whether its figures are the same on every x86-64 processor; False in records that do not say.
    libraries
        Versions, by name, of what it is made of.
    requirements
        What the environment of a program was built from.
    chosen_on
        The dataset on which its default parameters were chosen, if it ran with them.
    personalised
        Whether a user's interactions decide the user's scores; True in earlier records, which do not say.
    display_name
        What the user calls its row; None for the label.
    """

    name: str
    label: str
    reference: str
    origin: str
    parameters: Mapping[str, Any]
    deterministic: bool
    iterative: bool
    source_sha256: str
    processor_independent: bool = False
    libraries: Mapping[str, str] = {}
    requirements: Sequence[str] = []
    chosen_on: str | None = None
    personalised: bool = True
    display_name: str | None = None

    @property
    def row_name(self) -> str:
        """What its row is called."""
        return self.display_name or self.label
