"""An option that is given twice where one is meant is an error, on every command; lists may be given many times."""

from __future__ import annotations

import argparse

import pytest

from bench.cli.main import make_parser

OFTEN = {
    "recommenders": None,
    "plugins": None,
    "labels": None,
    "dataset": "run",
    "users": "recommend",
    "results": "estimate",
    "rows": "plot",
}
"""Options that may be given many times, by what they are called in Python; on every command, or on one."""


def commands() -> dict[str, argparse.ArgumentParser]:
    (group,) = (action for action in make_parser()._actions if isinstance(action, argparse._SubParsersAction))
    return dict(group.choices)


VALUES = {
    "columns": "user=a",
    "split": "last",
    "views": "full",
    "view": "full",
    "metrics": "HR",
    "metric": "HR",
    "memory": "4GiB",
    "encoding": "utf-8",
    "device": "cpu",
    "repeat_splits": "2",
    "width": "column",
}
"""Values of options that take neither a number nor any text."""


def value_of(action: argparse.Action) -> list[str]:
    if action.nargs == 0:
        return []
    return [next(iter(action.choices)) if action.choices else VALUES.get(action.dest, "1")]


@pytest.mark.parametrize("command", commands())
def test_every_option_is_taken_once_or_is_a_list(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = commands()[command]
    options = [action for action in parser._actions if action.option_strings and action.dest != "help"]
    needed = [word for one in parser._actions if not one.option_strings for word in value_of(one)]
    for action in options:
        name = next(each for each in action.option_strings if each.startswith("--"))
        words = [*needed, *2 * [name, *value_of(action)]]
        if OFTEN.get(action.dest, "nowhere") in (None, command):
            parser.parse_known_args([*words, *required(options)])
            continue
        with pytest.raises(SystemExit) as end:
            parser.parse_known_args(words)
        assert end.value.code == 2
        error = capsys.readouterr().err
        assert "it is given twice" in error, name
        assert name in error
        assert error.count("\n") == 1


def required(options: list[argparse.Action]) -> list[str]:
    return [word for one in options if one.required for word in (one.option_strings[0], *value_of(one))]


def test_both_values_and_both_spellings_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        make_parser().parse_args(["run", "--core", "5", "--seeds", "0", "--core=6"])
    assert "argument --core: it is given twice, as 5 and as 6; give it once" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        make_parser().parse_args(["export", "--format", "ncf", "-o", "a", "--out", "b"])
    assert "argument --out/-o: it is given twice, as a and as b" in capsys.readouterr().err


def test_a_parser_forgets_what_other_words_gave() -> None:
    parser = make_parser()
    for _ in range(2):
        assert parser.parse_args(["table", "x", "--k", "5"]).k == (5,)
