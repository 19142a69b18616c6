"""Rows of one recommender with several settings of its parameters: an ablation, or a sweep over a number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.choices import parameters_text
from bench.names import EXTERNAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.records.recommender import RecordedRecommender


@dataclass(frozen=True)
class Settings:
    """The rows of one recommender.

    Parameters
    ----------
    recommender
        Its name.
    labels
        Of the rows, in the order that they were given in.
    varied
        By the name of each parameter whose value differs between the rows: the value of each row. Empty for a single
        row, and where the rows do not differ in parameters.
    """

    recommender: str
    labels: tuple[str, ...]
    varied: Mapping[str, tuple[Any, ...]]

    @property
    def title(self) -> str:
        """What a table writes above the rows: ``mf, varied: reg, epochs``."""
        return f"{self.recommender}, varied: {', '.join(self.varied)}"

    def text_of(self, label: str) -> str:
        """Return what is varied in a row: ``reg=0.1, epochs=5``; empty where nothing is."""
        place = self.labels.index(label)
        return _text({name: values[place] for name, values in self.varied.items()})

    @property
    def number(self) -> str | None:
        """The parameter for a curve: the varied one with the most values, all of them numbers; None without any."""
        numbers = [name for name, values in self.varied.items() if all(map(_is_number, values))]
        return max(numbers, key=lambda name: len(set(self.varied[name])), default=None)

    def along(self, parameter: str) -> list[tuple[str, Any, str]]:
        """Return each row with its value of a varied parameter, and what else is varied in it: ``epochs=5``."""
        others = [name for name in self.varied if name != parameter]
        return [
            (label, self.varied[parameter][place], _text({name: self.varied[name][place] for name in others}))
            for place, label in enumerate(self.labels)
        ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(parameters: Mapping[str, Any]) -> str:
    return parameters_text(parameters, ", ")


def in_settings(rows: Sequence[tuple[str, RecordedRecommender]]) -> list[Settings]:
    """Return the rows by recommender, each recommender where its first row is.

    Rows of one recommender that differ in parameters make one entry; every other row makes an entry of its own.

    Parameters
    ----------
    rows
        The label of each row, and its recommender.
    """
    by_recommender: dict[tuple[str, ...], list[tuple[str, RecordedRecommender]]] = {}
    for label, recommender in rows:
        by_recommender.setdefault(_identity(label, recommender), []).append((label, recommender))
    found = []
    for members in by_recommender.values():
        varied = _varied([recommender.parameters for _, recommender in members])
        parts = [members] if varied else [[member] for member in members]
        found += [_settings(part, varied) for part in parts]
    places = {label: place for place, (label, _) in reversed(list(enumerate(rows)))}
    return sorted(found, key=lambda settings: places[settings.labels[0]])


def _identity(label: str, recommender: RecordedRecommender) -> tuple[str, ...]:
    if recommender.origin == EXTERNAL:
        return (label,)
    return recommender.name, recommender.reference, recommender.origin


def _varied(parameters: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """Return the values, by row, of the parameters that differ; a parameter that a row does not have is None there."""
    names = dict.fromkeys(name for of_row in parameters for name in of_row)
    values = {name: tuple(of_row.get(name) for of_row in parameters) for name in names}
    return {name: found for name, found in values.items() if len({json.dumps(each) for each in found}) > 1}


def _settings(members: Sequence[tuple[str, RecordedRecommender]], varied: Mapping[str, tuple[Any, ...]]) -> Settings:
    return Settings(members[0][1].name, tuple(label for label, _ in members), varied)
