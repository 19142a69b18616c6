"""Metrics in the table: MRR and AUC by hand, which metric sorts, and a new one through its entry alone."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import ALS, BPR, EASE, FACTS, RECORDS, record, task
from report_page import COMMITTED, Parsed

from bench import api
from bench.analysis.head_to_head import compare_rows
from bench.analysis.summary import summarise
from bench.citations import bibtex_text
from bench.cli.main import main
from bench.data import Data
from bench.diagnosis.self_proof import prove
from bench.page.main_table import main_table
from bench.page.page import page
from bench.tables import head_to_head
from bench.tables.results import render, to_frame
from protocol.errors import ProtocolError
from protocol.evaluation.metrics import METRICS, ONE_HELD_OUT, at_cutoff

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("few_users")

ALL = ("HR", "NDCG", "MRR", "AUC")

SENTENCE = f"{ONE_HELD_OUT[0].upper()}{ONE_HELD_OUT[1:]}."


def heads(text: str) -> list[str]:
    """Return the words above a table, without the mark of the column that sorts."""
    words = next(line.split() for line in text.splitlines() if line.startswith("recommender"))
    return [word for word in words if word != "▼"]


def test_mrr_and_auc_by_hand() -> None:
    """EASE: ranks 1, 1, 2 and 21 among 100 rivals, and 1, 10, 11 and 501 among 1,000."""
    accuracy = summarise([EASE], metrics=ALL).rows[0].accuracy
    assert accuracy["MRR@10"].mean == pytest.approx((1 + 1 + 1 / 2 + 0) / 4)
    assert accuracy["full MRR@10"].mean == pytest.approx((1 + 1 / 10 + 0 + 0) / 4)
    assert accuracy["AUC"].mean == pytest.approx((1 + 1 + 0.99 + 0.8) / 4)
    assert accuracy["full AUC"].mean == accuracy["expected AUC"].mean == pytest.approx((1 + 0.991 + 0.99 + 0.5) / 4)


def test_the_metric_that_sorts_comes_first_and_the_others_in_the_order_named() -> None:
    lines = render(RECORDS, metrics=("AUC", "HR", "NDCG"), ks=(10, 5)).splitlines()
    assert heads("\n".join(lines))[:11] == [
        "recommender", "NDCG@10", "AUC", "HR@10", "NDCG@5", "HR@5", "full", "full", "fit", "score", "peak",
    ]  # fmt: skip
    assert re.search(r"^ease:reg=500 +\S+ ±\S+ +\.9475 ±", "\n".join(lines), re.MULTILINE)


def test_by_default_the_table_is_that_of_hr_and_ndcg_without_a_note() -> None:
    assert "Metrics" not in to_frame(RECORDS).attrs["notes"]
    with_note = render(RECORDS, "json", metrics=("HR", "NDCG"))
    plain, named = json.loads(render(RECORDS, "json")), json.loads(with_note)
    assert [note for note in named["notes"] if note["about"] != "Metrics"] == plain["notes"]
    assert named["rows"] == plain["rows"]


@pytest.mark.parametrize("metrics", [("MRR",), ("HR",), ALL])
def test_where_metrics_are_named_a_note_explains_them_and_their_other_names(metrics: tuple[str, ...]) -> None:
    note = to_frame(RECORDS, metrics=metrics).attrs["notes"]["Metrics"]
    assert [METRICS[name].explanation in note for name in ALL] == [name in metrics for name in ALL]
    assert SENTENCE in note


def test_ndcg_sorts_where_it_is_shown_and_without_it_the_first_metric_sorts_and_is_tested() -> None:
    """HR@10: wide 1, sharp 1/4; MRR@10: wide 1/10, sharp 1/4; NDCG@10: wide 1/log2(11), sharp 1/4."""
    rows = [record("sharp", [0, 50, 50, 50]), record("wide", [9, 9, 9, 9])]
    for metrics, first, primary in (
        (("MRR", "HR"), "sharp", "MRR@10"),
        (("HR", "MRR"), "wide", "HR@10"),
        (("MRR", "NDCG"), "wide", "NDCG@10"),
    ):
        found = summarise(rows, metrics=metrics)
        assert (found.rows[0].label, found.significance.metric, found.primary) == (first, primary, primary)
        assert f"by sampled {primary}" in " ".join(render(rows, metrics=metrics).split())
    note = to_frame(rows, metrics=("MRR",)).attrs["notes"]["Metrics"]
    assert note.endswith("MRR@10 sorts the rows and is tested, because NDCG is not shown.")


def test_views_are_compared_by_the_metric_that_sorts() -> None:
    rows = [record("a", [0, 0], full=[9, 9]), record("b", [1, 1], full=[8, 8])]
    text = " ".join(render(rows, metrics=("AUC",)).split())
    assert "Kendall's tau of AUC: " in text
    assert "expected is the exact mean of AUC over all draws" in text
    assert json.loads(render(rows, "json", metrics=("AUC",)))["views"][0]["metric"] == "AUC"
    assert list(to_frame(rows, metrics=("AUC",)).columns)[:2] == ["AUC", "full_AUC"]


def test_a_metric_without_cutoff_is_one_column_for_all_cutoffs() -> None:
    assert list(to_frame(RECORDS, (10, 5, 20), metrics=("AUC", "HR"), views=("full", "sampled")).columns)[:5] == [
        "full_AUC", "full_HR@10", "full_HR@5", "full_HR@20", "AUC",
    ]  # fmt: skip
    row = next(csv.DictReader(io.StringIO(render(RECORDS, "csv", (10, 5), metrics=ALL))))
    assert [name for name in row if "AUC" in name] == [
        "AUC", "expected_AUC", "full_AUC",
        "AUC_low", "AUC_high", "expected_AUC_low", "expected_AUC_high", "full_AUC_low", "full_AUC_high",
    ]  # fmt: skip


def test_where_no_negatives_are_drawn_all_metrics_are_of_the_full_ranking() -> None:
    of = task(facts={**FACTS, "n_negatives": 0})
    text = render([record("a", [0, 1], of=of), record("b", [3, 4], of=of)], metrics=("MRR", "AUC"))
    assert re.search(r"^recommender +full +full +fit", text, re.MULTILINE)
    assert (
        "full ranks each held-out item against every item the user never touched. No negatives are drawn"
        in " ".join(text.split())
    )


def test_compare_goes_by_any_metric() -> None:
    found = compare_rows(RECORDS, "ease:reg=500", "bpr", "AUC", k=5)
    assert found.figure == "AUC"
    assert found.slices[0].ours == pytest.approx(0.9475)
    assert head_to_head.to_frame(found).attrs["notes"]["Metric"] == f"{METRICS['AUC'].explanation} {SENTENCE}"
    assert compare_rows(RECORDS, "ease:reg=500", "bpr", "MRR", k=1).figure == "MRR@1"
    assert "Metric" not in head_to_head.to_frame(compare_rows(RECORDS, "ease:reg=500", "bpr")).attrs["notes"]


@pytest.mark.parametrize(
    "arguments", [["table"], ["report"], ["compare"], ["run"], ["score", "scores.csv"], ["cite"]], ids=lambda it: it[0]
)
@pytest.mark.parametrize("name", ["Recall", "MAP"])
def test_recall_and_map_are_refused_on_the_command_line(
    arguments: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--metric", name])
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert f"argument --metric: no metric is called '{name}': {ONE_HELD_OUT}; see `recbench {arguments[0]}" in error


@pytest.mark.parametrize(("text", "message"), [("HR,", "unknown metric ''"), ("HR,hits", "unknown metric 'hits'")])
def test_a_bad_list_is_refused_on_the_command_line(text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["table", "somewhere", "--metric", text])
    assert f"{message}; there are HR, NDCG, MRR, AUC" in capsys.readouterr().err


def test_the_command_line_shows_the_metrics_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = str(COMMITTED.parent)
    assert main(["table", results, "--metric", "MRR,AUC", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [float(row["MRR@10"]) for row in rows] == sorted((float(row["MRR@10"]) for row in rows), reverse=True)
    assert "NDCG@10" not in rows[0]
    assert main(["compare", results, "ease", "als", "--metric", "AUC"]) == 0
    assert "by AUC" in capsys.readouterr().out
    assert main(["cite", results, "--metric", "MRR,AUC"]) == 0
    cited = capsys.readouterr().out
    assert r"% AUC:" in cited
    assert "@article{hanley1982meaning," in cited
    assert "jarvelin2002cumulated" not in cited


def test_an_unknown_metric_is_an_error_before_anything_is_fitted(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="unknown metric 'hits'"):
        api.run("synthetic:60x80x900", ["popularity"], metrics=("hits",), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_python_takes_metrics_as_the_command_line_does(tmp_path: Path) -> None:
    options: dict[str, Any] = {"negatives": 20, "threads": 1, "out": tmp_path}
    results = api.run("synthetic:60x80x900", ["popularity"], metrics="MRR,AUC", **options)
    assert list(results.frame.columns)[:3] == ["MRR@10", "AUC", "full_MRR@10"]
    assert list(api.table(tmp_path, metrics=["AUC"]).frame.columns)[:2] == ["AUC", "full_AUC"]
    with pytest.raises(ProtocolError, match="Recall@k is HR@k"):
        api.run("synthetic:60x80x900", ["popularity"], metrics="Recall", **options)


def test_the_page_has_the_metrics_named_and_sorts_by_the_primary_one() -> None:
    data = Parsed(page(RECORDS, (10, 5), metrics=("AUC", "MRR"), library="window.vegaEmbed = null;")).data["table"]
    sampled = [column for column in data["columns"] if column.get("view") == "sampled"]
    assert [(column["id"], column["group"], column.get("k")) for column in sampled] == [
        ("AUC", "AUC", None), ("MRR@10", "MRR", 10), ("MRR@5", "MRR", 5),
    ]  # fmt: skip
    assert data["metric"] == "AUC"
    assert all(column["shown"] for column in sampled)


@pytest.fixture
def precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Precision of a list with one held-out item: a hit is worth 1/k."""
    entry = at_cutoff(
        "P", lambda _rank, k: 1 / k, "P@k is 1 / k for a rank up to k: rank 2 gives .1000 at 10.", "deshpande2004item"
    )
    monkeypatch.setitem(METRICS, "P", entry)


@pytest.mark.usefixtures("precision")
def test_a_new_metric_is_one_entry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """EASE: ranks 1, 1, 2 and 21, so P@10 is 3 / 4 / 10; among all items 1, 10, 11 and 501, so 2 / 4 / 10."""
    named: dict[str, Any] = {"metrics": ("NDCG", "P")}
    assert heads(render(RECORDS, **named))[:3] == ["recommender", "NDCG@10", "P@10"]
    assert re.search(r"^ease:reg=500 +\.6577 ±.751 +\.0750 ±.080 ", render(RECORDS, **named), re.MULTILINE)
    assert to_frame(RECORDS, **named).loc["ease:reg=500", "P@10"] == pytest.approx(0.075)
    row = next(csv.DictReader(io.StringIO(render(RECORDS, "csv", **named))))
    assert float(row["full_P@10"]) == pytest.approx(0.05)
    assert {"expected_P@10", "P@10_low", "full_P@10_high"} <= set(row)
    assert json.loads(render(RECORDS, "json", **named))["rows"][0]["P@10"] == pytest.approx(0.075)
    shown = main_table(summarise(RECORDS, (10, 5), **named), {})
    column = [one["id"] for one in shown.data["columns"]].index("P@5")
    assert shown.data["rows"][0]["cells"][column][0] == 0.15
    assert shown.lines[0].cells[column].text == ".1500"
    assert "P@k is 1 / k for a rank up to k" in to_frame(RECORDS, **named).attrs["notes"]["Metrics"]
    assert compare_rows(RECORDS, "ease:reg=500", "bpr", "P").slices[0].ours == pytest.approx(0.075)
    assert r"% P:" in bibtex_text([EASE, *BPR, ALS], **named)
    with pytest.raises(SystemExit):
        main(["table", "--help"])
    assert f"some of {', '.join(METRICS)}," in " ".join(capsys.readouterr().out.split())
    proofs = {proof.what: proof for proof in prove(Data("synthetic:60x150x900"), tmp_path)}
    assert proofs["constant P@10"].found == pytest.approx(1 / 101)
    assert proofs["oracle P@10"].found == pytest.approx(0.1)
    assert all(proof.holds for proof in proofs.values())


@pytest.mark.usefixtures("precision")
def test_a_new_metric_can_be_shown_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = METRICS["P"]
    entry = at_cutoff("P", lambda _rank, k: 1 / k, plain.explanation, by_default=True)
    monkeypatch.setitem(METRICS, "P", entry)
    assert heads(render(RECORDS))[:4] == ["recommender", "NDCG@10", "HR@10", "P@10"]
    assert "Metrics" not in to_frame(RECORDS).attrs["notes"]


def test_a_metric_without_exact_expectation_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METRICS, "MRR", replace(METRICS["MRR"], expected=None))
    text = render([EASE], views=("sampled", "expected", "full"), metrics=("MRR",))
    assert "; no exact mean of MRR is known. Sampled" in " ".join(text.split())
    assert re.search(r"^ease:reg=500 +\.6250 ±\S+ +- +\.2750 ", text, re.MULTILINE)
    with pytest.raises(ProtocolError, match="no expected view: no exact expectation of MRR over draws is known"):
        compare_rows([EASE, record("a", [1] * 4, full=[1] * 4)], "ease:reg=500", "a", "MRR", "expected")


def test_every_reference_of_a_metric_is_an_entry_of_the_bibliography() -> None:
    text = bibtex_text(metrics=tuple(METRICS))
    for metric in METRICS.values():
        line = rf"^% {metric.name}: +\\cite{{{metric.reference}}}$"
        assert bool(re.search(line, text, re.MULTILINE)) == (metric.reference is not None)
