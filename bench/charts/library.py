"""The drawing library: how it is imported, and how it draws a chart."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from protocol.errors import ProtocolError, RecbenchError
from protocol.installation import how_to_add

if TYPE_CHECKING:
    from pathlib import Path

    from bench.charts.chart import Chart

IMAGES = ("svg", "png", "pdf")
"""The formats of a saved chart, by the ending of the file's name."""

SCHEMA_VEGA = "https://vega.github.io/schema/vega/v6.json"
SCHEMA_VEGA_LITE = "https://vega.github.io/schema/vega-lite/v6.json"
_VEGA_LITE = "6.4"

_PNG_SCALE = 3
"""Pixels of a PNG per CSS pixel: 288 dots per inch."""


def import_library(needs: str, module: str = "vl_convert") -> Any:
    """Import a package of the extra ``report``.

    Parameters
    ----------
    needs
        The command that needs it, for the message: ``"recbench plot"``.

    Raises
    ------
    RecbenchError
        If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise RecbenchError(
            f"{needs} needs the extra report, and {error.name} is not installed; {how_to_add('report')}"
        ) from error


def javascript() -> str:
    """Return the library's script, which defines ``vegaEmbed``; no text in it closes a ``script`` element.

    Raises
    ------
    RecbenchError
        If the library is not installed.
    """
    script: str = import_library("recbench report").javascript_bundle("window.vegaEmbed = vegaEmbed;", _VEGA_LITE)
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def check_image(path: Path) -> str:
    """Return the format given by a file's ending.

    Raises
    ------
    ProtocolError
        If it is not one of `IMAGES`.
    """
    ending = path.suffix.removeprefix(".").lower()
    if ending not in IMAGES:
        raise ProtocolError(f"{path} ends in {path.suffix or 'nothing'!r}, expected one of .{', .'.join(IMAGES)}")
    return ending


def image(chart: Chart, form: str) -> bytes:
    """Return a chart as the bytes of an SVG, PNG or PDF file.

    Raises
    ------
    RecbenchError
        If the library is not installed.
    """
    library = import_library("recbench plot")
    is_vega = chart.spec["$schema"] == SCHEMA_VEGA
    draw = getattr(library, f"{'vega' if is_vega else 'vegalite'}_to_{form}")
    options: dict[str, Any] = {"allowed_base_urls": []}
    if form == "png":
        options["scale"] = _PNG_SCALE
    drawn = draw(chart.spec, **options)
    return f"{drawn}\n".encode() if isinstance(drawn, str) else bytes(drawn)
