"""The name of a recommender in tables and on the command line, from the name of its class."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from recommenders.registry.entry import split_reference

if TYPE_CHECKING:
    from recommenders.registry.entry import Entry

_ONE_WORD = ("NaN", "NeuMF", "SASRec")
"""Words with capitals inside."""


def name_of_class(name: str) -> str:
    """Return the name of a class in snake case: ``MyItemKNN`` is ``my_item_knn``, ``GRU4Rec`` is ``gru4rec``.

    A word begins at a capital that follows a small letter, and at the last of several capitals if a small letter
    follows it. A digit ends no word, and a few words of the field have capitals inside: ``NaNLoss`` is ``nan_loss``.
    Of a nested class, ``Outer.Inner``, only the last part counts.
    """
    last = name.rpartition(".")[2]
    for word in _ONE_WORD:
        last = last.replace(word, word.capitalize())
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", last).lower()


def named_by_place(entry: Entry) -> Entry:
    """Return an entry with the name of its file or module before its own: ``my_model.neumf``."""
    place, _ = split_reference(entry.reference)
    last = Path(place).stem if entry.is_file else place.rpartition(".")[2]
    prefix = re.sub(r"\W", "_", last).lower()
    return replace(entry, name=f"{prefix}.{entry.name}")
