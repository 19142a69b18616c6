"""How much space a text takes, and where it breaks into lines.

The widths are those of Arial, which the font of printed charts shares. Those of browsers are a little different.
"""

from __future__ import annotations

_WIDTHS = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    549: "\N{PLUS-MINUS SIGN}",
    556: "#$0123456789?L_abdeghnopqu\N{DAGGER}",
    576: "\N{MICRO SIGN}",
    584: "+<=>~\N{MINUS SIGN}",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}
"""Letters by their width, in thousandths of the size of the font; all others count as 1000."""

_WIDTH_OF = {letter: width for width, letters in _WIDTHS.items() for letter in letters}

_WIDER_IF_BOLD, _WIDER = frozenset("bcdfghijklmnopqrstuvwxy:;!?&[]ABJKL"), 56
"""Letters that are wider in bold type, and how much, in thousandths of the size of the font."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line, in the unit of the font's size.

    Worked: ``Wi`` at 10 pixels is 0.944 * 10 + 0.222 * 10 = 11.66 pixels wide.
    """
    thousandths = sum(_WIDTH_OF.get(letter, 1000) for letter in text)
    more = _WIDER * sum(letter in _WIDER_IF_BOLD for letter in text) if bold else 0
    return (thousandths + more) * size / 1000


def wrapped(text: str, space: float, size: float) -> list[str]:
    """Return the lines of a text, each no wider than the space unless a single word is."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= space:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
