"""The table on hand-made records, with figures a reader can recompute."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from bench.store import Record
from bench.summary import summarise
from bench.table import STAND_IN_NOTE, accuracy_text, amount_text, render, to_frame
from protocol.errors import ProtocolError
from protocol.ranking import Ranks

T_3 = 3.182446305284263
"""Student's t with three degrees of freedom at .975, from a printed table: 3.182."""

FACTS = {
    "n_users": 5,
    "n_items": 1682,
    "n_interactions": 100_000,
    "n_duplicates": 7,
    "n_train": 99_996,
    "n_evaluated": 4,
    "n_negatives": 100,
    "n_tied_users": 1,
    "n_short_users": 1,
    "n_dropped_users": 0,
    "n_cold_heldout": 2,
    "notes": ["min rating 4: 17,480 rows left out"],
}


def task(**changes: Any) -> dict[str, Any]:
    parts = {"purpose": "test", "dataset": "d" * 64, "protocol_seed": "0", "split": "leave-last-out", "candidates": "c"}
    return {"digest": "a" * 64, "purpose": "test", "parts": parts, "dataset": "ml-100k", "facts": FACTS} | changes


def record(
    label: str,
    n_better: list[int],
    *,
    full: list[int] | None = None,
    seed: int = 0,
    fit: float = 1.0,
    failure: dict[str, str] | None = None,
    deterministic: bool = False,
    selection: dict[str, Any] | None = None,
    of: dict[str, Any] | None = None,
    source: str = "5",
) -> Record:
    nobody = np.zeros(len(n_better), np.int32)
    document = {
        "schema": 1,
        "key": f"{label} {seed} {source}",
        "status": "failed" if failure else "ok",
        "failure": failure,
        "recommender": {
            "name": label.split(":")[0],
            "label": label,
            "reference": "somewhere:Something",
            "origin": "built-in",
            "parameters": {"reg": 1.0},
            "deterministic": deterministic,
            "iterative": False,
            "source_sha256": source,
        },
        "seed": seed,
        "threads": 2,
        "patience": selection["patience"] if selection else None,
        "task": of or task(),
        "selection": selection,
        "curve": [],
        "time": {
            "fit_seconds": fit,
            "score_seconds": 0.1,
            "score_us_per_user": 12.5,
            "full_score_seconds": None,
        },
        "memory": {"peak_mib": 234.5 + seed, "before_fit_mib": 100.0},
        "environment": {"cpu": "A_CPU", "versions": {"python": "3.11", "numpy": "2.4.6"}},
        "files": {},
    }
    return Record(
        document,
        ranks=None if failure else Ranks(np.array(n_better), nobody, nobody + 100),
        full_ranks=None if failure or full is None else Ranks(np.array(full), nobody, nobody + 1000),
    )


TIMEOUT = {"kind": "timeout", "message": "stopped after 60 s, in epoch 3 of 30", "detail": ""}

EASE = record("ease:reg=500", [0, 0, 1, 20], full=[0, 9, 10, 500], fit=0.3, deterministic=True)
BPR = [record("bpr", [0, 0, 20, 30], seed=0, fit=2.0), record("bpr", [0, 20, 0, 30], seed=1, fit=4.0)]
ALS = record("als", [], failure=TIMEOUT)
RECORDS = [ALS, EASE, *BPR]

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
    assert table[4][:2] == ["bpr", ".5000 ±.650"]
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
    assert r"\textbf{.7500} $\pm$.796" in render(RECORDS, "latex")
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
    assert evil in [row[0] for row in reader.rows]
    assert all(len(row) == 7 for row in reader.rows)


def test_latex_specials_are_escaped() -> None:
    text = render([record(r"a_b%c&d#e$f{g}h~i^j\k", [0, 1, 2, 3]), EASE], "latex")
    assert r"a\_b\%c\&d\#e\$f\{g\}h\textasciitilde{}i\textasciicircum{}j\textbackslash{}k & " in text
    unescaped = re.sub(r"\\.", "", text.replace(" & ", " "))
    assert "_" not in unescaped
    assert "%" not in unescaped
    assert text.count(" & ") == 3 * 6
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    assert text.isascii()


def test_markdown_cells_cannot_break_out() -> None:
    text = render([record("a|b*c*<i>_d_", [0, 1, 2, 3]), EASE], "github")
    row = next(line for line in text.splitlines() if line.startswith("| a"))
    assert r"a\|b\*c\*&lt;i&gt;\_d\_" in row
    assert len(re.split(r"(?<!\\)\|", row)) == 9
    assert "mlp_post" in render([record("mlp_post", [0, 1, 2, 3])], "github")


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


def test_selection_is_told() -> None:
    selection = {"patience": 5, "best_epoch": 12, "seconds": 8.0, "validation_digest": "v", "curve": []}
    chosen = record("mlp", [0, 0, 1, 20], selection=selection)
    text = " ".join(render([chosen]).split())
    assert "epochs chosen on the validation task (patience 5), then refitted: mlp 12." in text
    assert json.loads(render([chosen], "json"))["rows"][0]["best_epochs"] == [12]


def test_frame_has_the_columns_of_the_table() -> None:
    frame = to_frame(RECORDS)
    assert list(frame.index) == ["ease:reg=500", "bpr", "als"]
    assert list(frame.columns) == ["HR@10", "NDCG@10", "full_NDCG@10", "fit_s", "us_per_user", "peak_mib", "failure"]
    assert frame.loc["ease:reg=500", "HR@10"] == 0.75
    assert frame.loc["als"].isna()["NDCG@10"]
    assert frame.attrs["task"] == "a" * 64
    assert frame.attrs["title"].startswith("ml-100k")
    assert "failure" not in to_frame([EASE, *BPR])


def test_frame_with_every_figure_is_the_csv() -> None:
    frame = to_frame(RECORDS, (10, 5), every_figure=True).reset_index()
    rows = list(csv.DictReader(io.StringIO(render(RECORDS, "csv", (10, 5)))))
    assert list(frame.columns) == list(rows[0])
    assert float(rows[0]["NDCG@5"]) == frame.loc[0, "NDCG@5"]
