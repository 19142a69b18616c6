"""A shell reads a quoted command as the words that it was made of, and each of its characters is shown."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from bench.writing.quoting import shell_text

WORDS = [
    "plain",
    "two words",
    "it's",
    "a\x1b[2Jb",
    "\x9b1",
    "\u202etxt",
    "line\nbreak",
    "\udcff.csv",
    "\\ '\x071",
    "\u00e9",
]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
def test_a_shell_reads_the_words_again() -> None:
    script = f"for word in {shell_text(WORDS)}; do printf '%s\\0' \"$word\"; done"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    assert done.stdout.split(b"\0")[:-1] == [os.fsencode(word) for word in WORDS]


def test_each_character_is_shown() -> None:
    assert shell_text(WORDS).isprintable()
    assert shell_text(["a\x1bb"]) == r"$'a\033b'"
