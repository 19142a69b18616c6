"""What a job on a cluster of dask costs beyond its own time, and what many queued jobs cost the driver.

::

    python results/scale/dask_overhead.py --jobs 20 --queued 2000

It starts a scheduler and a worker of its own on this machine, and writes ``places.csv``. Jobs of `popularity` run one
after the other, here and there. Before that so many are submitted at once; what counts is how long it takes until the
first one runs, and the memory of the driver.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from at_places import DaskCluster, add_rows, one_by_one, queued

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=20, metavar="N", help="jobs, one after the other (default: 20)")
    parser.add_argument("--queued", type=int, default=2000, metavar="N", help="jobs, submitted at once (default: 2000)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, DaskCluster(Path(name, "dask")) as cluster:
        cluster.wait_for_workers(cluster.add_worker())
        on, folder = f"dask:{cluster.address}", Path(name, "driver")
        folder.mkdir()
        line = queued(on, options.queued, folder)
        here, there = (
            statistics.median(total for total, _ in one_by_one(place, options.jobs, folder)) for place in (None, on)
        )
    add_rows(
        "dask",
        [
            ("a job here", here, "s", options.jobs),
            ("a job there, beyond that", there - here, "s", options.jobs),
            (f"{options.queued:,} jobs at once: until the first one runs", line.seconds, "s", 1),
            (f"{options.queued:,} jobs at once: held by the driver", line.held_mib, "MiB", 1),
        ],
    )


if __name__ == "__main__":
    main()
