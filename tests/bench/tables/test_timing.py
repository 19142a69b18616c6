"""Times that cannot be compared have letters in every format; where all can, nothing is added."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import TIMEOUT, record, task
from studies import dataset_of
from timed_on import EQUAL, UNEQUAL, USAGE, on, timed

from bench.analysis.head_to_head import compare_rows
from bench.names import FORMATS, LONG_CSV
from bench.studies.columns import DatasetRecords, Figure
from bench.studies.comparison import compare_over_datasets
from bench.tables import head_to_head, over_splits, study
from bench.tables.results import render, to_frame

if TYPE_CHECKING:
    from bench.records.record import Record
    from bench.studies.comparison import StudyComparison

NDCG = Figure("NDCG", 10, "sampled")
IN_WORDS = {
    "terminal": ("1.00 a", "1.00 b"),
    "github": ("1.00 a", "1.00 b"),
    "latex": (r"1.00 {\scriptsize a}", r"1.00 {\scriptsize b}"),
    "html-fragment": ("<td>1.00 a</td>", "<td>1.00 b</td>"),
}


def lines_of(text: str) -> dict[str, dict[str, str]]:
    return {line["recommender"]: line for line in csv.DictReader(io.StringIO(text))}


@pytest.mark.parametrize("form", IN_WORDS)
@pytest.mark.parametrize("kind", UNEQUAL)
def test_every_format_in_words_marks_the_figures_and_says_why(kind: str, form: Any) -> None:
    text = render([timed("bpr"), UNEQUAL[kind][0]()], form)
    assert all(figure in text for figure in IN_WORDS[form])
    assert "cannot be compared: a (" in " ".join(text.split())


def test_every_time_is_marked_and_nothing_else() -> None:
    text = render([timed("bpr"), timed("als", cores=4)], "github")
    (row,) = [line for line in text.splitlines() if line.startswith("| als")]
    cells = [cell.strip() for cell in row.split("|")[2:-1]]
    heads = [
        head.strip() for head in next(line for line in text.splitlines() if "recommender" in line).split("|")[2:-1]
    ]
    marked = [head for head, cell in zip(heads, cells, strict=True) if cell.endswith(" a")]
    assert marked == ["select s", "build s", "fit s", "cpu s", "score µs/user"]


def test_files_and_frames_have_a_column() -> None:
    records = [timed("bpr"), timed("als", cores=4, at_once=3), record("mf", [], failure=TIMEOUT)]
    lines = lines_of(render(records, "csv"))
    assert {name: (line["timing"], line["at_once"]) for name, line in lines.items()} == {
        "als": ("a", "3"),
        "bpr": ("b", "1"),
        "mf": ("", ""),
    }
    document = json.loads(render(records, "json"))
    assert [(row["recommender"], row["timing"], row["at_once"]) for row in document["rows"]] == [
        ("als", "a", 3),
        ("bpr", "b", 1),
        ("mf", None, None),
    ]
    assert [(each["letter"], each["cores"], each["at_once"]) for each in document["timing"]] == [
        ("a", 4, 3),
        ("b", 2, 1),
    ]
    assert to_frame(records)["timing"].tolist()[:2] == ["a", "b"]
    assert "als" in to_frame(records).attrs["notes"]["Timing"]


def test_shared_times_of_one_machine_are_marked_and_noted() -> None:
    records = [timed("bpr", at_once=4), timed("als", at_once=4)]
    text = render(records)
    assert text.count("(times shared)") == 2
    assert "1.00 a" not in text, "they can be compared with each other"
    assert "Shared" in text
    assert {line["at_once"] for line in lines_of(render(records, "csv")).values()} == {"4"}
    assert "timing" not in json.loads(render(records, "json"))


def test_a_job_that_stood_still_has_a_letter_of_its_own() -> None:
    records = [timed("bpr"), timed("als", standstill=25.3), timed("mf", standstill=60.0)]
    assert {line["timing"] for line in lines_of(render(records, "csv")).values()} == {"a", "b", "c"}
    text = " ".join(render(records).split())
    assert all(words in text for words in ("stood still for 25.3 s", "stood still for 60.0 s", "never stood still"))


def test_where_it_is_not_known_what_ran_beside_a_job_it_is_said() -> None:
    alike = [timed("bpr", at_once=0), timed("als", at_once=0)]
    text = " ".join(render(alike).split())
    assert "Neighbours how many jobs a machine ran at the same time is not known" in text
    assert "(times shared)" not in text
    assert "1.00 a" not in text
    mixed = [timed("bpr", at_once=0), timed("als", at_once=4), timed("mf", at_once=0, seed=1), timed("mf", at_once=4)]
    lines = lines_of(render(mixed, "csv"))
    assert {name: line["at_once"] for name, line in lines.items()} == {"bpr": "", "als": "4", "mf": ""}


def test_seeds_that_ran_alone_and_beside_others_are_one_row_whose_times_are_marked() -> None:
    records = [timed("bpr", seed=0), timed("bpr", seed=1, at_once=4), timed("als")]
    text = render(records, "github")
    assert "1.00 a+b" in text
    assert "bpr #" not in text


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", EQUAL)
def test_equal_conditions_add_nothing(kind: str, form: Any) -> None:
    text = render([timed("bpr"), EQUAL[kind]()], form)
    assert "1.00 a" not in text
    assert "Timing" not in text
    assert '"timing"' not in text
    assert "at_once" not in text
    assert ",timing," not in text


def over_datasets(at_once: int = 1, **machine: Any) -> StudyComparison:
    """Return two datasets, of which the second has a row that was timed elsewhere."""
    first, second = (dataset_of(name, {"ease": [0] * 12, "als": [2] * 12}) for name in ("one", "two"))
    for made in (*first.records, *second.records):
        on(made).document["usage"] = {**USAGE, "at_once": at_once}
    on(second.records[1], **machine)
    return compare_over_datasets([first, DatasetRecords("two", second.records, second.folder)], NDCG)


def test_a_study_marks_the_figures_of_its_long_form_and_says_why() -> None:
    found = over_datasets(cores=4)
    lines = list(csv.DictReader(io.StringIO(study.render(found, LONG_CSV))))
    assert {(line["recommender"], line["dataset"]): line["timing"] for line in lines} == {
        ("ease", "one"): "a",
        ("als", "one"): "a",
        ("ease", "two"): "a",
        ("als", "two"): "b",
    }
    document = json.loads(study.render(found, "json"))
    assert [each["cores"] for each in document["timing"]] == [2, 4]
    for form in ("terminal", "github", "latex"):
        assert "b (4 cores): als on two." in " ".join(study.render(found, form).split())
    assert study.to_frame(found, is_long=True)["timing"].tolist().count("b") == 1


def test_a_study_names_the_rows_that_shared_a_machine() -> None:
    found = over_datasets(at_once=4)
    text = " ".join(study.render(found).split())
    assert "Shared ease on one, als on one, ease on two and als on two: so many jobs" in text
    assert "Timing" not in text
    assert "at_once" in study.render(found, LONG_CSV).splitlines()[0]
    assert "Neighbours how many jobs" in " ".join(study.render(over_datasets(at_once=0)).split())


def test_a_study_of_one_machine_says_nothing() -> None:
    found = over_datasets()
    for form in ("terminal", "json", LONG_CSV):
        text = study.render(found, form)
        assert not any(word in text for word in ("Timing", "timing", "at_once", "Shared"))


def over_three_splits(**machine: Any) -> list[Record]:
    """Return two rows over three splits; the last record is of another machine."""
    found = []
    for label in ("als", "bpr"):
        for number in range(3):
            split = f"random:{number}"
            parts = task()["parts"] | {"split": split}
            of = task(parts=parts, digest=split.encode().hex().ljust(64, "0"))
            found.append(on(record(label, [0, 1, 2, 3], of=of, deterministic=True)))
    on(found[-1], **machine)
    return found


def test_a_mean_over_splits_that_were_timed_on_two_machines_is_marked() -> None:
    records = over_three_splits(cores=4)
    text = " ".join(over_splits.render(records, "github").split())
    assert "1.00 a |" in text
    assert "1.00 a+b |" in text
    assert "b (4 cores); a+b (means over unequal conditions): bpr." in text
    assert {name: line["timing"] for name, line in lines_of(over_splits.render(records, "csv")).items()} == {
        "als": "a",
        "bpr": "a+b",
    }
    assert [each["letter"] for each in json.loads(over_splits.render(records, "json"))["timing"]] == ["a", "b"]
    assert "iming" not in over_splits.render(over_three_splits(), "json")


def test_compare_says_that_times_cannot_be_compared() -> None:
    found = compare_rows([timed("bpr"), timed("als", at_once=3)], "bpr", "als")
    for form in ("terminal", "github", "latex", "json"):
        text = " ".join(head_to_head.render(found, form).split())
        assert "no times are compared here" in text
        assert "b (3 jobs at once): als." in text
    alike = compare_rows([timed("bpr"), timed("als")], "bpr", "als")
    assert "Timing" not in head_to_head.render(alike)
