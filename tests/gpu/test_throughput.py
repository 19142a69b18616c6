"""The script of `make gpu`, on the processor and at a tiny size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import throughput
from jobs_here import jobs_here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def in_this_process() -> Iterator[None]:
    with jobs_here():
        yield


TINY = ["--dataset", "synthetic:60x200x900", "--device", "cpu", "--precision", "float32"]
NEUMF = "neumf:epochs=3,embedding_size=4,n_negatives=4"


def test_the_page_has_the_speed_of_each_epoch_but_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = []
    page = throughput.page
    monkeypatch.setattr(throughput, "page", lambda record: pages.append(record) or page(record))
    assert throughput.main([*TINY, "--recommender", NEUMF, "--out", str(tmp_path / "gpu.md")]) == 0
    (record,) = pages
    text = (tmp_path / "gpu.md").read_text()
    # 900 interactions, of which each of 60 users holds one out: five examples for each of the others.
    assert throughput.examples_of(record) == 5 * (900 - 60)
    second = record.curve[1].seconds - record.curve[0].seconds
    assert f"| 2 | {4200 / second / 1e6:.2f} M |" in text
    assert text.count(" M |") == 2
    assert "- Device: the processor (" in text


def test_without_a_device_it_writes_nothing_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert throughput.main([*TINY, "--recommender", "nobody", "--out", str(tmp_path / "gpu.md")]) == 2
    assert "throughput: no recommender is called 'nobody'" in capsys.readouterr().err
    assert not (tmp_path / "gpu.md").exists()
