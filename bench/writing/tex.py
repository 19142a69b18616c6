"""Text as LaTeX source that pdfLaTeX, LuaLaTeX and XeLaTeX take with their own fonts, and how wide it is."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bench.writing.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_WORD = 24
"""A longer word may be broken after one of ",:_/="; without these, such as a digest, anywhere."""

_CHUNK = 8
"""The width of the pieces between which a long word without signs may be broken, in digits."""

_WIDE_LETTERS = {"M": 1.84, "W": 2.06, "m": 1.67, "w": 1.45, "@": 1.56, "%": 1.67, "&": 1.56, "±": 1.56}
"""The width of letters of Computer Modern, in digits; other capitals are at most `_CAPITAL`, all else about a digit."""

_CAPITAL = 1.57

_CODE_LENGTH = 7
"""The width of ``U+5354``, in digits."""

ANY = r"\recbenchcharacter"
"""The command for all other characters: it shows the character if the font has it, else its code point."""

ANY_DEFINED = (
    rf"\providecommand*{{{ANY}}}[2]"
    r'{\ifdefined\Umathchar\iffontchar\font"#1 #2\else U+#1\fi\else U+#1\fi}'
)
"""pdfLaTeX has no \\Umathchar, and fonts of 256 characters."""

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi - pi rho - sigma tau upsilon phi chi psi "
    "omega"
)
"""The Greek letters from U+03B1 on."""

_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "{''}",
    "`": r"\`{}",
    "±": r"$\pm$",
    "\N{DAGGER}": r"\dag{}",
    "\N{DOUBLE DAGGER}": r"\ddag{}",
    "µ": r"$\mu$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{NO-BREAK SPACE}": "~",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "\N{LEFT SINGLE QUOTATION MARK}": "`",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": "``",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "''",
    "\N{LATIN SMALL LETTER SHARP S}": r"\ss{}",
    **{chr(code): rf"$\{name}$" for code, name in enumerate(_GREEK.split(), start=0x3B1) if name != "-"},
    "\N{LATIN SMALL LETTER DOTLESS I}": r"\i{}",
    **{
        letter: f"\\{name}{{}}"
        for letter, name in zip("æÆœŒøØłŁ", ("ae", "AE", "oe", "OE", "o", "O", "l", "L"), strict=True)
    },
    # At the start of a row, LaTeX would take these for arguments of the previous row's end.
    **{sign: f"{{{sign}}}" for sign in "[]*"},
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
}

_ACCENTS = {
    "\N{COMBINING GRAVE ACCENT}": "`",
    "\N{COMBINING ACUTE ACCENT}": "'",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "^",
    "\N{COMBINING TILDE}": "~",
    "\N{COMBINING DIAERESIS}": '"',
    "\N{COMBINING MACRON}": "=",
    "\N{COMBINING DOT ABOVE}": ".",
    "\N{COMBINING BREVE}": "u",
    "\N{COMBINING CARON}": "v",
    "\N{COMBINING DOUBLE ACUTE ACCENT}": "H",
    "\N{COMBINING RING ABOVE}": "r",
    "\N{COMBINING CEDILLA}": "c",
}
"""The accents that every font encoding can put on a letter."""


def width(text: str) -> float:
    """Return about how wide a text is at most, in digits: ``NDCG@10`` is 9.84."""
    return sum(_letter_width(character) for character in text)


def _letter_width(character: str) -> float:
    if character in _WIDE_LETTERS:
        return _WIDE_LETTERS[character]
    return _CAPITAL if character.isascii() and character.isupper() else length(character)


def length(text: str) -> int:
    """Return the largest number of characters that a text can take when it is shown."""
    return sum(_CODE_LENGTH if ANY in _character(character) else 1 for character in text)


def prose(text: str) -> str:
    """Escape a text, and allow LaTeX to break its long words."""
    return " ".join(
        r"\allowbreak{}".join(map(escaped, _parts(word))) if length(word) > _LONGEST_WORD else escaped(word)
        for word in printable(text).split(" ")
    )


def _parts(word: str) -> Iterator[str]:
    """Yield the parts into which LaTeX may break a word."""
    for part in re.findall("[^,:_/=]+[,:_/=]?|[,:_/=]", word):
        yield from _chunks(part) if length(part) > _LONGEST_WORD else [part]


def _chunks(part: str) -> Iterator[str]:
    """Yield pieces of at most `_CHUNK` digits, or of one character."""
    begin = 0
    for end in range(1, len(part) + 1):
        if end == len(part) or length(part[begin : end + 1]) > _CHUNK:
            yield part[begin:end]
            begin = end


def escaped(text: str) -> str:
    """Return the LaTeX source that shows a text, whatever its characters."""
    shown = "".join(map(_character, unicodedata.normalize("NFC", printable(text))))
    return re.sub("-(?=-)", "-{}", shown)  # LaTeX makes a dash of two hyphens, as in --option


def _character(character: str) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    if character.isascii():
        return character
    parts = unicodedata.normalize("NFD", character)
    letter, accents = parts[0], parts[1:]
    if letter.isascii() and accents in _ACCENTS:
        return rf"\{_ACCENTS[accents]}{{{letter}}}"
    return rf"{ANY}{{{ord(character):04X}}}{{{character}}}"
