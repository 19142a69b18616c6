"""Registered files are read as their rows say and held to their facts; data without times are never ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from grouplens import DATA, in_place_of, put
from msgspec import structs

from protocol.data.loading import load_dataset
from protocol.data.registered import REGISTERED
from protocol.errors import DatasetError, ProtocolError
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from pathlib import Path

    from protocol.data.dataset import Dataset

TINY = {
    "lastfm-2k": b"userID\tartistID\tweight\n2\t51\t13883\n2\t52\t11690\n3\t51\t4\n",
    "filmtrust": b"1 1 2\n1 2 4\n2 1 3.5\n2 1 4\n",
    "amazon-beauty": b"1 5 7 6\n2 7 5\n",
    "amazon-grocery": b"user_id\titem_id\ttime\n4\t18\t1068249600\n4\t3\t965779200\n5\t3\t1068249600\n",
}


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a small file in place of each new dataset's own, and return the folder of all."""
    rows: dict[str, dict[str, Any]] = {
        "filmtrust": {"n_rows": 4},
        "amazon-beauty": {"n_items": 3, "n_interactions": 5},
    }
    for name, content in TINY.items():
        monkeypatch.setitem(REGISTERED, name, in_place_of(REGISTERED[name], content, **rows.get(name, {})))
        put(tmp_path / REGISTERED[name].file, content)
    monkeypatch.delenv("RECBENCH_DATA", raising=False)
    return tmp_path


def triples(dataset: Dataset) -> list[tuple[int, int, int]]:
    own = dataset.interactions
    users, items = dataset.user_ids[own.users], dataset.item_ids[own.items]
    return list(zip(users.tolist(), items.tolist(), own.timestamps.tolist(), strict=True))


def test_each_new_form_is_read(tiny: Path) -> None:
    found = {name: load_dataset(name, data_dir=tiny) for name in TINY if name != "filmtrust"}
    assert {name: (triples(dataset), dataset.times) for name, dataset in found.items()} == {
        "lastfm-2k": ([(2, 51, 0), (2, 52, 0), (3, 51, 0)], "none"),
        "amazon-beauty": ([(1, 5, 1), (1, 7, 2), (1, 6, 3), (2, 7, 1), (2, 5, 2)], "order"),
        "amazon-grocery": ([(4, 3, 965779200), (4, 18, 1068249600), (5, 3, 1068249600)], "clock"),
    }


def test_a_repeated_pair_is_a_fact_and_a_rating_can_be_asked_for(tiny: Path) -> None:
    dataset = load_dataset("filmtrust", data_dir=tiny)
    assert (triples(dataset), dataset.n_duplicates) == ([(1, 1, 0), (1, 2, 0), (2, 1, 0)], 1)
    liked = load_dataset("filmtrust", data_dir=tiny, min_rating=3.5)
    assert triples(liked) == [(1, 2, 0), (2, 1, 0)]
    assert liked.times == "none"


@pytest.mark.parametrize("name", ["lastfm-2k", "amazon-grocery", "amazon-beauty"])
def test_a_minimum_of_what_is_no_rating_is_refused(name: str, tiny: Path) -> None:
    with pytest.raises(DatasetError, match=f"{name} has no ratings, so that --min-rating has nothing to compare"):
        load_dataset(name, data_dir=tiny, min_rating=3)


@pytest.mark.parametrize(
    ("fact", "wrong", "message"),
    [
        ("n_users", 3, r"its file has 2 users \(expected 3\)"),
        ("n_items", 1, r"its file has 2 items \(expected 1\)"),
        ("n_interactions", 4, r"its file has 3 rows \(expected 4\)"),
        ("n_rows", 4, r"its file has 3 rows \(expected 4\)"),
    ],
)
@pytest.mark.parametrize("min_rating", [None, 1])
def test_a_load_is_held_to_every_fact(
    fact: str, wrong: int, message: str, min_rating: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where some rows are left out by their ratings, the whole file is counted."""
    known = structs.replace(in_place_of(REGISTERED["ml-100k"]), **{fact: wrong})
    monkeypatch.setitem(REGISTERED, "ml-100k", known)
    put(tmp_path / "u.data", DATA)
    with pytest.raises(DatasetError, match=f"ml-100k: {message}, although its checksum is right"):
        load_dataset("ml-100k", data_dir=tmp_path, min_rating=min_rating)


def test_pairs_are_a_fact_apart_from_rows(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGISTERED, "filmtrust", structs.replace(REGISTERED["filmtrust"], n_interactions=4))
    with pytest.raises(DatasetError, match=r"its file has 3 interactions \(expected 4\)"):
        load_dataset("filmtrust", data_dir=tiny)


@pytest.mark.parametrize("split", ["last", "time", "time:0.5"])
@pytest.mark.parametrize("name", ["lastfm-2k", "filmtrust"])
def test_without_times_nothing_is_the_latest(name: str, split: str, tiny: Path) -> None:
    with pytest.raises(ProtocolError, match=rf"{name} has no times, .* --split random:0"):
        build_task(load_dataset(name, data_dir=tiny), split=split)


def test_its_note_says_that_the_order_is_unknown(tiny: Path) -> None:
    (note,) = load_dataset("lastfm-2k", data_dir=tiny).notes
    assert note.startswith("the data have no times")
    restricted = load_dataset("lastfm-2k", data_dir=tiny, core=1)
    assert restricted.times == "none"


def test_positions_are_no_clock_even_where_a_pair_is_repeated(tiny: Path) -> None:
    """The repeated pair leaves a gap in the positions, which then look like times."""
    with pytest.raises(ProtocolError, match="a global time split needs times of one clock"):
        build_task(load_dataset("amazon-beauty", data_dir=tiny), split="time")
    path = put(tiny / "gap.txt", b"1 5 5 6 7\n2 7 5 6\n")
    with pytest.raises(ProtocolError, match="a global time split needs times of one clock"):
        build_task(load_dataset(f"sequences:{path}"), split="time")


def test_a_folder_below_the_named_one_is_looked_into(tiny: Path, tmp_path: Path) -> None:
    moved = tmp_path / "other" / "sets" / REGISTERED["lastfm-2k"].file
    put(moved, TINY["lastfm-2k"])
    assert len(load_dataset("lastfm-2k", data_dir=tmp_path / "other").interactions) == 3


@pytest.mark.parametrize("name", list(TINY))
def test_what_to_get_by_hand_and_under_which_name(
    name: str, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = REGISTERED[name]
    sources = tuple(
        structs.replace(one, url=f"http://127.0.0.1:1/{one.url.rpartition('/')[2]}") for one in known.sources
    )
    monkeypatch.setitem(REGISTERED, name, structs.replace(known, sources=sources))
    monkeypatch.setenv("RECBENCH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(DatasetError) as error:
        load_dataset(name)
    *tried, advice = str(error.value).splitlines()
    assert [line.strip().partition(":")[0] for line in tried[3:]] == [one.place for one in known.sources]
    taken = "put user_artists.dat out of it, as" if name == "lastfm-2k" else "put it, as"
    assert f"Get {sources[0].url} by hand, {taken} {known.file}, into a folder" in advice


@pytest.mark.realdata
@pytest.mark.parametrize("name", list(TINY))
def test_the_files_themselves(name: str, real_data: Path) -> None:
    if not (real_data / "sets" / REGISTERED[name].file).is_file():
        pytest.skip("RECBENCH_DATA has no sets/ with the files of the registered datasets")
    dataset = load_dataset(name, data_dir=real_data)
    digests = {
        "lastfm-2k": "90f217f7cac8", "filmtrust": "268ba4e4ad55", "amazon-beauty": "87d5aa8f1a37",
        "amazon-grocery": "171fceb3eaad",
    }  # fmt: skip
    assert dataset.digest.startswith(digests[name])
