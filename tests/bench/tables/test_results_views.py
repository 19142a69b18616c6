"""The views of accuracy and the block beyond accuracy, on hand-made records."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import ALS, BPR, EASE, RECORDS, record

from bench.tables.results import render, to_frame
from bench.writing.sheet import MARK
from bench.writing.terminal import LABEL_WIDTH
from bench.writing.text import accuracy_text
from protocol.errors import ProtocolError
from protocol.evaluation.expectation import Draws
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from bench.names import View

pytestmark = pytest.mark.usefixtures("few_users")

THREE = ("sampled", "expected", "full")


def test_the_first_view_has_intervals_and_the_others_ndcg() -> None:
    lines = render(RECORDS, views=THREE).splitlines()
    table = [re.split(r"\s{2,}", line.strip()) for line in lines[2:6]]
    assert table[0][:8] == ["recommender", "NDCG@10 ▼", "HR@10", "expected", "full", "fit", "score", "peak"]
    assert table[1][:5] == ["NDCG@10", "NDCG@10", "s", "µs/user", "MiB"]
    draws = Draws(EASE.full_ranks, 100)
    hit, gain = (METRICS[name].expected(draws, 10) for name in ("HR", "NDCG"))
    assert table[3][3:5] == [accuracy_text(gain.mean()), ".3223"]
    assert max(map(len, lines)) <= 100
    alone = render([EASE], views=("expected",)).split("\n\n")[1].splitlines()
    heads = re.split(r"\s{2,}", alone[0].strip())
    assert heads[:6] == ["recommender", "expected", "expected", "fit", "score", "peak"]
    assert f"{accuracy_text(hit.mean())} ±" in alone[3]


def test_all_views_stay_within_a_hundred_columns() -> None:
    users = [0, 1, 2, 0, 1, 50]
    long = record("neumf:embedding_size=32,layers=64-32-16", users, full=users)
    lines = render([long, record("b" * LABEL_WIDTH, users, full=users)], views=THREE).splitlines()
    assert sum(MARK in line for line in lines) == 2
    assert max(map(len, lines)) <= 100


FAVOURED = [
    record("near", [0] * 6 + [50] * 6, full=[5] * 12, deterministic=True),
    record("far", [1] * 6 + [50] * 6, full=[0] * 6 + [900] * 6, deterministic=True),
]
"""Near is better among the candidates for six of twelve users; far is better among all items for six others."""


@pytest.mark.parametrize(
    ("views", "order", "title", "tested"),
    [
        (("sampled", "full"), ["near", "far"], "against 100 drawn negatives", "NDCG@10"),
        (
            ("full", "sampled"),
            ["far", "near"],
            "against every item the user never touched; this is not the measure of the task, which is against "
            "100 drawn negatives",
            "full NDCG@10",
        ),
        (
            ("expected",),
            ["near", "far"],
            "against all draws of 100 negatives (the exact mean); this is not the measure of the task, which is "
            "against 100 drawn negatives",
            "expected NDCG@10",
        ),
    ],
)
def test_the_view_that_is_shown_first_sorts_is_tested_and_is_in_the_title(
    views: tuple[View, ...], order: list[str], title: str, tested: str
) -> None:
    """P24."""
    found = json.loads(render(FAVOURED, "json", views=views))
    assert [row["recommender"] for row in found["rows"]] == order
    assert found["title"] == f"ml-100k: 4 users, one held-out item each {title}"
    assert (found["tests"]["metric"], found["tests"]["reference"]) == (tested, order[0])
    assert list(to_frame(FAVOURED, views=views).index) == order


def test_a_sampled_view_that_is_not_shown_first_is_called_sampled() -> None:
    table = render(FAVOURED, views=("full", "sampled")).split("\n\n")[1]
    heads = re.split(r"\s{2,}", table.splitlines()[0].strip())
    assert heads[:4] == ["recommender", "full", "full", "sampled"]


def test_rows_without_the_first_view_come_last_and_a_table_without_it_is_refused() -> None:
    lacking = record("lacking", [0] * 12, deterministic=True)
    found = json.loads(render([lacking, *FAVOURED], "json", views=("full",)))
    assert [row["recommender"] for row in found["rows"]] == ["far", "near", "lacking"]
    assert len(found["tests"]["pairs"]) == 1
    with pytest.raises(ProtocolError, match=r"no row has full NDCG@10.*show another view first \(--view sampled\)"):
        render([lacking], views=("full",))


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
    # The other user's held-out item is cold (P7).
    assert float(row["expected_NDCG@2"]) == METRICS["NDCG"].expected(Draws(LISTS[0].full_ranks, 100), 2)[0]
    assert "Lists" in {note["about"] for note in json.loads(render(LISTS, "json", (2,)))["notes"]}
    frame = to_frame(LISTS, (2,), views=THREE, beyond_accuracy=True)
    assert list(frame.columns)[:12] == [
        "NDCG@2", "HR@2", "expected_NDCG@2", "full_NDCG@2", "distinguishable",
        "coverage@2", "gini@2", "popularity@2", "novelty@2", "fit_s", "us_per_user", "peak_mib",
    ]  # fmt: skip
    assert frame.loc["ease", "popularity@2"] == 2.75


def test_rows_without_lists_or_with_shorter_ones_have_nothing_there() -> None:
    assert re.search(r"^bpr +- +- +- +-$", render(BPR, beyond_accuracy=True), re.MULTILINE)
    wide = record("ease", [0, 1], full=[0, 1], top=[[0, 1], [0, 2]], counts=([3, 2], [1, 0], [1] * 9))
    assert re.search(r"^ease +- +- +- +-$", render([wide], ks=(3,), beyond_accuracy=True), re.MULTILINE)
    assert next(csv.DictReader(io.StringIO(render([wide], "csv", (3,)))))["coverage@3"] == ""
