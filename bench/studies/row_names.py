"""The name of a row over several datasets: one recommender, though a search gave it other parameters on each.

``ease:reg=320`` and ``ease:reg=1200``, whose ``reg`` came from the file of a search, are both ``ease``.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import structs

from bench.choices import parse
from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.records.groups import Group
    from bench.records.recommender import RecordedRecommender

TUNED = "(tuned)"
"""Behind the name of a row with parameters of a search, where another row has the name without such parameters."""


def names_over_datasets(columns: Sequence[Sequence[Group]]) -> list[dict[str, str]]:
    """Return, for each dataset, the name over datasets by the label of each group.

    A name that the user gave stays. Otherwise parameters that a search found are left out. Groups of one dataset that
    would share a name after all keep their labels.
    """
    tuned_beside_plain = {
        name
        for groups in columns
        for name in {_plain_name(group) for group in groups if _is_tuned(group)}
        & {_plain_name(group) for group in groups if not _is_tuned(group)}
    }
    return [_names_in(groups, tuned_beside_plain) for groups in columns]


def shared_name(group: Group) -> tuple[str, bool]:
    """Return the name over datasets that a group would have by itself, and whether a search found parameters of it."""
    return _plain_name(group), _is_tuned(group)


def without_found_parameters(group: Group) -> RecordedRecommender:
    """Return the recommender of a group, without the parameters that a search found."""
    found, recommender = _found_names(group), group.recommender
    kept = {name: value for name, value in recommender.parameters.items() if name not in found}
    return structs.replace(recommender, parameters=kept)


def _names_in(groups: Sequence[Group], tuned_beside_plain: set[str]) -> dict[str, str]:
    names = {}
    for group in groups:
        name = _plain_name(group)
        names[group.label] = f"{name} {TUNED}" if name in tuned_beside_plain and _is_tuned(group) else name
    count = Counter(names.values())
    return {label: name if count[name] == 1 else label for label, name in names.items()}


def _is_tuned(group: Group) -> bool:
    return _given_name(group) is None and bool(_found_names(group))


def _given_name(group: Group) -> str | None:
    members = (*group.fitted, *group.failed)
    return next((one.recommender.display_name for one in members if one.recommender.display_name), None)


def _plain_name(group: Group) -> str:
    """Return the name that the user gave, or the label without the parameters that a search found."""
    given = _given_name(group)
    if given is not None:
        return given
    label, found = group.recommender.label, _found_names(group)
    if not found:
        return label
    try:
        name, parameters = parse(label)
    except RecommenderError:  # The label of another program's scores may be any text.
        return label
    kept = ",".join(f"{parameter}={value}" for parameter, value in parameters.items() if parameter not in found)
    return f"{name}:{kept}" if kept else name


def _found_names(group: Group) -> set[str]:
    """Return the parameters that came from the file of a search."""
    members = (*group.fitted, *group.failed)
    return {name for one in members if one.found_parameters for name in one.found_parameters.names}
