"""Lists of recommenders, datasets, metrics and commands, which are read from the code and need no edit."""

from __future__ import annotations

import argparse
import os
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

from sphinx.util.docutils import SphinxDirective

from bench.catalogue.datasets import dataset_rows
from bench.catalogue.recommenders import listed_recommenders, recommender_rows
from bench.cli.main import make_parser
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from docutils import nodes
    from sphinx.application import Sphinx

HELP_COLUMNS = 88


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def recommenders() -> str:
    """Return the recommenders by origin, each with what it is and its parameters."""
    rows = recommender_rows(listed_recommenders())
    return "\n\n".join(_of_one_origin(origin, [*found]) for origin, found in groupby(rows, _origin))


def _origin(row: dict[str, Any]) -> str:
    if row["by_default"]:
        return "The default suite"
    origin: str = row["origin"]
    return {"built-in": "Other built-ins"}.get(origin, origin[:1].upper() + origin[1:])


def _of_one_origin(origin: str, rows: list[dict[str, Any]]) -> str:
    cells = ((f"`{row['name']}`", _what(row), f"`{row['parameters']}`" if row["parameters"] else "") for row in rows)
    return f"## {origin}\n\n{table(('name', 'what it is', 'parameters'), cells)}"


def _what(row: dict[str, Any]) -> str:
    return row["summary"] or row["problem"] or ""


def datasets() -> str:
    """Return the datasets that are known by name."""
    rows = dataset_rows()
    numbers = ("users", "items", "interactions")
    cells = ((f"`{row['name']}`", *(f"{row[each]:,}" for each in numbers), str(row["terms"])) for row in rows)
    return table(("name", *numbers, "terms"), cells)


def metrics() -> str:
    """Return the metrics, each with a worked number."""
    return table(("metric", "what it is"), ((one.name, one.explanation.format(k=10)) for one in METRICS.values()))


def commands() -> str:
    """Return the help of each command."""
    return "\n\n".join(f"## recbench {name}\n\n```text\n{_help(parser)}```" for name, parser in _parsers())


def _parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in make_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def _help(parser: Any) -> str:
    # How an extra is installed names the folder of this installation.
    extra, parser.extra = parser.extra, ""
    needed = f"\nIt needs recbench's extra {extra}.\n" if extra else ""
    return f"{parser.format_help()}{needed}"


LISTS: dict[str, Callable[[], str]] = {
    "recommenders": recommenders,
    "datasets": datasets,
    "metrics": metrics,
    "commands": commands,
}


class ListOf(SphinxDirective):
    """``{list-of} datasets``: a list of `LISTS`."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        return self.parse_text_to_nodes(LISTS[self.arguments[0]](), allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    os.environ["COLUMNS"] = str(HELP_COLUMNS)
    app.add_directive("list-of", ListOf)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
