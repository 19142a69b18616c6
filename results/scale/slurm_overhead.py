"""What a job on Slurm costs beyond its own time, ours and Slurm's own, and what many queued jobs cost the driver.

::

    python results/scale/slurm_overhead.py --jobs 20 --queued 2000
    python results/scale/slurm_overhead.py --on slurm:partition=main

Without ``--on`` it starts a Slurm of one node on this machine (as root; Debian: slurm-wlm and munge). It writes
``places.csv``. Jobs of `popularity` run one after the other, here and there. What is between writing the batch script,
which is sent then, and the log that Slurm opens when it starts the script, is Slurm's. Before that so many jobs are
submitted at once; what counts is how long it takes until the first one runs, and the memory of the driver.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import tempfile
from functools import partial
from pathlib import Path

from at_places import add_rows, one_by_one, queued, slurm_cluster


def of_slurm(folder: Path, n: int) -> float:
    """Return the seconds from the last batch script to the log that Slurm opens for it; nothing is written there."""
    scripts = sorted(folder.glob(".slurm-*/logs/*_submission.sh"), key=lambda path: path.stat().st_mtime)
    logs = sorted(folder.glob(".slurm-*/logs/*_log.out"), key=lambda path: path.stat().st_mtime)
    if not len(scripts) == len(logs) == n or logs[-1].stat().st_size:
        raise SystemExit(f"{n} jobs left {len(scripts)} scripts and {len(logs)} logs; one was sent twice, or printed")
    return logs[-1].stat().st_mtime - scripts[-1].stat().st_mtime


def main() -> None:
    """Measure, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", help="slurm, or slurm:KEY=VALUE,...: a cluster that is there")
    parser.add_argument("--jobs", type=int, default=20, metavar="N", help="jobs, one after the other (default: 20)")
    parser.add_argument("--queued", type=int, default=2000, metavar="N", help="jobs, submitted at once (default: 2000)")
    options = parser.parse_args()
    with contextlib.ExitStack() as held:
        # In the current folder: a cluster shares it, and may not share the temporary one.
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="slurm-overhead-", dir=Path.cwd())))
        if options.on is None:
            cluster = held.enter_context(slurm_cluster(folder / "cluster"))
            os.environ["SLURM_CONF"] = cluster.environment["SLURM_CONF"]
        results, on = folder / "results", options.on or "slurm"
        results.mkdir()
        line = queued(on, options.queued, results)
        here = statistics.median(total for total, _ in one_by_one(None, options.jobs, results))
        there = one_by_one(on, options.jobs, results, partial(of_slurm, results))
    of_engine = statistics.median(slurm for _, slurm in there)
    ours = statistics.median(total - slurm - here for total, slurm in there)
    add_rows(
        "Slurm",
        [
            ("a job here", here, "s", options.jobs),
            ("a job there, beyond that: ours", ours, "s", options.jobs),
            ("a job there, beyond that: until Slurm starts the script", of_engine, "s", options.jobs),
            (f"{options.queued:,} jobs at once: until the first one runs", line.seconds, "s", 1),
            (f"{options.queued:,} jobs at once: held by the driver", line.held_mib, "MiB", 1),
        ],
    )


if __name__ == "__main__":
    main()
