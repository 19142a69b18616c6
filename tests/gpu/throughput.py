"""How many examples a second `torch.neumf` learns from at the size of MovieLens-20M: `make gpu` writes the page.

It is an ordinary run of recbench on synthetic data of that size, so the figures are those of the record. An example is
a pair of a user and an item: an interaction or one of its negatives.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import bench
from bench.tables.devices import device_text
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.records.record import Record

DATASET = "synthetic:138493x26744x20000000"
RECOMMENDER = "torch.neumf:embedding_size=64,layers=256-256-128-64,batch_size=1048576,n_negatives=4,reg=0,epochs=4"
ANCHOR = 34e6
"""Examples a second of NVIDIA's published NCF on one A100."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the page or print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default=DATASET)
    parser.add_argument("--recommender", default=RECOMMENDER)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--precision", default="bf16")
    parser.add_argument("--out", type=Path, help="the page (default: print it)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = bench.run(
                given.dataset,
                given.recommender,
                device=given.device,
                precision=given.precision,
                out=folder,
                timeout=400,
            )
        except RecbenchError as error:
            print(f"throughput: {error}", file=sys.stderr)
            return 2
        (record,) = found.records
    if record.failure is not None:
        print(f"throughput: {record.failure.message}", file=sys.stderr)
        return 1
    text = page(record)
    if given.out is None:
        print(text, end="")
    else:
        given.out.write_text(text, encoding="utf-8")
    return 0


def examples_of(record: Record) -> int:
    """Return the examples of an epoch: each training interaction with its negatives."""
    return record.task.facts.n_train * (1 + int(record.recommender.parameters["n_negatives"]))


def speeds(record: Record) -> list[float]:
    """Return the examples a second of each epoch but the first one, which also makes the module and warms up."""
    seconds = [later.seconds - one.seconds for one, later in pairwise(record.curve)]
    return [examples_of(record) / took for took in seconds]


def page(record: Record) -> str:
    """Return the page, in Markdown."""
    found = speeds(record)
    where = device_text(record.device) if record.device else f"the processor ({record.environment.cpu})"
    parameters = ", ".join(f"{name} {value}" for name, value in record.recommender.parameters.items())
    versions = ", ".join(f"{name} {number}" for name, number in record.environment.versions.items())
    peak = record.device_use.peak_mib if record.device_use else None
    lines = [
        "# Training on a GPU",
        "",
        "`make gpu` writes this page. It trains on synthetic data of MovieLens-20M's size, as `recbench run` does; an",
        "example is a pair of a user and an item, an interaction or one of its negatives, which are drawn anew in each",
        "epoch. The first epoch is left out: it also makes the module.",
        "",
        f"- Data: {record.task.dataset}, {record.task.facts.n_train:,} training interactions",
        f"- Recommender: {record.recommender.name} ({parameters})",
        f"- Device: {where}",
        f"- Versions: {versions}; commit {record.environment.commit}",
        *([] if peak is None else [f"- Peak of the device's memory: {peak:,.0f} MiB"]),
        "",
        "| epoch | examples a second |",
        "|---|---|",
        *(f"| {epoch} | {speed / 1e6:.2f} M |" for epoch, speed in enumerate(found, start=2)),
        "",
        f"The fastest epoch learns from {max(found) / 1e6:.2f} M examples a second. NVIDIA publishes",
        f"{ANCHOR / 1e6:.0f} M for its NCF on one A100, whose perceptron has vectors of 128 values.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
