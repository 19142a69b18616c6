"""Errors of the command line: one line, what was meant, and whose help says more."""

from __future__ import annotations

import pytest

from bench.cli.main import main


def error_of(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err.strip()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["tabel", "runs"], "there is no command 'tabel' (did you mean 'table'?); see `recbench table --help`"),
        (["RUN"], "there is no command 'RUN' (did you mean 'run'?); see `recbench run --help`"),
        (["fly"], "there is no command 'fly'; see `recbench --help`"),
        (["run", "--sedes", "0"], "there is no option --sedes (did you mean '--seeds'?); see `recbench run --help`"),
        (["run", "--sedes=0"], "there is no option --sedes (did you mean '--seeds'?); see `recbench run --help`"),
        (
            ["table", "x", "--fromat", "csv"],
            "no option --fromat (did you mean '--format'?); see `recbench table --help`",
        ),
        (["compare", "x", "a", "b", "c"], "unexpected argument 'c'; see `recbench compare --help`"),
        (["run", "--qqqqqq"], "there is no option --qqqqqq; see `recbench run --help`"),
        (["--fly"], "there is no option --fly; see `recbench --help`"),
        (
            ["compare", "x", "a", "b", "--view", "sample"],
            "argument --view: invalid choice: 'sample' (did you mean 'sampled'?); choose from sampled, expected, full; "
            "see `recbench compare --help`",
        ),
    ],
)
def test_what_is_misspelt_is_answered_with_the_nearest_and_its_own_help(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = error_of(words, capsys)
    assert error.startswith("recbench: error: ")
    assert error.endswith(expected)
