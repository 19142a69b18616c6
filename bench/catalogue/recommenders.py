"""The list of recommenders, with their parameters."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.choices import plugin_entries, value_text
from bench.writing.text import printable
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.choices import Named

WIDTH = 92


@dataclass(frozen=True)
class Listed:
    """A recommender as it is listed.

    Parameters
    ----------
    description
        None where it does not load.
    problem
        Why it does not load, in one line; empty where it does.
    """

    entry: registry.Entry
    description: registry.Description | None
    problem: str = ""

    @property
    def parameters(self) -> str:
        """All hyper-parameters with their defaults, written as for ``--recommender``."""
        described = self.description.parameters if self.description else {}
        return ", ".join(map(_parameter_text, described.values()))


def listed_recommenders(plugins: Named | Iterable[Named] = ()) -> list[Listed]:
    """Return every recommender, in the order of the registry.

    Plug-ins, and those of other packages, are imported in processes of their own (see `registry.inspect_plugins`); one
    that does not load is listed with its problem.

    Raises
    ------
    RecommenderError
        If there is no such plug-in, or two would share a name.
    """
    entries = {**registry.entries(), **plugin_entries(plugins)}
    foreign = {name: entry for name, entry in entries.items() if not registry.is_imported_here(entry)}
    inspections = dict(zip(foreign, registry.inspect_plugins([*foreign.values()]), strict=True))
    return [
        _inspected(entry, inspections[name]) if name in inspections else Listed(entry, registry.description_of(entry))
        for name, entry in entries.items()
    ]


def _inspected(entry: registry.Entry, inspection: registry.Inspection) -> Listed:
    if inspection.description is None:
        return Listed(entry, None, inspection.problem)
    return Listed(entry, inspection.description.with_preset(entry.preset))


def _parameter_text(parameter: registry.Parameter) -> str:
    if parameter.default is registry.REQUIRED:
        return f"{parameter.name} (required)"
    return f"{parameter.name}={value_text(parameter.default)}"


def recommender_rows(listed: Sequence[Listed]) -> list[dict[str, Any]]:
    """Return one dictionary per recommender, for a data frame."""
    return [
        {
            "name": one.entry.name,
            "parameters": one.parameters,
            "deterministic": one.description.deterministic if one.description else None,
            "iterative": one.description.iterative if one.description else None,
            "full_ranker": one.description.full_ranker if one.description else None,
            "summary": one.description.summary if one.description else None,
            "origin": one.entry.origin,
            "by_default": one.entry.by_default,
            "problem": one.problem or None,
        }
        for one in listed
    ]


def recommender_text(listed: Sequence[Listed], width: int | None = None) -> str:
    """Return the list for a terminal, by origin; broken recommenders come last.

    Parameters
    ----------
    width
        Of the terminal, in columns; None for `WIDTH`, which no line is wider than.
    """
    room = min(WIDTH, width or WIDTH)
    indent = max(len(one.entry.name) for one in listed) + 2
    blocks: dict[str, list[str]] = {}
    for one in sorted(listed, key=lambda one: one.description is None):
        blocks.setdefault(_heading(one), []).append(_block(one, indent, room))
    return "\n".join(f"{printable(heading)}\n\n{''.join(found)}" for heading, found in blocks.items())


def _heading(one: Listed) -> str:
    if one.description is None:
        return "broken"
    origin = one.entry.origin
    return f"{origin}, the default suite: run if you name none" if one.entry.by_default else origin


def _block(one: Listed, indent: int, width: int) -> str:
    margin = " " * (indent + 2)
    text = "\n".join(
        textwrap.fill(
            printable(line),
            width,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in _lines(one)
    )
    return f"  {printable(one.entry.name):{indent}}{text.lstrip()}\n\n"


def _lines(one: Listed) -> tuple[str, str]:
    if one.description is None:
        return one.entry.origin, one.problem
    return one.description.summary, f"{_kind(one.entry, one.description)}; {one.parameters or 'no parameters'}"


def _kind(entry: registry.Entry, description: registry.Description) -> str:
    """Return what kind of recommender it is: "random, learns in epochs, a preset of MLP"."""
    words = ["deterministic" if description.deterministic else "random"]
    if description.iterative:
        words.append("learns in epochs")
    if not description.personalised:
        words.append("not personalised")
    if entry.preset:
        words.append(f"a preset of {entry.reference.rpartition(':')[2]}")
    return ", ".join(words)
