"""A few cases of the reliability campaign; `make campaign` runs thousands, of all kinds."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from protocol.data.loading import load_dataset

HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it needs prctl(2)")


def campaign(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(HERE / "campaign.py"), *arguments], capture_output=True, text=True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--kind", "data-file", "--kind", "flipped-bit", "--scale", "0.002"),
        ("--kind", "kill-score", "--number", "0"),
    ],
    ids=["files", "kills"],
)
def test_some_faults_do_no_harm(arguments: tuple[str, ...], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    done = campaign(*arguments, "--out", str(page))
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 failed" in done.stdout
    assert page.read_text().startswith("# Reliability\n")


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the campaign's modules be imported, as its script does."""
    monkeypatch.syspath_prepend(str(HERE))


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("1", "10", "1000000000"), ("2", "11", "1000000001")], ""),
        ([("1", "10", "1000000000"), ("2", "12", "1000000001")], "2 pairs, expected 2; missing"),
        ([("1", "10", "1000000000"), ("2", "11", "1000000002")], "the time of ('2', '11') is 1000000001"),
        ([("1", "10", "1000000000")], "2 pairs, expected 1"),
        ([("1", "10", "1000000000"), ("2", "11", "noon")], "a time is no number"),
    ],
)
def test_what_is_read_otherwise_is_found(rows: list[tuple[str, str, str]], found: str, tmp_path: Path) -> None:
    from readings import difference

    path = tmp_path / "ratings.csv"
    path.write_text("user,item,timestamp\n1,10,1000000000\n2,11,1000000001\n")
    assert difference(load_dataset(path), rows).startswith(found)
    assert bool(difference(load_dataset(path), rows)) == bool(found)


@pytest.mark.usefixtures("modules")
def test_a_wrong_figure_a_traceback_and_a_lost_job_are_found() -> None:
    from cases import CampaignError
    from checks import ACCURACY, announced, figures, no_traceback, same_accuracy
    from sandbox import Finished

    row = {"recommender": "mine", **dict.fromkeys(ACCURACY, 0.5)}
    right = figures(json.dumps({"rows": [row]}))
    same_accuracy(right, right)
    with pytest.raises(CampaignError, match="mine has a wrong figure"):
        same_accuracy(figures(json.dumps({"rows": [row | {"HR@10": 0.6}]})), right)
    with pytest.raises(CampaignError, match="should not be there"):
        same_accuracy(right, {})
    with pytest.raises(CampaignError, match="a traceback"):
        no_traceback(Finished(1, "", "Traceback (most recent call last):\n", 1.0))
    assert announced("[1/2] random, seed 0: NDCG@10 .1, fitted in 0.0 s\n[2/2] mine: failed\n") == {"random, seed 0"}


@pytest.mark.usefixtures("modules")
def test_the_page_names_no_place_of_the_machine(tmp_path: Path) -> None:
    from apart import Outcome
    from cases import Case, Kind
    from counts import ROOT, page

    case = Case(0, "one", 0, tmp_path / "campaign" / "one-0")
    words = f'File "{ROOT}/bench/cli/main.py", line 1, in {case.folder}/work: {sys.base_prefix}/lib'
    text = page([Kind("one", 1, "", lambda _: "")], [Outcome(case, words, failed=True)], 1, 0, 1.0)
    assert 'File "PROJECT/bench/cli/main.py", line 1, in FOLDER: PYTHON/lib' in text
    assert not any(str(place) in text for place in (ROOT, tmp_path, sys.base_prefix))


@pytest.mark.usefixtures("modules")
def test_what_a_dying_process_cut_off_goes_on(tmp_path: Path) -> None:
    from apart import outcomes
    from cases import Case, Kind

    def run(case: Case) -> str:
        if case.number == 1:
            os._exit(3)
        return "right"

    kind = Kind("one", 4, "", run, batch=4)
    cases = [Case(0, "one", number, tmp_path / str(number)) for number in range(4)]
    found = {one.case.number: (one.words, one.failed) for one in outcomes([(kind, cases)], 1, math.inf)}
    assert found == {
        0: ("right", False),
        1: ("it ended the process with 3", True),
        2: ("right", False),
        3: ("right", False),
    }


@pytest.mark.usefixtures("modules")
def test_a_deadline_stretches_on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import pace

    now, slower = [0.0], [1.0]
    monkeypatch.setattr(pace, "pace", lambda: slower[0])
    monkeypatch.setattr(pace, "monotonic", lambda: now[0])
    deadline = pace.Deadline(2.0)
    for now[0], slower[0], expected in ((1.9, 1.0, False), (2.1, 2.0, False), (3.9, 9.0, False), (4.1, 2.0, True)):
        assert deadline.is_over() == expected


@pytest.mark.usefixtures("modules")
def test_a_sound_file_of_each_form_is_read_as_python_reads_it(tmp_path: Path) -> None:
    from files import outcome_of, texts_of, written
    from forms import FORMS

    for number, form in enumerate(FORMS):
        folder = tmp_path / str(number)
        folder.mkdir()
        contents = [form.packed(text) for text in texts_of(form, random.Random(0))]
        path = written(folder, form, contents)
        assert outcome_of(path, form, contents, "no mistake") == "read as Python reads it"


@pytest.mark.usefixtures("modules")
def test_cases_are_the_same_again_and_mixed_by_kind(tmp_path: Path) -> None:
    import campaign as script
    from cases import Case, Kind

    kinds = [Kind(name, count, "", lambda _: "") for name, count in (("many", 30), ("few", 3))]
    drawn = script.drawn(kinds, 1.0, 7, tmp_path)
    assert [kind.name for kind, _ in drawn[:11]].count("few") == 1
    assert len(script.drawn(kinds, 0.1, 7, tmp_path)) == 4
    one, again = (Case(7, "many", 3, tmp_path).draw().random() for _ in range(2))
    assert one == again != Case(8, "many", 3, tmp_path).draw().random()


@pytest.mark.usefixtures("modules")
def test_what_failed_is_run_again_and_the_page_says_so(tmp_path: Path) -> None:
    from again import Failed, failed_cases

    page = tmp_path / "page.md"
    before = (
        "# Reliability\n\n- place 1: `it hung`; repeat: `make campaign ARGS='--seed 0 --kind data-file --number 3'`\n"
    )
    page.write_text(before)
    assert failed_cases(page) == [Failed(0, "data-file", 3)]
    for _ in range(2):  # The second time, it replaces what the first one said.
        done = campaign("--again", str(page))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 cases in" in done.stdout
        text = page.read_text()
        assert text.startswith(before)
        assert text.count("## What failed, run again") == 1
        assert "\n- data-file 3: " in text


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize(
    ("files", "excused"),
    [
        (["<frozen site>", "<frozen site>"], True),
        (["<frozen runpy>", "/home/me/recbench/bench/__init__.py"], False),
        (["<frozen runpy>", "/usr/lib/python3.11/typing.py"], False),
        ([], False),
    ],
)
def test_ctrl_c_before_python_runs_recbench_is_no_fault_of_recbench(files: list[str], excused: bool) -> None:
    from checks import python_was_starting
    from sandbox import Finished

    frames = "".join(f'  File "{file}", line 1, in <module>\n' for file in files)
    stack = f"Traceback (most recent call last):\n{frames}KeyboardInterrupt\n" if files else "recbench: stopped\n"
    assert python_was_starting(Finished(1, "", stack, 0.1)) == excused
