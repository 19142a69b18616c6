"""Words as text for a POSIX shell, in which every character can be seen."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def shell_text(words: Iterable[str]) -> str:
    r"""Return a command of these words.

    Characters that are not shown, or not as they are, are written by their bytes: ``$'a\033b'`` (POSIX.1-2024, 2.2.4).
    """
    return " ".join(
        shlex.quote(word) if word.isprintable() else f"$'{''.join(map(_by_bytes, word))}'" for word in words
    )


def _by_bytes(character: str) -> str:
    if character.isprintable():
        return f"\\{character}" if character in "\\'" else character
    # A byte of a file's name that is not UTF-8 is one of these in Python.
    is_byte = "\udc80" <= character <= "\udcff"
    content = character.encode("utf-8", "surrogateescape" if is_byte else "surrogatepass")
    return "".join(f"\\{byte:03o}" for byte in content)
