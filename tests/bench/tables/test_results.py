"""The table on hand-made records, with figures a reader can recompute."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hand_made import ALS, BPR, EASE, FACTS, RECORDS, T_3, TIMEOUT, record, task

from bench.analysis.summary import summarise
from bench.names import STAND_IN_NOTE
from bench.tables.results import render, to_frame
from bench.writing.sheet import MARK
from bench.writing.terminal import LABEL_WIDTH
from bench.writing.text import accuracy_text, amount_text
from protocol.errors import ProtocolError
from protocol.evaluation.expectation import Draws
from protocol.evaluation.metrics import METRICS

EASE_NDCG = (1 + 1 + 1 / math.log2(3) + 0) / 4
BPR_SPREAD = T_3 * math.sqrt((0.25 + 0.25) / 3) / 2
"""Users' mean hit rates over two seeds are 1, .5, .5 and 0."""


def test_figures_are_means_over_users_of_means_over_seeds() -> None:
    ease, bpr, als = summarise(RECORDS).rows
    assert (ease.label, bpr.label, als.label) == ("ease:reg=500", "bpr", "als")
    assert ease.accuracy["HR@10"].mean == 0.75
    assert ease.accuracy["HR@10"].half_width == pytest.approx(T_3 * 0.5 / 2)
    assert ease.accuracy["NDCG@10"].mean == pytest.approx(EASE_NDCG)
    assert ease.accuracy["full NDCG@10"].mean == pytest.approx((1 + 1 / math.log2(11)) / 4)
    assert bpr.seeds == (0, 1)
    assert bpr.accuracy["HR@10"].mean == 0.5
    assert bpr.accuracy["HR@10"].half_width == pytest.approx(BPR_SPREAD)
    assert "full NDCG@10" not in bpr.accuracy
    assert (bpr.fit_seconds, bpr.score_us_per_user, bpr.peak_mib) == (3.0, 12.5, 235.5)
    assert als.failed
    assert als.accuracy == {}


def test_rows_are_sorted_by_ndcg_at_the_first_cutoff() -> None:
    sharp, wide = record("sharp", [0, 50, 50, 50]), record("wide", [9, 9, 9, 9])
    assert [row.label for row in summarise([sharp, wide], (10, 1)).rows] == ["wide", "sharp"]
    assert [row.label for row in summarise([sharp, wide], (1, 10)).rows] == ["sharp", "wide"]


@pytest.mark.parametrize("form", ["terminal", "github", "latex", "csv", "json", "html-fragment"])
def test_the_order_of_records_changes_nothing(form: Any) -> None:
    text = render(RECORDS, form, (10, 5))
    assert render(RECORDS[::-1], form, (10, 5)) == text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_terminal() -> None:
    lines = render(RECORDS).splitlines()
    assert lines[0] == "ml-100k: 4 users, one held-out item each against 100 drawn negatives"
    table = [re.split(r"\s{2,}", line.strip()) for line in lines[2:8]]
    assert table[0] == ["recommender", "HR@10", "NDCG@10", "full", "fit", "score", "peak"]
    assert table[1] == ["NDCG@10", "s", "µs/user", "MiB"]
    assert table[3] == ["ease:reg=500", ".7500 ±.796", f"{EASE_NDCG:.4f} ±.751"[1:], ".3223", "0.30", "12.5", "234"]
    assert table[4][:2] == ["bpr †", ".5000 ±.650"]
    assert table[4][3] == "-"
    assert table[5] == ["als", "timed out", *["-"] * 5]
    assert max(map(len, lines)) <= 100
    assert not any(line != line.rstrip() for line in lines)


def test_what_stands_below() -> None:
    text = " ".join(render(RECORDS).split())
    for sentence in (
        "als (seed 0): stopped after 60 s, in epoch 3 of 30",
        "95 % interval over users",
        "these trained models",
        "HR and NDCG (sampled) rank each held-out item against 100 drawn negatives;",
        "expected is their exact mean over all draws of 100 untouched items, without the noise of a draw but with the "
        "bias of sampling;",
        "full ranks against every item the user never touched.",
        "fit and score are times on this machine without imports, loading and evaluation, means over seeds;",
        "(Ji et al. 2023)",
        "5 users, 1,682 items, 100,000 interactions",
        "1 of 4 evaluated users (25.0%) have several items at their latest time",
        "7 repeated pairs collapsed",
        "1 user with fewer than 3 items left out of the evaluation",
        "2 held-out items never seen in training",
        "min rating 4: 17,480 rows left out",
        "protocol seed 0; training seeds 0, 1",
        "deterministic, so run once: ease:reg=500",
        "a" * 64,
        "numpy 2.4.6",
    ):
        assert sentence in text


def test_the_best_are_bold_where_the_format_can() -> None:
    assert "**.7500** ±.796" in render(RECORDS, "github")
    assert r"\textbf{.7500} {\scriptsize $\pm$.796}" in render(RECORDS, "latex")
    assert "<strong>.7500</strong> ±.796" in render(RECORDS, "html-fragment")
    assert "\x1b[1m.7500\x1b[0m ±.796" in render(RECORDS, styled=True)
    assert "\x1b" not in render(RECORDS)
    assert "**.5000**" not in render(RECORDS, "github")


def test_all_that_look_best_are_bold_and_one_row_alone_is_not() -> None:
    twins = [record("one", [0, 0, 1, 20]), record("two", [0, 0, 1, 20]), record("low", [50, 50, 50, 50])]
    assert render(twins, "github").count("**.7500**") == 2
    assert "**." not in render([EASE], "github")


def test_bold_type_moves_no_column() -> None:
    assert re.sub(r"\x1b\[\d+m", "", render(RECORDS, styled=True)) == render(RECORDS)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.667, ".6670"), (1.0, "1.0000"), (0.0, ".0000"), (0.99996, "1.0000"), (1 / 3, ".3333")]
)
def test_accuracy_has_no_leading_zero(value: float, shown: str) -> None:
    assert accuracy_text(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0004, "0.000"),
        (0.0123, "0.012"),
        (0.3, "0.30"),
        (9.996, "10.0"),
        (25.34, "25.3"),
        (99.96, "100"),
        (1234.5, "1,234"),
        (None, "-"),
    ],
)
def test_amounts_have_about_three_digits(value: float | None, shown: str) -> None:
    assert amount_text(value) == shown


def test_csv_carries_every_figure_unrounded() -> None:
    rows = list(csv.DictReader(io.StringIO(render(RECORDS, "csv", (10, 5)))))
    assert [row["recommender"] for row in rows] == ["ease:reg=500", "bpr", "als"]
    assert float(rows[0]["NDCG@10"]) == summarise(RECORDS).rows[0].accuracy["NDCG@10"].mean
    assert float(rows[1]["HR@10_low"]) == pytest.approx(0.5 - BPR_SPREAD)
    assert float(rows[1]["HR@10_high"]) == pytest.approx(0.5 + BPR_SPREAD)
    assert float(rows[0]["full_HR@5"]) == 0.25
    assert rows[1]["full_NDCG@10"] == ""
    assert rows[1]["seeds"] == "0 1"
    assert rows[2]["failure"] == "timeout: stopped after 60 s, in epoch 3 of 30"
    assert rows[2]["HR@10"] == ""
    assert {row["task"] for row in rows} == {"a" * 64}


def test_json_says_the_same_and_all_that_stands_around_it() -> None:
    document = json.loads(render(RECORDS, "json"))
    assert document["task"]["facts"]["n_tied_users"] == 1
    assert document["k"] == [10]
    ease, bpr, als = document["rows"]
    assert ease["HR@10"] == 0.75
    assert ease["parameters"] == {"reg": 1.0}
    assert bpr["seeds"] == [0, 1]
    assert als["NDCG@10"] is None
    assert document["environments"] == [EASE.document["environment"]]


def test_one_user_has_no_interval() -> None:
    alone = record("alone", [0])
    assert re.search(r"alone +1\.0000 +1\.0000 ", render([alone]))
    assert json.loads(render([alone], "json"))["rows"][0]["HR@10_low"] is None
    assert next(csv.DictReader(io.StringIO(render([alone], "csv"))))["HR@10_low"] == ""


class _Reader(HTMLParser):
    """Collects the cells of each row, the tags, and whether all that opened was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data


def test_html_is_well_formed_and_safe() -> None:
    evil = "x<script>alert(1)</script>&"
    reader = _Reader()
    reader.feed(render([record(evil, [0, 1, 2, 3]), EASE], "html-fragment"))
    assert reader.open == []
    assert "script" not in reader.tags
    assert reader.rows[0][3:] == ["full NDCG@10", "fit s", "score µs/user", "peak MiB"]
    assert [row[0] for row in reader.rows[1:]] == ["ease:reg=500", f"{evil} {MARK}"]
    assert all(len(row) == 7 for row in reader.rows)


def test_markdown_cells_cannot_break_out() -> None:
    text = render([record("a|b*c*<i>_d_", [0, 1, 2, 3]), EASE], "github")
    row = next(line for line in text.splitlines() if line.startswith("| a"))
    assert r"a\|b\*c\*&lt;i&gt;\_d\_" in row
    assert len(re.split(r"(?<!\\)\|", row)) == 9
    assert "mlp_post" in render([record("mlp_post", [0, 1, 2, 3])], "github")
    assert r"| \$x\$ " in render([record("$x$", [0, 1, 2, 3])], "github")


def test_a_spreadsheet_sees_no_formula() -> None:
    label = '=HYPERLINK("http://x")'
    row = next(csv.DictReader(io.StringIO(render([record(label, [0, 1, 2, 3])], "csv"))))
    assert row["recommender"] == f"'{label}"


@pytest.mark.parametrize("form", ["terminal", "github", "latex", "csv", "html-fragment"])
def test_names_cannot_move_the_cursor_or_break_lines(form: Any) -> None:
    text = render([record("a\x1b[2Jb\nc\u202ed", [0, 1, 2, 3])], form)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "b\nc" not in text


def test_long_labels_go_on_in_the_next_line() -> None:
    label = "neumf:embedding_size=32,layers=64-32-16,epochs=40,learning_rate=0.001"
    lines = render([record(label, [0, 1, 2, 3])]).splitlines()
    assert max(map(len, lines)) <= 100
    pieces = [line.split("  ")[0] if i == 0 else line.strip() for i, line in enumerate(lines[5:9])]
    assert "".join(pieces).startswith(label)


def test_nothing_makes_a_table_wider_than_its_columns() -> None:
    endless, fitting = "x" * 200, "y" * LABEL_WIDTH
    rows = [record(endless, [0, 1, 2, 3]), record(fitting, [0, 1, 2, 3], of=task())]
    text = render(rows)
    assert max(map(len, text.splitlines())) <= 105
    assert f"\n{fitting} " in text
    assert f"\n  {MARK}" in text
    title = render([record("a", [0, 1], of=task(dataset="d" * 40 + " " + "e" * 40))]).split("\n\n")[0]
    assert len(title.splitlines()) == 2


def test_different_tasks_are_refused_naming_what_differs() -> None:
    parts = task()["parts"]
    other = task(digest="b" * 64, parts=parts | {"protocol_seed": "1", "candidates": "e" * 64})
    with pytest.raises(ProtocolError, match=r"protocol seed \(0 against 1\)") as caught:
        render([EASE, record("bpr", [0, 1, 2, 3], of=other)])
    assert "candidates" in str(caught.value)
    assert "dataset" not in str(caught.value)
    elsewhere = task(digest="b" * 64, dataset="ml-1m", parts=parts | {"dataset": "f" * 64})
    with pytest.raises(ProtocolError, match=r"dataset \(ml-100k d{12} against ml-1m f{12}\)"):
        render([EASE, record("bpr", [0, 1, 2, 3], of=elsewhere)])


def test_no_records_are_an_error() -> None:
    with pytest.raises(ProtocolError, match="no records"):
        render([])


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="unknown table format 'pdf'; there are terminal, github"):
        render([EASE], "pdf")  # type: ignore[arg-type]


def test_synthetic_data_say_so_in_the_title() -> None:
    named = task(dataset="synthetic:60x40x900")
    assert render([record("ease", [0, 1], of=named)]).startswith("SYNTHETIC DATA (synthetic:60x40x900): ")
    stand_in = task(dataset="synthetic", facts=FACTS | {"notes": [STAND_IN_NOTE]})
    title = render([record("ease", [0, 1], of=stand_in)]).splitlines()[0]
    assert title.startswith("SYNTHETIC DATA (synthetic), because no dataset was named and ml-100k could not be had: ")


def test_a_validation_table_says_so() -> None:
    assert render([record("ease", [0, 1], of=task(purpose="validation"))]).startswith("Validation task of ml-100k: ")


def test_imported_lists_are_called_given() -> None:
    imported = task(parts=task()["parts"] | {"split": "imported"})
    text = render([record("ease", [0, 1], of=imported)])
    assert "against up to 100 given negatives" in text
    assert "leave-last-out" not in text


def test_seeds_that_failed_are_a_row_of_their_own() -> None:
    rows = summarise(
        [*BPR, record("bpr", [], seed=2, failure=TIMEOUT), record("bpr", [], seed=3, failure=TIMEOUT)]
    ).rows
    assert [(row.label, row.seeds, row.failed) for row in rows] == [("bpr", (0, 1), False), ("bpr", (2, 3), True)]
    text = render([*BPR, record("bpr", [], seed=2, failure=TIMEOUT)])
    assert "bpr (seed 2): stopped" in text
    assert "bpr: seeds 0, 1 only" in text


def test_a_changed_source_is_another_row() -> None:
    changed = record("bpr", [0, 0, 0, 0], source="6")
    labels = [row.label for row in summarise([BPR[0], changed]).rows]
    assert all(re.fullmatch(r"bpr #[0-9a-f]{7}", label) for label in labels)
    assert len(set(labels)) == 2
    assert "share a name and differ in" in " ".join(render([BPR[0], changed]).split())


def test_a_seed_that_was_fitted_twice_is_no_second_training() -> None:
    """As with and without the full ranking, or with epochs chosen on another validation task."""
    with_full = [record("bpr", [0, 0, 20, 30], full=[0, 1, 50, 70], seed=seed) for seed in (0, 1)]
    rows = summarise([BPR[0], *with_full, BPR[1]]).rows
    assert [row.seeds for row in rows] == [(0, 1), (0, 1)]
    assert sorted("full NDCG@10" in row.accuracy for row in rows) == [False, True]
    assert len({row.label for row in rows}) == 2
    found = summarise([BPR[0], with_full[0], EASE]).significance
    assert [pair.comparison.about_algorithms for pair in found.pairs] == [False] * 3
    failed = record("bpr", [], failure=TIMEOUT)
    assert {row.label for row in summarise([failed, BPR[0]]).rows} == {"bpr"}


def test_selection_is_told() -> None:
    selection = {"patience": 5, "best_epoch": 12, "seconds": 8.0, "validation_digest": "v", "curve": []}
    chosen = record("mlp", [0, 0, 1, 20], selection=selection)
    text = " ".join(render([chosen]).split())
    assert "epochs chosen on the validation task (patience 5), then refitted: mlp 12." in text
    assert json.loads(render([chosen], "json"))["rows"][0]["best_epochs"] == [12]


def selected(seconds: float) -> dict[str, Any]:
    return {"patience": 5, "best_epoch": 12, "seconds": seconds, "curve": []}


def test_selection_has_a_column_of_its_own_where_anything_was_chosen() -> None:
    """Seeds of bpr took 8 and 10 s of early stopping after 100 s of tuning: 109 s; ease was tuned only, gmf neither."""
    rows = [
        record("ease", [0, 0, 1, 20], tuning=2.5, fit=0.3, deterministic=True),
        record("bpr", [0, 0, 20, 30], seed=0, selection=selected(8.0), tuning=100.0),
        record("bpr", [0, 20, 0, 30], seed=1, selection=selected(10.0), tuning=100.0),
        record("gmf", [50, 50, 50, 50]),
        ALS,
    ]
    lines = render(rows).splitlines()
    table = [re.split(r"\s{2,}", line.strip()) for line in lines[2:9]]
    assert table[0][-4:] == ["select", "fit", "score", "peak"]
    assert table[1][-4:] == ["s", "s", "µs/user", "MiB"]
    assert [row[0] for row in table[3:]] == ["ease", "bpr †", "gmf †", "als"]
    assert [row[-4] for row in table[3:]] == ["2.50", "109", "-", "-"]
    assert [row[-3] for row in table[3:]] == ["0.30", "1.00", "1.00", "-"]
    assert {len(row) for row in table[3:]} == {len(table[0])}
    assert "select is what choosing on the validation task took" in " ".join(" ".join(lines).split())
    frame = to_frame(rows)
    assert list(frame.columns)[-5:] == ["selection_s", "fit_s", "us_per_user", "peak_mib", "failure"]
    assert frame["selection_s"].fillna(-1).tolist() == [2.5, 109, -1, -1]


def test_without_selection_there_is_no_empty_column() -> None:
    assert "select" not in render(RECORDS)
    assert "selection_s" not in to_frame(RECORDS)
    assert next(csv.DictReader(io.StringIO(render(RECORDS, "csv"))))["selection_s"] == ""


def test_frame_has_the_columns_of_the_table() -> None:
    frame = to_frame(RECORDS)
    assert list(frame.index) == ["ease:reg=500", "bpr", "als"]
    assert list(frame.columns) == [
        "HR@10", "NDCG@10", "full_NDCG@10", "distinguishable", "fit_s", "us_per_user", "peak_mib", "failure",
    ]  # fmt: skip
    assert frame.loc["ease:reg=500", "HR@10"] == 0.75
    assert frame.loc["als"].isna()["NDCG@10"]
    assert frame.attrs["task"] == "a" * 64
    assert frame.attrs["title"].startswith("ml-100k")
    assert "failure" not in to_frame([EASE, *BPR])


def test_frame_keeps_the_notes_of_every_failure() -> None:
    notes = to_frame([*RECORDS, record("gmf", [], failure=TIMEOUT)]).attrs["notes"]
    assert [line.split(" ")[0] for line in notes["Failed"].splitlines()] == ["als", "gmf"]


def test_notes_name_libraries_and_programs() -> None:
    theirs, program = record("implicit.als", [0, 1, 2, 3]), record("mine", [0, 2, 2, 3])
    theirs.document["recommender"]["libraries"] = {"implicit": "0.7.3"}
    program.document["recommender"] |= {"reference": "mine.toml:Program", "requirements": ["torch==2.13.0", "numpy"]}
    notes = to_frame([*RECORDS, theirs, program]).attrs["notes"]
    assert notes["Libraries"] == "implicit 0.7.3."
    assert notes["Programs"].startswith("mine: run in processes of their own. Their times have in them")
    assert notes["Environment"] == "of mine, built from torch==2.13.0, numpy."
    assert not {"Libraries", "Programs", "Environment"} & set(to_frame(RECORDS).attrs["notes"])


def test_machines_that_read_the_same_are_named_once() -> None:
    again, elsewhere = record("als", [0, 1, 2, 3]), record("mf", [0, 1, 2, 3])
    again.document["environment"] = {**EASE.document["environment"], "commit": "f" * 12}
    elsewhere.document["environment"] = {**EASE.document["environment"], "cpu": "Another"}
    assert "\n" not in to_frame([EASE, again]).attrs["notes"]["Machine"]
    notes = to_frame([EASE, again, elsewhere]).attrs["notes"]
    assert [line.partition(";")[0] for line in notes["Machine"].splitlines()][1:] == ["Another"]
    assert "\n" not in notes["Versions"]


def test_notes_say_which_defaults_were_chosen_on_this_dataset() -> None:
    here, elsewhere, tuned = (record(name, [0, 1, 2, 3]) for name in ("gmf", "mf", "neumf"))
    here.document["recommender"]["chosen_on"] = tuned.document["recommender"]["chosen_on"] = "ml-100k"
    elsewhere.document["recommender"]["chosen_on"] = "ml-1m"
    tuned.document["tuning_seconds"] = 3.0
    notes = to_frame([*RECORDS, here, elsewhere, tuned]).attrs["notes"]
    assert notes["Defaults"].startswith("gmf: at defaults that were chosen on ml-100k, on the validation task")
    assert "Defaults" not in to_frame([*RECORDS, elsewhere, tuned]).attrs["notes"]


def test_defaults_are_chosen_ones_too_where_the_epochs_were_chosen_again_but_not_of_failures() -> None:
    stopped, failed = record("gmf", [0, 1, 2, 3]), record("mf", [], failure=TIMEOUT)
    for one in (stopped, failed):
        one.document["recommender"]["chosen_on"] = "ml-100k"
    stopped.document["selection"] = {"best_epoch": 2, "seconds": 3.0, "curve": []}
    stopped.document["patience"] = 5
    notes = to_frame([*RECORDS, stopped, failed]).attrs["notes"]
    assert notes["Defaults"].startswith("gmf: at defaults")


def test_rows_of_two_versions_of_a_library_stay_apart() -> None:
    old, new = record("implicit.als", [0, 1, 2, 3]), record("implicit.als", [0, 2, 2, 3], seed=1)
    for one, version in ((old, "0.7.2"), (new, "0.7.3")):
        one.document["recommender"]["libraries"] = {"implicit": version}
    assert len(to_frame([old, new])) == 2


def test_frame_with_every_figure_is_the_csv() -> None:
    frame = to_frame(RECORDS, (10, 5), every_figure=True).reset_index()
    rows = list(csv.DictReader(io.StringIO(render(RECORDS, "csv", (10, 5)))))
    assert list(frame.columns) == list(rows[0])
    assert float(rows[0]["NDCG@5"]) == frame.loc[0, "NDCG@5"]


THREE = ("sampled", "expected", "full")


def test_the_first_view_has_intervals_and_the_others_ndcg() -> None:
    lines = render(RECORDS, views=THREE).splitlines()
    table = [re.split(r"\s{2,}", line.strip()) for line in lines[2:6]]
    assert table[0] == ["recommender", "HR@10", "NDCG@10", "expected", "full", "fit", "score", "peak"]
    assert table[1] == ["NDCG@10", "NDCG@10", "s", "µs/user", "MiB"]
    draws = Draws(EASE.full_ranks, 100)
    hit, gain = (METRICS[name].expected(draws, 10) for name in ("HR", "NDCG"))
    assert table[3][3:5] == [accuracy_text(gain.mean()), ".3223"]
    assert max(map(len, lines)) <= 100
    alone = render(RECORDS, views=("expected",)).splitlines()
    assert re.split(r"\s{2,}", alone[2].strip()) == ["recommender", "expected", "expected", "fit", "score", "peak"]
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
        "none of it says that they are good.",
        "coverage: the share of all 1,682 items shown to anybody (Ge et al. 2010).",
        "Gini: from 0, all items shown alike, to 1, one item in every place (Shani & Gunawardana 2011).",
        "popularity: mean number of training interactions of the items shown, ARP (Yin et al. 2012); the held-out "
        "items have 0.50.",
        "novelty: mean self-information of the items shown, -log2 of the share of users who trained on them (Zhou et "
        "al. 2010; Vargas & Castells 2011).",
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
    assert list(frame.columns) == [
        "HR@2", "NDCG@2", "expected_NDCG@2", "full_NDCG@2", "distinguishable",
        "coverage@2", "gini@2", "popularity@2", "novelty@2", "fit_s", "us_per_user", "peak_mib",
    ]  # fmt: skip
    assert frame.loc["ease", "popularity@2"] == 2.75


def test_rows_without_lists_or_with_shorter_ones_have_nothing_there() -> None:
    assert re.search(r"^bpr +- +- +- +-$", render(BPR, beyond_accuracy=True), re.MULTILINE)
    wide = record("ease", [0, 1], full=[0, 1], top=[[0, 1], [0, 2]], counts=([3, 2], [1, 0], [1] * 9))
    assert re.search(r"^ease +- +- +- +-$", render([wide], ks=(3,), beyond_accuracy=True), re.MULTILINE)
    assert next(csv.DictReader(io.StringIO(render([wide], "csv", (3,)))))["coverage@3"] == ""
