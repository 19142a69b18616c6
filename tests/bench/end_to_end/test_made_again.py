"""The commands of a page make the same table in an empty folder: plug-ins, limits, filters and split included."""

from __future__ import annotations

import html
import re
import shlex
from typing import TYPE_CHECKING

import numpy as np
import pytest

import bench
from bench.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from bench.actions.results import Results

MINE = """
import numpy as np


class Mine:
    def __init__(self, reg: float = 1.0):
        self.reg = reg

    def fit(self, train, *, rng):
        self.values = np.bincount(train.items, minlength=train.n_items) + self.reg * rng.normal(size=train.n_items)
        return self

    def score(self, users, items):
        return self.values[items]
"""

GIVEN = (
    "--dataset ratings.csv --columns user=who,item=what,timestamp=when,rating=stars --min-rating 2 --split random:3 "
    "--negatives 20 --plugin mine.py -r mine:reg=2 -r popularity --label mine=Ours --seeds 1-3 --threads 1 "
    "--timeout 60 --memory 8GiB --full-limit 100"
)


def write_inputs(folder: Path) -> None:
    stream = np.random.default_rng(0)
    lines = [
        f"u{user},i{item},{time},{stream.integers(1, 6)}"
        for time, (user, item) in enumerate(zip(stream.integers(0, 40, 800), stream.integers(0, 60, 800), strict=True))
    ]
    (folder / "ratings.csv").write_text("\n".join(["who,what,when,stars", *lines, ""]))
    (folder / "mine.py").write_text(MINE)


def run(words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert main(words) == 0


def commands_of(page: Path) -> list[list[str]]:
    (text,) = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page.read_text(encoding="utf-8"), re.DOTALL)
    return [shlex.split(line) for line in html.unescape(text).splitlines()]


@pytest.mark.usefixtures("jobs_here")
def test_the_page_s_commands_make_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.page.page.javascript", lambda: "window.vegaEmbed = null;")
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        write_inputs(folder)
    run(["run", *GIVEN.split(), "--out", "results"], here, monkeypatch)
    run(["report", "results", "--baseline", "popularity", "--k", "5,10"], here, monkeypatch)

    made, shown = commands_of(here / "results" / "report.html")
    assert made[:2] == ["recbench", "run"]
    assert shown == ["recbench", "report", "again", "--k", "5,10", "--baseline", "popularity"]
    run(made[1:], there, monkeypatch)
    run(shown[1:], there, monkeypatch)

    one, other = bench.table(here / "results"), bench.table(there / "again")
    assert accuracy(one) == accuracy(other)
    assert {record.task.digest for record in one.records} == {record.task.digest for record in other.records}
    assert {record.key for record in one.records} == {record.key for record in other.records}
    assert commands_of(there / "again" / "report.html") == [made, shown], "and it says so again"
    assert one.frame["full_NDCG@10"].isna().all(), "--full-limit"
    assert str(here) not in (here / "results" / "report.html").read_text(encoding="utf-8"), "folders are private"


def accuracy(results: Results) -> dict[str, dict[str, float]]:
    return results.frame[["HR@10", "NDCG@10"]].to_dict("index")
