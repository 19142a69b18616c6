"""The views of accuracy and the block beyond accuracy, on hand-made records."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from hand_made import ALS, BPR, EASE, RECORDS, record

from bench.tables.results import render, to_frame
from bench.writing.sheet import MARK
from bench.writing.terminal import LABEL_WIDTH
from bench.writing.text import accuracy_text
from protocol.errors import ProtocolError
from protocol.evaluation.expectation import Draws
from protocol.evaluation.metrics import METRICS

THREE = ("sampled", "expected", "full")


def test_the_first_view_has_intervals_and_the_others_ndcg() -> None:
    lines = render(RECORDS, views=THREE).splitlines()
    table = [re.split(r"\s{2,}", line.strip()) for line in lines[2:6]]
    assert table[0][:8] == ["recommender", "HR@10", "NDCG@10", "expected", "full", "fit", "score", "peak"]
    assert table[1][:5] == ["NDCG@10", "NDCG@10", "s", "µs/user", "MiB"]
    draws = Draws(EASE.full_ranks, 100)
    hit, gain = (METRICS[name].expected(draws, 10) for name in ("HR", "NDCG"))
    assert table[3][3:5] == [accuracy_text(gain.mean()), ".3223"]
    assert max(map(len, lines)) <= 100
    alone = render(RECORDS, views=("expected",)).splitlines()
    heads = re.split(r"\s{2,}", alone[2].strip())
    assert heads[:6] == ["recommender", "expected", "expected", "fit", "score", "peak"]
    assert f"{accuracy_text(hit.mean())} ±" in alone[5]


def test_all_views_stay_within_a_hundred_columns() -> None:
    users = [0, 1, 2, 0, 1, 50]
    long = record("neumf:embedding_size=32,layers=64-32-16", users, full=users)
    lines = render([long, record("b" * LABEL_WIDTH, users, full=users)], views=THREE).splitlines()
    assert sum(MARK in line for line in lines) == 2
    assert max(map(len, lines)) <= 100


def test_views_change_neither_order_nor_marks() -> None:
    """P24: sampled NDCG at the first cut-off carries both."""
    labels = [line.split(" |")[0] for line in render(RECORDS, "github").splitlines() if line.startswith("| ")]
    for views in (("full",), ("expected", "full"), ("full", "sampled")):
        shown = render(RECORDS, "github", views=views)
        assert [line.split(" |")[0] for line in shown.splitlines() if line.startswith("| ")] == labels


def test_an_unknown_view_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="unknown view 'ful'; there are sampled, expected, full"):
        render([EASE], views=("ful",))


LISTS = [record("ease", [0, 1], full=[0, 1], top=[[0, 1], [0, 2]], counts=([3, 2], [1, 0], [4, 2, 1, 0]))]
"""The lists of the worked numbers in `protocol.evaluation.beyond_accuracy`; 5 users trained, by `FACTS`."""


def test_beyond_accuracy_is_a_block_of_its_own() -> None:
    """(-log2 4/5 - log2 2/5 - log2 4/5 - log2 1/5) / 4 = 1.072 bits."""
    lines = render(LISTS, ks=(2,), beyond_accuracy=True).splitlines()
    table = [re.split(r"\s{2,}", line.strip()) for line in lines[7:11]]
    assert table[0] == ["recommender", "coverage@2", "Gini@2", "popularity@2", "novelty@2"]
    assert table[1] == ["of items", "0 to 1", "in train", "bits"]
    assert table[3] == ["ease", ".7500", ".5000", "2.75", "1.07"]
    assert "coverage" not in render(LISTS, ks=(2,))


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("github", "| ease          |        .7500 |           .5000 |                    2.75 |             1.07 |"),
        ("latex", r"ease & .7500 & .5000 & 2.75 & 1.07 \\"),
        ("html-fragment", '<th scope="row">ease</th><td>.7500</td><td>.5000</td><td>2.75</td><td>1.07</td>'),
    ],
)
def test_beyond_accuracy_in_the_formats_for_reading(form: Any, expected: str) -> None:
    text = render(LISTS, form, (2,), beyond_accuracy=True)
    assert re.sub(" +", " ", expected) in re.sub(" +", " ", text)


def test_the_caption_defines_what_is_shown_of_lists_with_sources() -> None:
    text = " ".join(render(LISTS, ks=(2,), beyond_accuracy=True).split())
    for sentence in (
        "No measure here says that these items are good.",
        "coverage: the share of all 1,682 items that at least one user is shown (Ge et al. 2010).",
        "Gini: 0 if all items are shown equally often, 1 if one item has every place (Shani & Gunawardana 2011).",
        "popularity: the mean number of training interactions of the items shown, ARP (Yin et al. 2012); for the "
        "held-out items it is 0.50.",
        "novelty: the mean self-information of the items shown, -log2 of the share of users who have the item in "
        "train (Zhou et al. 2010; Vargas & Castells 2011).",
    ):
        assert sentence in text
    assert "Ge et al." not in render(LISTS, ks=(2,))


def test_a_table_of_failures_alone() -> None:
    text = render([ALS], beyond_accuracy=True)
    assert "timed out" in text
    assert "Tests" not in text
    assert "Order" not in text


def test_csv_json_and_frames_have_beyond_accuracy_and_every_view() -> None:
    row = next(csv.DictReader(io.StringIO(render(LISTS, "csv", (2,)))))
    (same,) = json.loads(render(LISTS, "json", (2,)))["rows"]
    for name, value in {"coverage@2": 0.75, "gini@2": 0.5, "popularity@2": 2.75}.items():
        assert float(row[name]) == same[name] == value
    assert float(row["expected_NDCG@2"]) == METRICS["NDCG"].expected(Draws(LISTS[0].full_ranks, 100), 2).mean()
    assert "Lists" in {note["about"] for note in json.loads(render(LISTS, "json", (2,)))["notes"]}
    frame = to_frame(LISTS, (2,), views=THREE, beyond_accuracy=True)
    assert list(frame.columns)[:12] == [
        "HR@2", "NDCG@2", "expected_NDCG@2", "full_NDCG@2", "distinguishable",
        "coverage@2", "gini@2", "popularity@2", "novelty@2", "fit_s", "us_per_user", "peak_mib",
    ]  # fmt: skip
    assert frame.loc["ease", "popularity@2"] == 2.75


def test_rows_without_lists_or_with_shorter_ones_have_nothing_there() -> None:
    assert re.search(r"^bpr +- +- +- +-$", render(BPR, beyond_accuracy=True), re.MULTILINE)
    wide = record("ease", [0, 1], full=[0, 1], top=[[0, 1], [0, 2]], counts=([3, 2], [1, 0], [1] * 9))
    assert re.search(r"^ease +- +- +- +-$", render([wide], ks=(3,), beyond_accuracy=True), re.MULTILINE)
    assert next(csv.DictReader(io.StringIO(render([wide], "csv", (3,)))))["coverage@3"] == ""
