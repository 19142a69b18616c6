"""How a page is put together: a template that escapes texts of others, one style, scripts, and a content policy."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.charts.library import import_library

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType

    from bench.charts.chart import Chart


@dataclass(frozen=True)
class Panel:
    """A chart on a page: the name by which the script finds its specification, and the title above it."""

    name: str
    title: str
    chart: Chart


def panel(name: str, title: str, chart: Chart | None) -> Panel | None:
    """Return a chart as a panel; None where there is nothing to draw."""
    return None if chart is None else Panel(name, title, chart)


def panels_of(sections: Iterable[Any]) -> list[Panel]:
    """Return the panels of all sections, of which each is a panel, several, or None."""
    found: list[Panel] = []
    for section in sections:
        found += section if isinstance(section, list) else [section] if section else []
    return found


def assemble(
    template: str,
    styles: Sequence[str],
    script: str,
    data: Any,
    *,
    library: str,
    home: str | None = None,
    **values: Any,
) -> str:
    """Return a page as HTML: one file that loads nothing.

    Parameters
    ----------
    template, styles, script
        Names of files in this folder. Only this style and this script are allowed to work in the page.
    data
        What the script reads, in JSON's types.
    library
        The script of the drawing library.
    home
        The page that this one belongs to, relative to it.
    values
        For the template, which escapes them.

    Raises
    ------
    RecbenchError
        If the extra ``report`` is not installed.
    """
    needs = f"recbench {values.get('command', 'report')}"
    jinja2, markup = (import_library(needs, name) for name in ("jinja2", "markupsafe"))
    environment = _environment(jinja2)
    style = "".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in styles)
    written = environment.get_template(script).render()
    text: str = environment.get_template(template).render(
        style=markup.Markup(style),
        script=markup.Markup(written),
        library=markup.Markup(library),
        policy=_policy([written, library], [style]),
        data=markup.Markup(_embedded(data)),
        home=home,
        **values,
    )
    return text


@cache
def _environment(jinja2: ModuleType) -> Any:
    """Return what reads the templates; a site has hundreds of pages of the same ones."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )


def _policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Return a content security policy: these scripts and styles, nothing else, and no network."""

    def sources(texts: Sequence[str]) -> str:
        hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
        return " ".join(f"'sha256-{each}'" for each in hashes)

    return (
        f"default-src 'none'; script-src {sources(scripts)}; style-src {sources(styles)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _embedded(data: Any) -> str:
    """Return JSON in which no HTML parser finds the end of a script or a comment."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
