"""The commands that make a table again: one where one is enough, and all that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hand_made import EASE, FACTS, RECORDS, record, task

from bench.analysis.summary import summarise
from bench.cli.main import make_parser
from bench.tables.notes import notes_of
from bench.tables.remaking import remaking_of

if TYPE_CHECKING:
    from bench.records.store import Record

pytestmark = pytest.mark.usefixtures("few_users")

PLAIN = {**FACTS, "notes": []}


def made(label: str, *, of: dict[str, Any] | None = None, seed: int = 0, **changes: Any) -> Record:
    """Return a record with some parts of its document, or of its recommender, changed."""
    found = record(label, [0] * 4, seed=seed, of=of or task(facts=PLAIN))
    for name, value in changes.items():
        (found.document["recommender"] if name in found.document["recommender"] else found.document)[name] = value
    return found


def commands(*records: Record) -> list[str]:
    return list(remaking_of(summarise(records)).commands)


def notes(*records: Record) -> str:
    return " ".join(remaking_of(summarise(records)).notes)


def test_one_command_says_how_it_was() -> None:
    facts = {**PLAIN, "n_negatives": 0, "cut_time": 9, "n_unused": 0, "n_silent_users": 0, "n_new_users": 0}
    parts = {**task()["parts"], "split": "time:0.8", "protocol_seed": "3"}
    of = task(facts={**facts, "n_new_items": 0}, parts=parts, dataset="my data/$(rm).csv")
    assert commands(*(made("b:reg=1", seed=seed, of=of) for seed in (0, 2))) == [
        "recbench run --dataset 'my data/$(rm).csv' --split time:0.8 --negatives 0 --protocol-seed 3 --seeds 0,2 "
        "--threads 2 -r b:reg=1 --out again"
    ]
    both = commands(*RECORDS)
    assert both == [
        "recbench run --dataset ml-100k --seeds 0,1 --threads 2 -r bpr -r ease:reg=500 --out again",
        "recbench run --dataset ml-100k --threads 2 -r als --out again",
    ], "als failed, and was run with one seed"
    read = make_parser().parse_args(both[0].split()[1:])
    assert (read.dataset, read.seeds) == (["ml-100k"], (0, 1))


def test_several_seeds_in_a_row_are_a_range() -> None:
    (command,) = commands(*(made("bpr", seed=seed) for seed in range(5)))
    assert " --seeds 0-4 " in command


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"origin": "file", "reference": "my model.py:Mine"}, "--plugin 'my model.py:Mine'"),
        ({"origin": "file", "reference": "program.toml:Program"}, "--plugin program.toml "),
        ({"origin": "module lab.mine", "reference": "lab.mine:Mine"}, "--plugin lab.mine:Mine"),
        ({"display_name": "Our model"}, "--label 'mine=Our model'"),
        ({"iterative": True, "patience": 5}, "--patience 5"),
        ({"options": {"--timeout": "60", "--memory": "4GiB"}}, "--memory 4GiB --timeout 60"),
        ({"options": {"--min-rating": "4", "--columns": "user=who,item=what"}}, "--min-rating 4"),
        ({"device": {"kind": "cuda", "precision": "bf16"}}, "--device cuda --precision bf16"),
    ],
)
def test_what_a_row_had_is_asked_for(changes: dict[str, Any], word: str) -> None:
    found = made("mine")
    for name, value in changes.items():
        of = found.document if name in ("patience", "options", "device") else found.document["recommender"]
        of[name] = value
    (command,) = commands(found)
    assert word in command


def test_rows_with_other_options_have_a_command_of_their_own_into_one_folder() -> None:
    """What cannot change a row does not matter: seeds of a deterministic one, patience of one without epochs."""
    slow = [made("slow", seed=seed, options={"--timeout": "7200"}) for seed in (0, 1)]
    quick = [made("quick", seed=seed) for seed in (0, 1)]
    fixed = made("fixed", deterministic=True)
    assert commands(*slow, *quick, fixed) == [
        "recbench run --dataset ml-100k --seeds 0,1 --threads 2 -r fixed -r quick --out again",
        "recbench run --dataset ml-100k --seeds 0,1 --threads 2 --timeout 7200 -r slow --out again",
    ]
    learns = made("learns", seed=1, iterative=True, patience=3)
    assert len(commands(learns, made("still", seed=1))) == 1
    assert len(commands(learns, made("whole", seed=1, iterative=True))) == 2


def test_notes_say_what_is_needed() -> None:
    of = task(dataset="ratings.csv", facts=PLAIN)
    plugin = made("mine", of=of, origin="file", reference="mine.py:Mine")
    assert notes(plugin) == "Run it where mine.py and ratings.csv are."
    assert notes(made("theirs", origin="their-package 1.0")) == "It needs their-package 1.0, installed or on the path."
    assert notes(made("a", of=task(dataset="ncf:ml-1m", facts=PLAIN))) == "Run it where ml-1m.* is."
    frame = task(dataset="clicks", facts={**PLAIN, "reading": {"form": "DataFrame"}})
    assert notes(made("a", of=frame)) == "The data were a DataFrame called clicks: write it to a file of that name."
    assert notes(made("a")) == notes(EASE, made("a")) == ""


def test_filters_that_old_records_do_not_tell_as_options_are_a_note() -> None:
    of = task(facts={**FACTS, "notes": ["minimum rating 4: 17,480 lower ratings left out"]})
    assert "with --min-rating or --core: minimum rating 4: 17,480 lower ratings left out." in notes(made("a", of=of))
    assert notes(made("a", of=of, options={"--min-rating": "4"})) == ""
    dropped = task(facts={**PLAIN, "n_dropped_users": 1})
    assert "--short-users drop" in commands(made("a", of=dropped))[0]


def test_rows_of_other_programs_and_searches_have_no_command() -> None:
    other = made("other", origin="external")
    found = remaking_of(summarise([other]))
    assert (found.commands, len(found.notes)) == ((), 1)
    assert "`recbench score` ranks them again" in found.notes[0]
    parts = {**task()["parts"], "purpose": "validation"}
    searched = made("a", of=task(purpose="validation", parts=parts, facts=PLAIN))
    assert remaking_of(summarise([searched])).commands == ()


def test_the_table_has_it_as_a_note() -> None:
    (text,) = [text for keyword, text in notes_of(summarise([made("a")])) if keyword == "Again"]
    assert text == "recbench run --dataset ml-100k --threads 2 -r a --out again"
