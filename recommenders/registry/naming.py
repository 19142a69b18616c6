"""The name of a recommender in tables and on the command line, from the name of its class."""

from __future__ import annotations

import re

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
