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
from bench.cli.main import make_parser
from bench.page.main_table import table_data
from bench.page.page import page
from bench.page.words import protocol_words, remake_command
from bench.records.store import Store

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
    data = table_data(summarise(RECORDS, (10, 1)))
    columns = {column["id"]: place for place, column in enumerate(data["columns"])}
    ease, bpr, als = data["rows"]
    assert (ease["label"], ease["reference"], ease["failure"]) == ("ease:reg=500", True, None)
    assert ease["cells"][columns["HR@10"]][:2] == [0.75, ".7500"]
    assert ease["cells"][columns["NDCG@10"]][1] == ".6577"
    assert ease["cells"][columns["HR@1"]][:2] == [0.5, ".5000"]
    assert ease["cells"][columns["full HR@10"]][:2] == [0.5, ".5000"]
    assert bpr["cells"][columns["full HR@10"]] is None
    assert bpr["cells"][columns["fit_s"]] == [3.0, "3.00"]
    assert (als["failure"], set(als["cells"])) == ("stopped after 60 s, in epoch 3 of 30", {None})
    column = data["columns"][columns["NDCG@10"]]
    assert (column["view"], column["k"], column["best"], column["front"]) == ("sampled", 10, ".6577", [0])
    assert data["ks"] == [1, 10]


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
    (row,) = table_data(summarise([record("one", [1, 2, 3, 4], usage=usage)]))["rows"]
    assert row["marks"] == ["beyond its threads", "works after fit"]
    script = made([EASE]).texts["script"][-1]
    assert 'row.marks.filter((mark) => mark !== "on par")' in script, "the page shows every mark"


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


def command_of(records: list[Record]) -> str:
    return remake_command(summarise(records))[0]


def test_the_command_is_one_and_says_how_it_was() -> None:
    facts = {**FACTS, "n_negatives": 0, "cut_time": 9, "n_unused": 0, "n_silent_users": 0, "n_new_users": 0}
    parts = {**task()["parts"], "split": "time:0.8", "protocol_seed": "3"}
    of = task(facts={**facts, "n_new_items": 0}, parts=parts, dataset="my data/$(rm).csv")
    command = command_of([record("b:reg=1", [0] * 4, seed=seed, of=of) for seed in (0, 2)])
    assert command == (
        "recbench run --dataset 'my data/$(rm).csv' --split time:0.8 --negatives 0 --protocol-seed 3 --seeds 0,2 "
        "--threads 2 -r b:reg=1"
    )
    plain = command_of(RECORDS)
    assert plain == "recbench run --dataset ml-100k --seeds 0,1 --threads 2 -r als -r bpr -r ease:reg=500"
    arguments = make_parser().parse_args([*plain.split()[1:], "--out", "again"])
    assert (arguments.dataset, arguments.seeds) == (["ml-100k"], (0, 1))


def test_notes_name_what_the_command_cannot_know() -> None:
    plugin = record("mine", [0] * 4)
    plugin.document["recommender"]["origin"] = "file"
    notes = " ".join(remake_command(summarise([plugin]))[1])
    assert "The command needs these plug-ins (--plugin FILE.py, or installed): mine (somewhere:Something)." in notes
    assert "min rating 4: 17,480 rows left out" in notes


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
    assert "users left out of the drawn views" in page(cold)
    assert "users left out of the drawn views" not in page(RECORDS)


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
    rows = table_data(summarise(rows_of("one")))["rows"]
    assert [row["label"] for row in rows] == ["ease", "mf:a=4", "mf:a=2", "mf:a=1", "als"]
    assert [row.get("setting", {}).get("head") for row in rows] == [None, *["mf, varied: a"] * 3, None]
    renamed = [
        with_parameters(record(label, [place, 0, 1, 2]), "mf", {"a": a})
        for place, (label, a) in enumerate([("mf", 8), ("mf:a=1", 1)])
    ]
    rows = table_data(summarise(renamed))["rows"]
    assert [row["setting"]["label"] for row in rows] == ["mf (a=8)", "mf:a=1"]


def test_times_that_cannot_be_compared_have_letters_on_the_page() -> None:
    mixed = made([timed("bpr"), timed("als", at_once=3)])
    columns = [column["id"] for column in mixed.data["table"]["columns"]]
    rows = {row["label"]: row for row in mixed.data["table"]["rows"]}
    assert [(label, row["timing"], row["cells"][columns.index("fit_s")]) for label, row in rows.items()] == [
        ("als", "a", [1.0, "1.00", "a"]),
        ("bpr", "b", [1.0, "1.00", "b"]),
    ]
    assert rows["als"]["cells"][columns.index("peak_mib")] == [234.5, "234"]
    text = page([timed("bpr"), timed("als", at_once=3)], library=LIBRARY)
    assert "jobs with different numbers of others beside them, so no Pareto front is drawn. Letters" in text
    assert "a (3 jobs at once): als; b (one job at a time): bpr." in text
    alike = made([timed("bpr"), timed("als")])
    assert not any("timing" in row for row in alike.data["table"]["rows"])
    assert {
        len(cell) for row in alike.data["table"]["rows"] for cell in row["cells"][columns.index("fit_s") :][:1]
    } == {2}


def test_the_fastest_row_is_named_only_among_times_that_can_be_compared() -> None:
    """The best row and those that cannot be told from it: a worse one may be of another machine."""
    alike = [timed("bpr"), timed("als")]
    worse = on(record("mf", [50, 50, 50, 50]), cores=4)
    tiles = {
        "shared": page([timed("bpr", at_once=2), timed("als", at_once=2)], library=LIBRARY),
        "worse elsewhere": page([*alike, worse], library=LIBRARY),
        "mixed": page([timed("bpr"), timed("als", at_once=2)], library=LIBRARY),
    }
    assert ["Fastest fit among those" in text for text in tiles.values()] == [True, True, False]
    assert "1.00 s, shared machine" in tiles["shared"]
    assert "shared machine" not in tiles["worse elsewhere"]
