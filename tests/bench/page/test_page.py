"""The page without a browser: what is in it, that nothing else is loaded, and that names stay text."""

from __future__ import annotations

import base64
import hashlib
import re
import webbrowser
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import ALS, BPR, CUT, EASE, FACTS, RECORDS, record, task
from many_records import HARM, harmful_records, many_records
from report_page import COMMITTED, Parsed, committed_library
from settings_of_one import with_parameters
from study_folders import rows_of
from timed_on import on, timed

from bench.analysis.summary import summarise
from bench.charts.chart import shown
from bench.page.main_table import main_table
from bench.page.page import page
from bench.page.words import protocol_words
from bench.records.store import Store
from bench.writing.sheet import Cell

if TYPE_CHECKING:
    from pathlib import Path

    from bench.records.store import Record

pytestmark = pytest.mark.usefixtures("few_users")

LIBRARY = "window.vegaEmbed = null;"


def made(records: list[Record], **options: Any) -> Parsed:
    return Parsed(page(records, library=LIBRARY, **options))


def test_the_committed_page_is_remade_byte_for_byte() -> None:
    """But for the drawing library, which is as it was: `make report` writes it anew."""
    text = page(Store(COMMITTED.parent).records(), library=committed_library())
    assert text == COMMITTED.read_text(encoding="utf-8"), "run `make report`"


def test_the_order_of_records_changes_nothing() -> None:
    assert page(RECORDS, library=LIBRARY) == page(RECORDS[::-1], library=LIBRARY)


def test_nothing_is_loaded_and_only_the_page_s_own_scripts_may_run() -> None:
    found = made(RECORDS)
    for tag, attributes in found.tags:
        assert "src" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        assert str(attributes.get("href", "#")).startswith(("#", "data:,"))
    policy = next(str(attributes["content"]) for _, attributes in found.tags if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for text in (*found.texts["script"][1:], *found.texts["style"]):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
    assert found.texts["script"][1] == LIBRARY


def test_names_parameters_and_failures_that_others_wrote_are_text() -> None:
    harmless, found = made(many_records(2, 1)), made(harmful_records())
    assert {tag for tag, _ in found.tags} <= {tag for tag, _ in harmless.tags} | {"noscript"}
    assert not [tag for tag, _ in found.tags if tag in ("img", "svg")]
    texts = " ".join(text for tag, every in found.texts.items() if tag not in ("script", "style") for text in every)
    for harm in map(shown, HARM):
        assert texts.count(harm) >= 8, "in tables, failures, parameters and environment"
    assert {row["label"] for row in found.data["table"]["rows"]} >= set(map(shown, HARM))
    raw = page(harmful_records(), library=LIBRARY)
    assert len(re.findall("<script", raw)) == 3
    assert "<!--" not in raw


def test_the_table_has_every_figure_as_text_and_number() -> None:
    """EASE: places 1, 1, 2 and 21, so HR@10 is 3/4 and NDCG@10 (1 + 1 + 1/log2(3)) / 4."""
    table = main_table(summarise(RECORDS, (10, 1)), {})
    columns = {column["id"]: place for place, column in enumerate(table.data["columns"])}
    texts, numbers = [line.cells for line in table.lines], [row["cells"] for row in table.data["rows"]]
    assert [line.label for line in table.lines] == ["ease:reg=500", "bpr", "als"]
    assert (table.lines[0].kind, table.lines[0].failure) == ("best", None)
    for name, text, number in (("HR@10", ".7500", 0.75), ("HR@1", ".5000", 0.5), ("full HR@10", ".5000", 0.5)):
        assert (texts[0][columns[name]].text, numbers[0][columns[name]][0]) == (text, number)
    assert texts[0][columns["NDCG@10"]].text == ".6577"
    assert texts[0][columns["NDCG@10"]].best
    assert (texts[1][columns["full HR@10"]], numbers[1][columns["full HR@10"]]) == (Cell("-"), None)
    assert (texts[1][columns["fit_s"]], numbers[1][columns["fit_s"]]) == (Cell("3.00"), 3.0)
    assert (table.lines[2].failure, texts[2], numbers[2]) == ("stopped after 60 s, in epoch 3 of 30", (), [])
    column = table.data["columns"][columns["NDCG@10"]]
    assert (column["view"], column["metric"], column["k"], column["front"]) == ("sampled", "NDCG", 10, [0])
    assert table.data["ks"] == [1, 10]
    assert [head.name for head in table.heads if head.is_shown] == ["NDCG@10", "HR@10", "fit", "score", "peak"]
    assert [head.name for head in table.heads if head.sorts] == ["NDCG@10"]


def test_the_page_has_the_marks_of_the_table() -> None:
    usage = {
        "build_seconds": 0.001,
        "fit_cpu_seconds": 9.0,
        "scoring_seconds": 0.5,
        "scoring_cpu_seconds": 0.5,
        "scoring_peak_mib": 120.0,
        "cores": 2,
        "works_after_fit": True,
    }
    (line,) = main_table(summarise([record("one", [1, 2, 3, 4], usage=usage)]), {}).lines
    assert line.tags == ("beyond its threads", "works after fit")


def test_failures_have_their_own_section() -> None:
    found = made([EASE, *BPR, ALS])
    assert "stopped after 60 s, in epoch 3 of 30" in found.texts["td"]
    assert "failures" in [attributes.get("id") for _, attributes in found.tags]
    assert "failures" not in [attributes.get("id") for _, attributes in made([EASE, *BPR]).tags]


def test_differences_are_there_from_every_row_or_from_the_baseline_named_beforehand() -> None:
    records = [EASE, *BPR, record("popularity", [5, 5, 5, 5])]
    every = made(records).data["differences"]
    assert list(every) == ["ease:reg=500", "bpr", "popularity"]
    one = made(records, baseline="bpr").data["differences"]
    assert list(one) == ["bpr"]
    assert [row["label"] for row in one["bpr"]] == ["ease:reg=500", "popularity"]


def test_one_recommender_alone_has_a_page_and_so_has_a_failure_alone() -> None:
    assert made([EASE]).data["differences"] == {}
    assert list(made([ALS]).data["charts"]) == []


def test_where_nothing_is_sampled_the_page_has_one_view_and_no_chart_of_several() -> None:
    of = task(facts={**FACTS, "n_negatives": 0})
    found = made([record(name, [place, 0, 20, 3], of=of) for place, name in enumerate(("a", "b"))])
    assert {column["view"] for column in found.data["table"]["columns"] if "view" in column} == {"full"}
    assert found.data["table"]["view"] == "full"
    assert "slope" not in found.data["charts"]
    assert {"pareto", "forest"} <= set(found.data["charts"])


@pytest.mark.parametrize(
    ("split", "words"),
    [
        ("leave-last-out", "For every user with at least three items, the latest one is held out"),
        ("time:0.8", "Time is cut so that a share of at most 0.8 of all interactions lies before the cut"),
        ("time:0.8,target=last", "each evaluated user's last interaction from then on is held out"),
        (
            "time:0.8,target=random",
            "one interaction of each evaluated user, drawn by a keyed hash, from then on is held",
        ),
        ("random:3", "one is held out that a keyed hash draws, whenever the user touched it"),
        ("imported", "Split and candidates come from the given files, unchanged"),
    ],
)
def test_the_page_describes_the_protocol_of_the_records(split: str, words: str) -> None:
    of = task(parts={**task()["parts"], "split": split}, facts={**task()["facts"], **CUT})
    summary = summarise([EASE]) if split == "leave-last-out" else summarise([record("a", [0] * 4, of=of)])
    assert words in " ".join(protocol_words(summary))


def test_the_command_line_writes_the_page_and_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bench.cli.main import main

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr("bench.page.page.javascript", lambda: LIBRARY)
    results, place = str(COMMITTED.parent), tmp_path / "page.html"
    assert main(["report", results, "--output", str(place), "--open"]) == 0
    assert (capsys.readouterr().out, opened) == (f"{place}\n", [place.as_uri()])
    assert Parsed(place.read_text(encoding="utf-8")).data["table"]["k"] == 10
    assert main(["report", results, "-o", str(place), "--baseline", "nobody"]) == 2
    assert "no row is called 'nobody'" in capsys.readouterr().err


def test_the_page_names_the_rows_of_each_machine_and_compares_no_times_of_several() -> None:
    elsewhere = record("als", [0, 1, 2, 3], fit=1.0)
    elsewhere.document["environment"] = {**EASE.document["environment"], "cpu": "Another"}
    mixed, alike = page([EASE, elsewhere], library=LIBRARY), page([EASE, *BPR], library=LIBRARY)
    sentence, front = "The times are of several machines, so no Pareto front is drawn.", "The dashed line is the Pareto"
    assert [sentence in text for text in (mixed, alike)] == [True, False]
    assert [front in text for text in (mixed, alike)] == [False, True]
    assert [text.count("<dt>rows</dt>") for text in (mixed, alike)] == [2, 0]
    assert ["Fastest fit" in text for text in (mixed, page([EASE, record("als", [0, 1, 2, 3])], library=LIBRARY))] == [
        False,
        True,
    ]


def test_users_left_out_of_the_drawn_views_are_counted() -> None:
    """P7."""
    cold = [record(name, [0, 9, 9, 50], full=[0, 9, 9, 50], counts=([5] * 4, [0, 1, 1, 1], [1])) for name in "ab"]
    assert "users left out of the drawn views" in page(cold, library=LIBRARY)
    assert "users left out of the drawn views" not in page(RECORDS, library=LIBRARY)


def test_where_no_row_has_the_first_view_the_page_is_about_the_next_one() -> None:
    """P7: no held-out item has a training interaction, so the drawn views are over no user."""
    cold = [
        record(name, [place, 9, 9, 50], full=[place, 9, 9, 50], counts=([5] * 4, [0] * 4, [1]))
        for place, name in enumerate("ab")
    ]
    found = made(cold)
    assert (found.data["table"]["view"], found.data["table"]["rows"][0]["label"]) == ("full", "a")
    assert "forest" in found.data["charts"]


def test_settings_of_one_recommender_are_below_a_head_as_in_the_table() -> None:
    table = main_table(summarise(rows_of("one")), {})
    assert [row["label"] for row in table.data["rows"]] == ["ease", "mf:a=4", "mf:a=2", "mf:a=1", "als"]
    assert [row.get("setting", {}).get("head") for row in table.data["rows"]] == [None, *["mf, varied: a"] * 3, None]
    assert [line.head for line in table.lines] == ["", "mf, varied: a", "", "", ""]
    renamed = [
        with_parameters(record(label, [place, 0, 1, 2]), "mf", {"a": a})
        for place, (label, a) in enumerate([("mf", 8), ("mf:a=1", 1)])
    ]
    assert [line.label for line in main_table(summarise(renamed), {}).lines] == ["mf (a=8)", "mf:a=1"]


def test_times_that_cannot_be_compared_have_letters_on_the_page() -> None:
    mixed = main_table(summarise([timed("bpr"), timed("als", at_once=3)]), {})
    columns = [column["id"] for column in mixed.data["columns"]]
    rows = {
        row["label"]: (row["timing"], line.cells) for row, line in zip(mixed.data["rows"], mixed.lines, strict=True)
    }
    assert {label: (letter, cells[columns.index("fit_s")]) for label, (letter, cells) in rows.items()} == {
        "als": ("a", Cell("1.00", "a")),
        "bpr": ("b", Cell("1.00", "b")),
    }
    assert rows["als"][1][columns.index("peak_mib")] == Cell("234")
    text = page([timed("bpr"), timed("als", at_once=3)], library=LIBRARY)
    assert "jobs with different numbers of others beside them, so no Pareto front is drawn. Letters" in text
    assert "a (3 jobs at once): als; b (one job at a time): bpr." in text
    alike = main_table(summarise([timed("bpr"), timed("als")]), {})
    assert not any("timing" in row for row in alike.data["rows"])
    assert {line.cells[columns.index("fit_s")] for line in alike.lines} == {Cell("1.00")}


def test_the_fastest_row_is_named_only_among_times_that_can_be_compared() -> None:
    """The best row and those that cannot be told from it: a worse one may be of another machine."""
    alike = [timed("bpr"), timed("als")]
    worse = on(record("mf", [50, 50, 50, 50]), cores=4)
    tiles = {
        "shared": page([timed("bpr", at_once=2), timed("als", at_once=2)], library=LIBRARY),
        "worse elsewhere": page([*alike, worse], library=LIBRARY),
        "mixed": page([timed("bpr"), timed("als", at_once=2)], library=LIBRARY),
    }
    assert ["Fastest fit among these" in text for text in tiles.values()] == [True, True, False]
    assert "1.00 s, on a shared machine" in tiles["shared"]
    assert "on a shared machine" not in tiles["worse elsewhere"]
