"""Is the table the same wherever the jobs run? Runs the default suite here and at a place, and compares every rank.

::

    python results/scale/same_table.py --on slurm:partition=main
    python results/scale/same_table.py --on dask:tcp://10.0.0.1:8786 --dataset ml-100k

It says how many rows are the same to the last digit; the exit code is 1 if one is not.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import bench

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.records.record import Record


def differences(here: Sequence[Record], there: Sequence[Record]) -> Iterator[str]:
    """Yield what differs between the rows of two runs of the same jobs."""
    for one, other in zip(here, there, strict=True):
        name = f"{one.recommender.label}, seed {one.seed}"
        for record, place in ((one, "here"), (other, "there")):
            if record.failure is not None:
                yield f"{name}: failed {place}: {record.failure.message}"
        for what in ("ranks", "full_ranks"):
            ours, theirs = getattr(one, what), getattr(other, what)
            if (ours is None) != (theirs is None):
                yield f"{name}: {what} are missing on one side"
            elif ours is not None and not all(
                np.array_equal(getattr(ours, part), getattr(theirs, part))
                for part in ("n_better", "n_tied", "n_rivals")
            ):
                yield f"{name}: {what} differ"
        if not np.array_equal(_lists(one), _lists(other)):
            yield f"{name}: lists of best items differ"


def _lists(record: Record) -> Any:
    return np.empty(0) if record.top_items is None else record.top_items


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, compare, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", required=True, help="the place, as for `recbench run`")
    parser.add_argument("--dataset", default="synthetic")
    parser.add_argument("-r", action="append", dest="recommenders", help="by default the whole default suite")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    # In the current folder: a cluster shares it, and may not share the temporary one.
    with tempfile.TemporaryDirectory(prefix="same-table-", dir=Path.cwd()) as folder:
        here, there = (
            bench.run(
                options.dataset,
                options.recommenders,
                seeds=options.seeds,
                threads=options.threads,
                out=Path(folder, name),
                on=on,
            ).records
            for name, on in (("here", None), ("there", options.on))
        )
        found = list(differences(here, there))
    verdict = "NOT the same" if found else "the same to the last digit"
    print("\n".join([*found, f"{len(here)} rows, here and on {options.on}: {verdict}"]))
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
