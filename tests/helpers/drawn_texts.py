"""The texts of a drawn chart: where each is in the SVG, and which of them overprint each other or leave the picture."""

from __future__ import annotations

import itertools
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.charts.lettering import text_width

if TYPE_CHECKING:
    from collections.abc import Iterator

    Point = tuple[float, float]

_SVG = "{http://www.w3.org/2000/svg}"
_ABOVE, _BELOW = 0.72, 0.2
"""Of the font's size: how high capitals are, and how deep letters like g."""

_ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}

SLACK = 0.5
"""Pixels by which boxes may touch."""


@dataclass(frozen=True)
class DrawnText:
    """A line of text and the corners of its box, in pixels from the upper left corner of the picture."""

    text: str
    corners: tuple[Point, ...]
    bold: bool

    def span(self, axis: int) -> tuple[float, float]:
        """Return the ends of the box along an axis, 0 or 1."""
        values = [corner[axis] for corner in self.corners]
        return min(values), max(values)


def texts_of(svg: bytes) -> list[DrawnText]:
    """Return the texts that can be seen."""
    return list(_texts(ET.fromstring(svg), 0.0, 0.0))


def size_of(svg: bytes) -> tuple[float, float]:
    """Return width and height of the picture in pixels."""
    root = ET.fromstring(svg)
    return float(root.attrib["width"]), float(root.attrib["height"])


def collisions(texts: list[DrawnText]) -> list[tuple[str, str]]:
    """Return the pairs of texts that overprint each other."""
    return [(one.text, other.text) for one, other in itertools.combinations(texts, 2) if _overlap(one, other)]


def outside(texts: list[DrawnText], size: tuple[float, float]) -> list[str]:
    """Return the texts that leave the picture."""
    return [
        each.text
        for each in texts
        if any(each.span(axis)[0] < -SLACK or each.span(axis)[1] > size[axis] + SLACK for axis in (0, 1))
    ]


def _texts(element: ET.Element, x: float, y: float) -> Iterator[DrawnText]:
    found = re.match(r"translate\((-?[\d.e-]+),\s*(-?[\d.e-]+)\)", element.attrib.get("transform", ""))
    if found:
        x, y = x + float(found[1]), y + float(found[2])
    if element.tag == f"{_SVG}text":
        yield from _lines(element, x, y)
        return
    for child in element:
        yield from _texts(child, x, y)


def _lines(element: ET.Element, x: float, y: float) -> Iterator[DrawnText]:
    if element.attrib.get("opacity") == "0":
        return
    size = float(element.attrib["font-size"].removesuffix("px"))
    bold = element.attrib.get("font-weight") in ("bold", "600", "700")
    turn = re.search(r"rotate\((-?[\d.]+)", element.attrib["transform"])
    angle = math.radians(float(turn[1])) if turn else 0.0
    below = 0.0
    for line in list(element) or [element]:
        below += float(line.attrib.get("dy", 0))
        text = "".join(line.itertext())
        if text.strip():
            width = text_width(text, size, bold=bold)
            left = -width * _ANCHORS[element.attrib.get("text-anchor", "start")]
            box = [(left, -_ABOVE), (left + width, -_ABOVE), (left + width, _BELOW), (left, _BELOW)]
            corners = tuple(_turned(across, below + of_size * size, angle) for across, of_size in box)
            yield DrawnText(text, tuple((x + dx, y + dy) for dx, dy in corners), bold)


def _turned(x: float, y: float, angle: float) -> Point:
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def _overlap(one: DrawnText, other: DrawnText) -> bool:
    """Whether two boxes have a common point: no line along a side of either parts them."""
    return not any(_parted(one, other, *side) for box in (one, other) for side in itertools.pairwise(box.corners[:3]))


def _parted(one: DrawnText, other: DrawnText, start: Point, end: Point) -> bool:
    length = math.dist(start, end)
    direction = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    spans = [
        (min(along), max(along))
        for each in (one, other)
        for along in ([x * direction[0] + y * direction[1] for x, y in each.corners],)
    ]
    (low, high), (other_low, other_high) = spans
    return min(high, other_high) - max(low, other_low) <= SLACK
