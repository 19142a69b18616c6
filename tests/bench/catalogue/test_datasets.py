"""The list of datasets fits a terminal, and one dataset is shown with all that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import bench
from bench.catalogue.datasets import WIDTH, dataset_card, dataset_text
from bench.citations import references
from bench.cli.main import main
from protocol.data.registered import REGISTERED
from protocol.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECBENCH_CACHE", str(tmp_path))
    monkeypatch.delenv("RECBENCH_DATA", raising=False)


def test_the_list_has_every_dataset_in_80_columns() -> None:
    text = dataset_text()
    assert max(map(len, text.splitlines())) <= WIDTH
    table, _, rest = text.partition("\nTerms\n")
    rows = {line.split()[0]: line.split() for line in table.splitlines()[2:] if line}
    assert list(rows) == [*REGISTERED, "synthetic"]
    assert rows["filmtrust"] == ["filmtrust", "1,508", "2,071", "35,494", "none", "to", "be", "fetched"]
    assert all(known.collection.terms in " ".join(rest.split()) for known in REGISTERED.values())


@pytest.mark.parametrize("name", list(REGISTERED))
def test_one_dataset_is_shown_with_facts_licence_sources_and_citation(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["datasets", name]) == 0
    text, known = capsys.readouterr().out, REGISTERED[name]
    words = " ".join(text.split())
    for wanted in (
        f"users {known.n_users:,} items {known.n_items:,} interactions {known.n_interactions:,}",
        f"licence {known.collection.terms}",
        f"SHA-256 {known.sha256}",
        "where to be fetched",
        known.remark,
        *(source.url or source.package for source in known.sources),
    ):
        assert wanted in words
    assert all(references()[key] in text for key in known.citations)
    too_long = [line for line in text.partition("\n@")[0].splitlines() if len(line) > WIDTH]
    assert all(line.strip().startswith("https://") for line in too_long)


def test_repeated_pairs_and_missing_times_are_said() -> None:
    words = " ".join(dataset_card("filmtrust", references()).split())
    assert "interactions 35,494 (35,497 rows; the others repeat a pair)" in words
    assert "times none; --split last and --split time are refused" in words
    assert "ratings none; --min-rating is refused" in " ".join(dataset_card("lastfm-2k", references()).split())


@pytest.mark.parametrize(
    ("name", "hint"), [("LASTFM2k", "did you mean lastfm-2k?"), ("x/y.csv", "known names: ml-100k,")]
)
def test_an_unknown_name_is_bad_input(name: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets", name]) == 2
    message = capsys.readouterr().err
    assert f"there is no dataset called '{name}' in the registry; {hint}" in message
    assert message.count("\n") == 1


def test_the_frame_has_the_rest_of_a_row() -> None:
    frame = bench.datasets()
    assert list(frame.index) == list(REGISTERED)
    assert frame.loc["amazon-beauty", ["times", "bytes"]].tolist() == ["order", 1_090_094]
    assert not frame.loc["lastfm-2k", "ratings"]
    assert list(bench.datasets("filmtrust").index) == ["filmtrust"]
    with pytest.raises(DatasetError, match="did you mean filmtrust"):
        bench.datasets("filmtrst")
    assert frame.loc["amazon-beauty", "citations"] == "mcauley2015image zhou2020s3rec"
