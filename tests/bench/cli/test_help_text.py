"""The help of every command, at every width."""

from __future__ import annotations

import argparse
import shlex
from collections import Counter

import pytest

from bench.cli.help_text import MOST_COLUMNS
from bench.cli.main import make_parser


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command by its name, and that of all of them."""
    whole = make_parser()
    (group,) = (action for action in whole._actions if isinstance(action, argparse._SubParsersAction))
    return {"recbench": whole, **group.choices}


def help_of(command: str, width: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    parser = parsers()[command]
    parser.extra = ""  # type: ignore[attr-defined]  # How to add it names a path, which is never broken.
    return parser.format_help()


def words_of(text: str) -> Counter[str]:
    """Return the words, without the signs of an example that is written below what it does."""
    return Counter(word for word in text.split() if word not in ("\\", "#"))


@pytest.mark.parametrize("command", parsers())
def test_help_fits_and_breaks_at_words_alone(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    widest = help_of(command, 160, monkeypatch)
    for width in (60, 80, 100, 160):
        text = help_of(command, width, monkeypatch)
        assert [line for line in text.splitlines() if len(line) > min(width, MOST_COLUMNS)] == []
        assert words_of(text) == words_of(widest)


def test_a_long_example_is_one_command_for_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    text = help_of("run", 60, monkeypatch)
    lines = iter(text.split("examples:\n")[1].split("\n\n")[0].splitlines())
    found = []
    for line in lines:
        if line.startswith("  # "):
            continue
        while line.endswith("\\"):
            line = line[:-1] + next(lines)
        found.append(shlex.split(line))
    assert ["recbench", "run", "-r", "ease:reg=500", "--label", "ease=EASE (ours)"] in found
    assert all(words[:2] == ["recbench", "run"] for words in found)


def test_an_option_with_two_names_has_its_value_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert help_of("run", 100, monkeypatch).count("NAME[:PARAM=VALUE,...]") == 1
