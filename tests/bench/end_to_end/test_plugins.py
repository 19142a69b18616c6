"""Plug-ins with nothing to install: a file, or a module in the current folder; edited, they are fitted anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.choices import choose_one
from bench.cli.main import main

MODEL = """
{imports}

class Mine:
    '''Not one word of recbench.'''
    deterministic = True
    def fit(self, train, *, rng):
        self.sign = sign()
        return self
    def score(self, users, items):
        return self.sign * items
"""

HELPER = "def sign():\n    return -1.0\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("reference", "files"),
    [
        ("mine.py", {"mine.py": MODEL.format(imports="from helper import sign"), "helper.py": HELPER}),
        (
            "my_package.models.mine:Mine",
            {
                "my_package/models/mine.py": MODEL.format(imports="from my_package.helper import sign"),
                "my_package/helper.py": HELPER,
            },
        ),
    ],
)
def test_it_runs_and_runs_anew_when_what_it_imports_is_edited(
    reference: str, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    options = ["--dataset", "synthetic:60x80x900", "--negatives", "20", "--threads", "1", "--out", "results"]

    def run() -> str:
        assert main(["run", "-r", "mine", "--plugin", reference, *options]) == 0
        printed = capsys.readouterr()
        assert "mine" in printed.out
        return printed.err.splitlines()[0]

    assert run() == "1 job to run; records go to results"
    assert run() == "1 job is stored in results already; no jobs to run"
    helper = next(name for name in files if name.endswith("helper.py"))
    Path(helper).write_text(HELPER.replace("-1.0", "+1.0"))
    assert run() == "1 job to run; records go to results"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import os\nos._exit(3)", "its process ended with exit code 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ],
)
def test_one_that_ends_its_process_when_imported_is_a_failed_row(
    text: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mine.py").write_text(f"{text}\n{MODEL.format(imports='')}")
    options = ["--dataset", "synthetic:60x80x900", "--negatives", "20", "--threads", "1", "--out", "results"]
    main(["run", "-r", "popularity", "--plugin", "mine.py:Mine", *options])
    printed = capsys.readouterr()
    assert "popularity" in printed.out
    assert "mine: FAILED" in printed.err
    (record,) = [path for path in Path("results").rglob("record.json") if "mine" in path.read_text()]
    assert reason in record.read_text()


def test_a_program_is_chosen_by_its_file_and_takes_parameters() -> None:
    Path("mine.toml").write_text('name = "counting"\nfit = ["./fit"]\nscore = ["./score"]\n[parameters]\nreg = 0.5\n')
    for text, parameters in (("mine.toml", {}), ("mine.toml:reg=2", {"reg": 2.0}), ("./mine.toml:reg=2", {"reg": 2.0})):
        choice = choose_one(text)
        assert (choice.entry.name, choice.parameters) == ("counting", parameters)


def test_a_module_is_checked_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    Path("lonely.py").write_text(MODEL.format(imports="def sign():\n    return 2.0"))
    assert main(["check", "lonely:Mine"]) == 0
    printed = capsys.readouterr().out
    assert "warn  learns a planted checkerboard" in printed
    assert "1 warn" in printed.splitlines()[-1]
