"""The script of `make gpu`, on the processor and at a tiny size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import throughput
import torch
from jobs_here import jobs_here
from nvidia_ncf import NvidiaNCF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def in_this_process() -> Iterator[None]:
    with jobs_here():
        yield


TINY = ["--dataset", "synthetic:60x200x900", "--device", "cpu", "--precision", "float32"]
NEUMF = "neumf:epochs=3,embedding_size=4,n_negatives=4"
NVIDIAS = "nvidia_ncf:epochs=2,n_negatives=4,factors=4,layers=8-4"


def test_the_page_has_the_speed_of_each_epoch_but_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = []
    page = throughput.page
    monkeypatch.setattr(throughput, "page", lambda records: pages.extend(records) or page(records))
    asked = ["--recommender", NEUMF, "--recommender", NVIDIAS]
    assert throughput.main([*TINY, *asked, "--out", str(tmp_path / "gpu.md")]) == 0
    record, other = pages
    text = (tmp_path / "gpu.md").read_text()
    # 900 interactions, of which each of 60 users holds one out: five examples for each of the others.
    assert throughput.examples_of(record) == 5 * (900 - 60)
    second = record.curve[1].seconds - record.curve[0].seconds
    assert f"| neumf | 2 | {4200 / second / 1e6:.2f} M |" in text
    assert text.count("| neumf | ") == 2
    assert text.count("| nvidia_ncf | ") == 1
    assert other.recommender.parameters["dropout"] == 0.5
    assert "- Device: the processor (" in text


def test_without_a_device_it_writes_nothing_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert throughput.main([*TINY, "--recommender", "nobody", "--out", str(tmp_path / "gpu.md")]) == 2
    assert "throughput: no recommender is called 'nobody'" in capsys.readouterr().err
    assert not (tmp_path / "gpu.md").exists()


def test_nvidias_network_has_the_published_sizes() -> None:
    """The counts of its README's settings: 64 factors, layers 256 256 128 64, on MovieLens-20M."""
    with torch.device("meta"):
        made = NvidiaNCF(138493, 26744)
    sizes = {name: tuple(one.shape) for name, one in made.named_parameters() if one.dim() == 2}
    assert sizes == {
        "users.weight": (138493, 64),
        "items.weight": (26744, 64),
        "own_users.weight": (138493, 128),
        "own_items.weight": (26744, 128),
        "tower.0.weight": (256, 256),
        "tower.3.weight": (128, 256),
        "tower.6.weight": (64, 128),
        "output.weight": (1, 128),
    }
