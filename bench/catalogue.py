"""What there is to choose from: recommenders with their parameters, and datasets with their terms."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.choices import plugin_entries, value_text
from bench.writing.text import printable
from recommenders import registry
from recommenders.registry.outline import outline_of

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
        What it says of itself: a built-in when it is imported, a plug-in in its source, of which nothing is run; None
        where that does not tell.
    bases
        Classes it builds on whose parameters are not known, as their source was not found.
    problem
        Why it will not load; None where none is seen.
    """

    entry: registry.Entry
    description: registry.Description | None
    bases: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def parameters(self) -> str:
        """All hyper-parameters with their defaults, as ``--recommender`` takes them."""
        described = self.description.parameters if self.description else {}
        inherited = [f"those of {', '.join(self.bases)}"] if self.bases else []
        return ", ".join([*map(_parameter_text, described.values()), *inherited])


def listed_recommenders(plugins: Named | Iterable[Named] = ()) -> list[Listed]:
    """Return every recommender, in the order of the registry; plug-ins are not imported, and a broken one is no error.

    Raises
    ------
    RecommenderError
        If there is no such plug-in, or two would share a name.
    """
    return [_listed(entry) for entry in {**registry.entries(), **plugin_entries(plugins)}.values()]


def _listed(entry: registry.Entry) -> Listed:
    if entry.origin == registry.BUILT_IN or entry.is_program:
        return Listed(entry, registry.describe(registry.load_class(entry), entry.preset))
    outline = outline_of(entry.reference, entry.folder, entry.preset)
    return Listed(entry, outline.description, outline.bases, outline.problem)


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
            "problem": one.problem,
        }
        for one in listed
    ]


def recommender_text(listed: Sequence[Listed]) -> str:
    """Return the list for a terminal, by origin, the broken ones last."""
    indent = max(len(one.entry.name) for one in listed) + 2
    blocks: dict[str, list[str]] = {}
    for one in sorted(listed, key=lambda one: one.problem is not None):
        blocks.setdefault(_heading(one), []).append(_block(one, indent))
    return "\n".join(f"{printable(heading)}\n\n{''.join(found)}" for heading, found in blocks.items())


def _heading(one: Listed) -> str:
    if one.problem:
        return "broken"
    return (
        f"{one.entry.origin}, the default suite: run where none is named" if one.entry.by_default else one.entry.origin
    )


def _block(one: Listed, indent: int) -> str:
    if one.problem is not None:
        lines = [f"{one.entry.reference} ({one.entry.origin}) will not load: {one.problem}"]
    elif one.description is None:
        lines = [f"{one.entry.reference}; what it takes is known when it is loaded: recbench check {one.entry.name}"]
    else:
        lines = [one.description.summary, f"{_kind(one.entry, one.description)}; {one.parameters or 'no parameters'}"]
    margin = " " * (indent + 2)
    text = "\n".join(
        textwrap.fill(printable(line), WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)
        for line in lines
    )
    return f"  {printable(one.entry.name):{indent}}{text.lstrip()}\n\n"


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


def dataset_rows() -> list[dict[str, Any]]:
    """Return one dictionary per dataset that is known by name, for a data frame."""
    from protocol.data.available import available_datasets

    return [
        {
            "name": known.name,
            "users": known.n_users,
            "items": known.n_items,
            "interactions": known.n_interactions,
            "at_hand": known.path is not None,
            "path": None if known.path is None else str(known.path),
            "source": known.source,
            "terms": known.terms,
        }
        for known in available_datasets()
    ]


def dataset_text() -> str:
    """Return the datasets for a terminal, with the other things that ``--dataset`` takes."""
    from tabulate import tabulate

    from protocol.data.synthetic import DEFAULT_SIZE

    rows = dataset_rows()
    body = [
        [
            row["name"],
            *(f"{row[size]:,}" for size in ("users", "items", "interactions")),
            row["path"] or "to be fetched",
        ]
        for row in rows
    ]
    users, items, interactions = DEFAULT_SIZE
    body.append(["synthetic", f"{users:,}", f"{items:,}", f"{interactions:,}", "generated"])
    table = tabulate(
        body,
        headers=["name", "users", "items", "interactions", "at hand"],
        tablefmt="simple",
        colalign=("left", "right", "right", "right", "left"),
        disable_numparse=True,
    )
    terms = [f"  {_names_under(rows, text)}: {text}" for text in dict.fromkeys(row["terms"] for row in rows)]
    also = (
        "--dataset also takes\n"
        "  synthetic:UxIxN   so many users, items and interactions, generated: synthetic:200x100x5000\n"
        "  PATH              a file of interactions: CSV, TSV, ::, RecBole's .inter, Parquet; each also gzipped\n"
        "  ncf:PREFIX        the NCF paper's PREFIX.train.rating, PREFIX.test.rating and PREFIX.test.negative\n"
        "--split time needs times of one clock, which neither ncf: nor a count of each user's interactions has"
    )
    return "\n".join((table, "", "Terms", *terms, "", also, ""))


def _names_under(rows: Sequence[dict[str, Any]], terms: str) -> str:
    return ", ".join(row["name"] for row in rows if row["terms"] == terms)
