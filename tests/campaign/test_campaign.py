"""A few cases of the reliability campaign; `make campaign` runs thousands, of all kinds."""

from __future__ import annotations

import json
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
def test_cases_are_the_same_again_and_mixed_by_kind(tmp_path: Path) -> None:
    import campaign as script
    from cases import Case, Kind

    kinds = [Kind(name, count, "", lambda _: "") for name, count in (("many", 30), ("few", 3))]
    drawn = script.drawn(kinds, 1.0, 7, tmp_path)
    assert [kind.name for kind, _ in drawn[:11]].count("few") == 1
    assert len(script.drawn(kinds, 0.1, 7, tmp_path)) == 4
    one, again = (Case(7, "many", 3, tmp_path).draw().random() for _ in range(2))
    assert one == again != Case(8, "many", 3, tmp_path).draw().random()
