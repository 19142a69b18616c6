"""The command line: light to start, helpful, and never a traceback for what a user can mend."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING

import pytest
from jobs_here import jobs_here

from bench.cli.main import main
from protocol.errors import RecbenchWarning

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = [
    "estimate",
    "run",
    "study",
    "table",
    "report",
    "plot",
    "compare",
    "show",
    "site",
    "merge",
    "cite",
    "list",
    "datasets",
    "new",
    "check",
    "doctor",
    "tune",
    "score",
    "export",
    "verify",
    "reproduce",
    "timing",
]
HEAVY = {"numba", "numpy", "optuna", "scipy", "pandas", "torch", "rich", "tabulate", "requests", "jinja2", "vl_convert"}
DATASET = "synthetic:60x80x900"


def code_of(*arguments: str) -> int:
    """Return the exit code of a command, whichever way it ends."""
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh process has loaded in the end."""
    script = f"import sys\n{code}\nprint(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_nothing_heavy() -> None:
    """One process prints all help, and names the first command after which something heavy is loaded."""
    loaded = loaded_by(f"""
from contextlib import suppress
from bench.cli.main import main
for command in {[[], *([command] for command in COMMANDS)]}:
    with suppress(SystemExit):
        main([*command, "--help"])
    heavy = {HEAVY} & set(sys.modules)
    assert not heavy, (command, heavy)
""")
    assert "argparse" in loaded


def test_importing_bench_loads_nothing_heavy() -> None:
    assert not loaded_by("import bench") & HEAVY


@pytest.mark.parametrize("full", [False, True])
def test_only_the_full_ranking_loads_numba(full: bool) -> None:
    """It takes longer to load than ranking against drawn candidates does."""
    code = f"""
import numpy as np
from protocol.data.loading import load_dataset
from protocol.evaluation.evaluate import evaluate
from protocol.tasks.task import build_task
from recommenders.popularity import Popularity
task = build_task(load_dataset({DATASET!r}), n_negatives=20)
model = Popularity().fit(task.train, rng=np.random.default_rng(0))
evaluate(model, task, full={full})
"""
    assert ("numba" in loaded_by(code)) == full


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(command, "--help") == 0
    assert "examples:" in capsys.readouterr().out


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of() == 0
    assert "recbench run" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("--version") == 0
    assert re.fullmatch(r"recbench \S+ \((commit [0-9a-f]+\+?|unknown commit)\)\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["fly"], "there is no command 'fly'; see `recbench --help`"),
        (["run", "--seeds", "x"], "write 0 or 0,1,2 or 0-2"),
        (["run", "--seeds", "3-1"], "lower one first"),
        (["run", "--seeds", "0-999999999999"], "names more than 10,000 seeds"),
        (["run", "--k", "0"], "write 10 or 5,10,20"),
        (["run", "--negatives", "-3"], "no whole number above 0, nor 0 for the full ranking"),
        (["run", "--split", "soon"], "write last, or time:SHARE"),
        (["run", "--split", "time:1"], "between 0 and 1"),
        (["run", "--dataset", DATASET, "--split", "time:0.001"], "no interaction lies before"),
        (["run", "--timeout", "soon"], "no number of seconds"),
        (["run", "--patience", "0"], "argument --patience: '0' is no whole number above 0"),
        (["run", "--min-rating", "high"], "argument --min-rating: 'high' is no rating"),
        (["run", "--columns", "who=a"], "user=NAME"),
        (["run", "--format", "pdf"], "invalid choice: 'pdf'"),
        (["run", "--view", "sampled,ful"], "write some of sampled,expected,full"),
        (
            ["run", "--dataset", DATASET, "-r", "ease", "--baseline", "eas"],
            "no row is called 'eas' (did you mean 'ease'",
        ),
        (["run", "--dataset", DATASET, "-r", "eease"], "ease"),
        (["run", "--dataset", DATASET, "-r", "ease:rag=1"], "reg"),
        (["run", "--dataset", DATASET, "-r", "ease:reg=high"], "reg"),
        (["run", "--dataset", DATASET, "-r", "ease:5"], "ease:param=value"),
        (["run", "--dataset", DATASET, "-r", "ease:reg=1,reg=2"], "reg twice"),
        (["run", "--dataset", "nowhere.csv"], "nowhere.csv"),
        (["run", "--dataset", ""], "name a file"),
        (["run", "--dataset", DATASET, "--plugin", "nowhere.py"], "nowhere.py"),
        (["table", "nowhere"], "nowhere"),
        (["cite", "nowhere"], "nowhere"),
        (["show", "nowhere"], "nowhere holds no records"),
        (["merge", "nowhere", "--out", "x"], "nowhere holds no records"),
        (["merge", "nowhere"], "required: --out/-o"),
        (["compare", "nowhere", "als", "ease"], "nowhere"),
        (["compare", "nowhere", "als"], "required: B"),
        (["compare", "nowhere", "als", "ease", "--view", "half"], "invalid choice: 'half'"),
        (["check", "nothing"], "nothing"),
        (["check", "nowhere.py"], "nowhere.py"),
        (["select", "grid.toml"], "there is no command select any more; use `recbench tune --grid FILE`"),
        (["select", "--help"], "use `recbench tune --grid FILE`"),
        (["tune", "--grid", "nowhere.toml", "--dataset", DATASET], "nowhere.toml"),
        (["run", "--dataset", DATASET, "--params", "nowhere.toml"], "nowhere.toml"),
        (
            ["tune", "--dataset", DATASET],
            "found none; give trials, seconds or both, or a grid",
        ),
        (["tune", "--trials", "0"], "no whole number above 0"),
        (["tune", "--trials", "2", "--dataset", DATASET, "--spaces", "nowhere.toml"], "nowhere.toml"),
        (["tune", "--trials", "2", "--dataset", DATASET, "-r", "random"], "random has no search space"),
        (["tune", "--trials", "2", "-r", "ease", "-r", "ease:reg=1"], "ease would be tuned twice"),
        (["score", "nowhere.csv", "--dataset", DATASET, "--negatives", "20"], "nowhere.csv"),
        (["export", "--format", "csv", "--out", "x"], "invalid choice: 'csv'"),
        (["export", "--format", "ncf"], "required: --out/-o"),
        (["export", "--format", "ncf", "--out", "x", "--dataset", "nowhere.csv"], "nowhere.csv"),
        (["verify", "nowhere"], "nowhere holds no records"),
        (["new", "my model"], "begin with a letter, go on with letters and digits"),
        (["new", "my-model", "--folder", "nowhere"], "there is no folder nowhere"),
        (["new"], "required: NAME"),
        (["run", "--memory", "4"], "write 4GiB or 500MB"),
        (["run", "--dataset", DATASET, "--plugin", "nowhere.model:Mine"], "no module nowhere.model"),
        (["check", "nowhere.model:Mine"], "no module nowhere.model"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(
    arguments: list[str],
    expected: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert code_of(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("recbench: error: ")
    assert captured.err.count("\n") == 1
    assert expected in captured.err
    assert list(tmp_path.iterdir()) == []


def test_a_warning_is_one_line_and_the_command_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Warnings of other libraries stay theirs, and each of ours is printed, even one that was printed before."""

    def dataset_text(_: object) -> str:
        for _ in range(2):
            warnings.warn("look\x1b here", RecbenchWarning, stacklevel=2)
        warnings.warn("not ours", UserWarning, stacklevel=2)
        return "datasets\n"

    monkeypatch.setattr("bench.catalogue.datasets.dataset_text", dataset_text)
    with pytest.warns(UserWarning, match="not ours") as others:
        assert code_of("datasets") == 0
    assert [str(one.message) for one in others] == ["not ours"]
    captured = capsys.readouterr()
    assert captured.out == "datasets\n"
    assert captured.err == "recbench: warning: look\\x1b here\n" * 2


def test_an_unwritable_out_is_bad_input(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    assert code_of("run", "--dataset", DATASET, "-r", "random", "--negatives", "20", "--out", str(blocker / "out")) == 2
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.startswith("recbench: error: ")
    assert "file" in message


def run_recbench(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)


def test_run_table_and_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    suite = ["-r", "popularity", "-r", "random"]
    options = ["--dataset", DATASET, "--negatives", "20", "--seeds", "0,1", "--threads", "1", "--notes"]
    first = run_recbench("run", *suite, *options, folder=tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith(f"SYNTHETIC DATA ({DATASET}): 60 users")
    assert "popularity" in first.stdout
    assert "training seeds 0, 1" in first.stdout

    (results,) = (tmp_path / "runs").iterdir()
    assert len(list((results / "records").iterdir())) == 3
    assert main(["run", *suite, *options]) == 0
    assert capsys.readouterr().out == first.stdout
    assert main(["table", str(results), "--notes"]) == 0
    assert capsys.readouterr().out == first.stdout

    assert main(["table", str(results), "--format", "json", "--k", "5,10"]) == 0
    document = json.loads(capsys.readouterr().out)
    rows = {row["recommender"]: row for row in document["rows"]}
    assert rows["random"]["seeds"] == [0, 1]
    assert rows["popularity"]["HR@10"] > rows["popularity"]["HR@5"] > 0


def test_views_baseline_lists_and_comparison(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = ["-r", "popularity", "-r", "ease", "--baseline", "popularity", "--view", "full", "--notes"]
    out = ["--threads", "1", "--out", str(tmp_path)]
    with jobs_here():
        assert code_of("run", *suite, "--dataset", DATASET, "--negatives", "20", *out) == 0
    first = capsys.readouterr().out
    assert "baseline, popularity" in " ".join(first.split())
    assert "full" in first.split("\n\n")[1].splitlines()[0]
    assert code_of("table", str(tmp_path), "--baseline", "popularity", "--view", "full", "--notes") == 0
    assert capsys.readouterr().out == first

    assert code_of("table", str(tmp_path), "--view", "sampled,expected", "--beyond-accuracy", "--format", "github") == 0
    text = capsys.readouterr().out
    assert "expected NDCG@10" in text
    assert "coverage@10 of items" in text

    assert code_of("table", str(tmp_path), "--baseline", "als") == 2
    assert "no row is called 'als'; there are ease, popularity" in capsys.readouterr().err

    assert code_of("compare", str(tmp_path), "ease", "popularity", "--metric", "HR", "--k", "5") == 0
    text = capsys.readouterr().out
    assert text.startswith(f"SYNTHETIC DATA ({DATASET}): ease (A) against popularity (B), by HR@5")
    assert "user's activity" in text
    assert "item's popularity" in text
    assert code_of("compare", str(tmp_path), "ease", "popularty") == 2
    assert "did you mean 'popularity'" in capsys.readouterr().err


def test_a_run_needs_no_torch(tmp_path: Path) -> None:
    """Neither the command nor a job imports it: here it would be the end of them."""
    (tmp_path / "torch.py").write_text("raise SystemExit('torch was imported')")
    options = ["--dataset", DATASET, "--negatives", "20", "--threads", "1"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "bench", "run", "-r", "popularity", "-r", "mlp:epochs=1", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_failed_job_is_a_row_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.py").write_text(
        "class Broken:\n"
        "    def fit(self, train, *, rng):\n"
        "        raise ValueError('no luck')\n"
        "    def score(self, users, items):\n"
        "        return items * 1.0\n"
    )
    options = ["--dataset", DATASET, "--negatives", "20", "--threads", "1"]
    with jobs_here():
        assert code_of("run", "-r", "popularity", "--plugin", "broken.py", *options) == 1
    said = capsys.readouterr()
    assert "raised" in said.out
    assert "no luck" in said.out
    assert "popularity" in said.out
    assert "Traceback" not in said.err
    assert "printed last: `recbench show runs/" in said.err


def test_a_reader_who_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m bench list | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("141\n", "")


@pytest.mark.parametrize("command", [f"{sys.executable} -m bench list >&-", f"{sys.executable} -m bench list 2>&-"])
def test_a_closed_stream_is_no_error(command: str) -> None:
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_an_encoding_lacks_is_a_question_mark(tmp_path: Path) -> None:
    command = ["run", "-r", "random", "--dataset", DATASET, "--negatives", "20", "--threads", "1"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "bench", *command], capture_output=True, cwd=tmp_path, env=environment, check=True
    )
    assert b"?s/user" in done.stdout


def test_what_a_plugin_prints_when_it_is_imported_is_not_in_the_table(tmp_path: Path) -> None:
    (tmp_path / "noisy.py").write_text(
        "print('noise')\n"
        "Base = object\n"
        "class Noisy(Base):\n"
        "    deterministic = True\n"
        "    def fit(self, train, *, rng):\n"
        "        return self\n"
        "    def score(self, users, items):\n"
        "        return items * 1.0\n"
    )
    options = ["--dataset", DATASET, "--negatives", "20", "--threads", "1", "--format", "json"]
    done = run_recbench("run", "-r", "noisy", "--plugin", "noisy.py", *options, folder=tmp_path)
    assert json.loads(done.stdout)["rows"][0]["recommender"] == "noisy"
    assert "noise" not in done.stderr


def test_what_the_packages_log_is_printed_and_not_kept(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    def listing(_: object) -> int:
        logging.getLogger("protocol.data.downloading").info("Fetching %s ...", "it")
        return 0

    monkeypatch.setattr("bench.cli.commands.list._run", listing)
    assert main(["list"]) == 0
    assert capsys.readouterr().err == "Fetching it ...\n"
    assert not logging.getLogger("protocol").handlers


@pytest.mark.parametrize(("command", "keeps"), [("run", True), ("tune", True), ("report", False), ("check", False)])
def test_only_a_command_with_jobs_says_that_they_are_kept(
    command: str, keeps: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bench.cli.main.make_parser", interrupted)
    assert main([command, "ml-100k"]) == 130
    kept = "; finished jobs are kept, and the same command goes on from there"
    assert capsys.readouterr().err == f"recbench: stopped{kept if keeps else ''}\n"
