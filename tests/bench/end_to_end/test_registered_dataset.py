"""One entry registers a dataset: it is listed, loaded by its checksum, exported with its terms, and cited."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hand_made import record, task
from msgspec import structs

import bench
from bench.catalogue.datasets import dataset_rows
from bench.citations import bibtex_text, references
from bench.cli.main import main
from bench.exchange.exporting import terms_of
from protocol.data.loading import load_dataset
from protocol.data.registered import REGISTERED, Collection, RegisteredDataset, Source
from protocol.errors import DatasetError, RecbenchWarning

if TYPE_CHECKING:
    from pathlib import Path

ROWS = b"who,what,when\n" + b"".join(b"u%d,i%d,%d\n" % (n % 4, n, n) for n in range(24))

SHOP = RegisteredDataset(
    name="tiny-shop",
    collection=Collection("Tiny Shop", "Tiny Publisher", "Tiny licence", citations=("koren2009matrix",)),
    n_users=4,
    n_items=24,
    n_interactions=24,
    sources=(Source(place="Tiny Publisher", url="https://127.0.0.1:1/tiny-shop.zip", member="tiny-shop/events.csv"),),
    file="events.csv",
    size=len(ROWS),
    sha256=hashlib.sha256(ROWS).hexdigest(),
    columns={"user": "who", "item": "what", "timestamp": "when"},
)


@pytest.fixture(autouse=True)
def shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Register the dataset, and return a folder with its file."""
    monkeypatch.setitem(REGISTERED, SHOP.name, SHOP)
    monkeypatch.setenv("RECBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RECBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "events.csv").write_bytes(ROWS)
    return tmp_path / "data"


def test_it_is_listed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = (row for row in dataset_rows() if row["name"] == "tiny-shop")
    assert (row["users"], row["items"], row["interactions"], row["terms"]) == (4, 24, 24, "Tiny licence")
    assert row["path"] == str(shop / "events.csv")
    assert main(["datasets"]) == 0
    shown = capsys.readouterr().out
    assert "tiny-shop" in shown
    assert "Tiny licence" in shown


def test_it_is_loaded_from_a_local_file_with_its_checksum(shop: Path) -> None:
    dataset = load_dataset("tiny-shop")
    assert (dataset.name, dataset.user_ids.tolist(), len(dataset.interactions)) == (
        "tiny-shop", ["u0", "u1", "u2", "u3"], 24,
    )  # fmt: skip


def test_another_file_of_that_name_is_refused(shop: Path) -> None:
    (shop / "events.csv").write_bytes(ROWS + b"u0,i0,99\n")
    with pytest.raises(DatasetError, match=r"(?s)events\.csv is damaged: .*  Tiny Publisher: https://127"):
        load_dataset("tiny-shop")


def test_it_is_exported_with_its_terms(tmp_path: Path) -> None:
    with pytest.warns(RecbenchWarning, match=r"Tiny Shop data may not be passed on \(Tiny licence\)"):
        bench.export("trec", tmp_path / "out", "tiny-shop", negatives=2)


def test_terms_that_allow_copies_are_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    free = structs.replace(SHOP, collection=structs.replace(SHOP.collection, may_be_passed_on=True))
    monkeypatch.setitem(REGISTERED, SHOP.name, free)
    dataset = load_dataset("tiny-shop")
    assert terms_of(dataset) == ("Tiny Shop data come with terms (Tiny licence): name them where you pass the files on")
    assert terms_of(replace(dataset, name="tiny-shop.csv")) is None


def test_it_is_cited_and_a_copy_of_a_similar_name_is_not() -> None:
    def cited(name: str) -> str:
        text = bibtex_text([record("ease", [0, 1, 2, 3], of=task(dataset=name))])
        return next(line for line in text.splitlines() if line.startswith(f"% {name}:"))

    assert cited("tiny-shop").endswith(r"\cite{koren2009matrix}")
    assert cited("ml-mine.csv").endswith("recbench does not know its source; cite it")


def test_the_papers_of_every_registered_dataset_are_known() -> None:
    for dataset in REGISTERED.values():
        assert dataset.citations
        assert set(dataset.citations) <= set(references())
