"""Names that are too long for their place: cut, and still different from each other."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Fits = Callable[[str], bool]

_CUT = "\N{HORIZONTAL ELLIPSIS}"

_MOST_LETTERS = 200
"""Of a name that is not cut yet: no place has room for more."""


def short_names(names: Iterable[str], fits: Fits) -> dict[str, str]:
    """Return each name as it fits: long words before values are cut first, then the middle of the name.

    Names that would then look alike keep the part in which they differ. Worked, for 17 letters:
    ``neumf:embedding_size=16`` becomes ``neumf:embeddi\N{HORIZONTAL ELLIPSIS}=16``.

    Parameters
    ----------
    names
        Equal ones are one.
    fits
        Whether a text is short enough.
    """
    known = list(dict.fromkeys(names))
    found = {name: name if fits(name) else _cut(name, fits) for name in known}
    for alike in _alike(found):
        found |= _telling(alike, fits)
    for alike in _alike(found):
        found |= _numbered(alike, found, fits)
    return found


def shortened(text: str, most: int) -> str:
    """Return a text of so many letters at most: the middle of a longer one is left out, as names often end differently.

    Worked: of ``mf:embedding_size=64`` and 11, ``mf:em\N{HORIZONTAL ELLIPSIS}ze=64``.
    """
    if len(text) <= most:
        return text
    behind = (most - 1) // 2
    return f"{text[: most - 1 - behind]}{_CUT}{text[len(text) - behind :]}"


def _alike(found: dict[str, str]) -> list[list[str]]:
    """Return the names that look alike, those of each look together."""
    by_look = defaultdict(list)
    for name, look in found.items():
        by_look[look].append(name)
    return [names for names in by_look.values() if len(names) > 1]


def _cut(name: str, fits: Fits) -> str:
    for letters in range(20, 0, -1):
        with_short_words = re.sub(rf"(\w{{{letters}}})\w{{2,}}(?==)", rf"\1{_CUT}", name)
        if fits(with_short_words):
            return with_short_words
    return _longest(lambda most: shortened(name, most), len(name), fits)


def _telling(names: Sequence[str], fits: Fits) -> dict[str, str]:
    """Return names that look alike with all that is between what they begin and what they end with alike."""
    start = _n_alike(names)
    end = _n_alike([name[start:][::-1] for name in names])
    return {name: _around(name[:start], name[start : len(name) - end], name[len(name) - end :], fits) for name in names}


def _n_alike(names: Sequence[str]) -> int:
    """Return with how many letters all names begin alike."""
    by_place = zip(*names, strict=False)
    return next((place for place, letters in enumerate(by_place) if len(set(letters)) > 1), min(map(len, names)))


def _around(head: str, part: str, tail: str, fits: Fits) -> str:
    """Return a part of a name with as much of what is on both sides of it as fits."""

    def text(most: int) -> str:
        of_head = min(len(head), max(most - most // 2, most - len(tail)))
        of_tail = min(len(tail), most - of_head)
        before = head if of_head == len(head) else f"{head[:of_head]}{_CUT}"
        behind = tail if of_tail == len(tail) else f"{_CUT}{tail[len(tail) - of_tail :]}"
        return f"{before}{part}{behind}"

    if fits(text(0)):
        return _longest(text, len(head) + len(tail), fits, least=0)
    return _longest(lambda most: f"{_CUT}{part[:most]}{_CUT}", len(part), fits)


def _numbered(names: Sequence[str], found: dict[str, str], fits: Fits) -> dict[str, str]:
    """Return names that nothing else tells apart with a number each, which makes them differ from all others."""
    taken, numbered = set(found.values()), {}
    for name in names:
        looks = (_with_end(name, f" #{number}", fits) for number in count(1))
        numbered[name] = next(look for look in looks if look not in taken)
        taken.add(numbered[name])
    return numbered


def _with_end(name: str, end: str, fits: Fits) -> str:
    return _longest(lambda most: f"{shortened(name, most)}{end}", len(name), fits)


def _longest(text: Callable[[int], str], most: int, fits: Fits, least: int = 1) -> str:
    """Return the text of the most letters that fits; that of the least where none does."""
    letters = range(min(most, _MOST_LETTERS), least, -1)
    return next((found for number in letters if fits(found := text(number))), text(least))
