"""How many examples a second NCF learns from at the size of MovieLens-20M: `make gpu` writes the page.

`nvidia_ncf` is NVIDIA's network with its published settings; `torch.neumf` is the built-in that is next to it.

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
PLUGIN = Path(__file__).with_name("nvidia_ncf.py")
TRAINED = "batch_size=1048576,n_negatives=4,epochs=4"
RECOMMENDERS = (f"nvidia_ncf:{TRAINED}", f"torch.neumf:embedding_size=128,layers=256-128-64,reg=0,{TRAINED}")
ANCHOR = 34e6
"""Examples a second of NVIDIA's published NCF on one A100."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the page or print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default=DATASET)
    parser.add_argument("--recommender", action="append", help="may be given many times")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--precision", default="bf16")
    parser.add_argument("--out", type=Path, help="the page (default: print it)")
    given = parser.parse_args(arguments)
    recommenders = given.recommender or RECOMMENDERS
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = bench.run(
                given.dataset,
                recommenders,
                plugins=[PLUGIN] if any("nvidia_ncf" in name for name in recommenders) else [],
                device=given.device,
                precision=given.precision,
                out=folder,
                timeout=200,
            )
        except RecbenchError as error:
            print(f"throughput: {error}", file=sys.stderr)
            return 2
        records = found.records
    failures = [record.failure.message for record in records if record.failure is not None]
    if failures:
        print(*(f"throughput: {message}" for message in failures), sep="\n", file=sys.stderr)
        return 1
    text = page(records)
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


def page(records: Sequence[Record]) -> str:
    """Return the page, in Markdown."""
    first = records[0]
    where = device_text(first.device) if first.device else f"the processor ({first.environment.cpu})"
    versions = ", ".join(f"{name} {number}" for name, number in first.environment.versions.items())
    lines = [
        "# Training on a GPU",
        "",
        "`make gpu` writes this page. It trains on synthetic data of MovieLens-20M's size, as `recbench run` does; an",
        "example is a pair of a user and an item, an interaction or one of its negatives, which are drawn anew in each",
        "epoch. The first epoch is left out: it also makes the module.",
        "",
        f"- Data: {first.task.dataset}, {first.task.facts.n_train:,} training interactions",
        f"- Device: {where}",
        f"- Versions: {versions}; commit {first.environment.commit}",
        "",
        "| recommender | epoch | examples a second |",
        "|---|---|---|",
        *(line for record in records for line in _lines(record)),
        "",
        *(_details(record) for record in records),
        "",
        f"NVIDIA publishes {ANCHOR / 1e6:.0f} M examples a second for its NCF on one A100. `nvidia_ncf` is that",
        "network. In `torch.neumf` GMF's vectors are as long as the perceptron's, and nothing is dropped out.",
    ]
    return "\n".join(lines) + "\n"


def _lines(record: Record) -> list[str]:
    found = enumerate(speeds(record), start=2)
    return [f"| {record.recommender.name} | {epoch} | {speed / 1e6:.2f} M |" for epoch, speed in found]


def _details(record: Record) -> str:
    parameters = ", ".join(f"{name} {value}" for name, value in record.recommender.parameters.items())
    peak = record.device_use.peak_mib if record.device_use else None
    memory = "" if peak is None else f"; peak of the device's memory: {peak:,.0f} MiB"
    fastest = max(speeds(record)) / 1e6
    return f"- {record.recommender.name} ({parameters}): {fastest:.2f} M examples a second in its fastest epoch{memory}"


if __name__ == "__main__":
    sys.exit(main())
