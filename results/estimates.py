"""The page ``results/estimates.md``: what built-ins say that they need, beside what they took, on three sizes.

::

    python results/estimates.py run                 all sizes, and the page; finished jobs are kept in runs/estimates
    python results/estimates.py run --only slim     one built-in again, as after a change of its code; repeatable
    python results/estimates.py page                the page, from results/estimates.json alone

Memory does not depend on how busy a machine is. Models that learn in epochs train for two: an epoch's examples are
given up only once those of the next are there, so more epochs need no more.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabulate import tabulate

import bench
from bench.machine.memory import size_text
from protocol.drafts import write_output
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from bench.records.record import Record

HERE = Path(__file__).parent
FIGURES, PAGE = HERE / "estimates.json", HERE / "estimates.md"

SIZES = ("synthetic:2000x1500x60000", "synthetic:6000x4000x250000", "synthetic:4000x12000x400000")

TINY = "synthetic:300x600x6000"

WITHIN = 1.5
"""How far an estimate may be from what was measured, as a ratio in either direction."""

FEW = {"epochs": 2}
SHORTER: dict[str, dict[str, Any]] = {
    "slim": {"max_iter": 2},
    "sasrec": {"epochs": 1},
    "torch.mf": {"epochs": 1, "n_negatives": 1},
    "torch.gmf": {"epochs": 1, "n_negatives": 1},
    "torch.mlp": {"epochs": 1, "n_negatives": 1},
    "torch.neumf": {"epochs": 1, "n_negatives": 1},
    "torch.mlp_post": {"epochs": 1, "n_negatives": 1, "batch_size": 2048},
}
"""Parameters with which a fit is short and holds as much."""


def built_ins() -> dict[str, registry.Entry]:
    """Return every built-in by its name, in their order."""
    return {name: entry for name, entry in registry.entries().items() if entry.origin == registry.BUILT_IN}


def chosen(only: Collection[str]) -> Iterator[str]:
    """Yield built-ins with few epochs, as they are named on the command line; all of them where none is named."""
    for name, entry in built_ins().items():
        if only and name not in only:
            continue
        description = registry.required_description_of(entry)
        few = SHORTER.get(name, FEW if "epochs" in description.parameters else {})
        options = ",".join(f"{one}={value}" for one, value in few.items())
        yield f"{name}:{options}" if options else name


def run(size: str, only: Collection[str] = ()) -> list[dict[str, Any]]:
    """Estimate and run built-ins on one size; return a line for each."""
    names, how = list(chosen(only)), {"threads": 1}
    estimated = {row.recommender: row.need.n_bytes for row in bench.estimate(size, names, **how).rows}
    folder = Path("runs", "estimates")
    # What compiles a kernel for the first time holds more than the job itself.
    bench.run(TINY, names, out=folder / "compiled", go_on=True, timeout=1800, **how)
    results = bench.run(size, names, out=folder / size.replace(":", "-"), go_on=True, timeout=1800, **how)
    return [
        {
            "size": size,
            "recommender": record.recommender.name,
            "estimated": estimated[record.recommender.label],
            "measured": peak_bytes(record),
        }
        for record in results.records
    ]


def peak_bytes(record: Record) -> int | None:
    """Return the most memory that a job held while it fitted, scored and ranked; None where it failed."""
    memory, usage = record.memory, record.usage
    if memory is None or usage is None:
        return None
    return round(max(memory.peak_mib, usage.scoring_peak_mib + usage.ranking_mib) * 2**20)


def with_measured(lines: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return lines with new ones in the place of those of the same size and built-in, in order."""
    known, order = {(line["size"], line["recommender"]): line for line in (*lines, *new)}, list(built_ins())
    found = [line for line in known.values() if line["recommender"] in order]
    return sorted(found, key=lambda line: (SIZES.index(line["size"]), order.index(line["recommender"])))


def page(lines: list[dict[str, Any]]) -> str:
    """Return the page."""
    ratios = [line["estimated"] / line["measured"] for line in lines if line["measured"]]
    n_within = sum(1 / WITHIN <= ratio <= WITHIN for ratio in ratios)
    parts = [
        "# What a job will need: estimated and measured\n",
        f"Written by `results/estimates.py`. {n_within} of {len(lines)} estimates are within a factor of {WITHIN} of "
        f"the measured peak; the ratios range over {min(ratios):.2f} .. {max(ratios):.2f}. An estimate is what a "
        "built-in declares from its own shapes (`resources` of the contract), with Python, the libraries, the task and "
        "what ranks all items. The peak is the record's: the most that the job held resident while it fitted, scored "
        "and ranked.\n",
        "Two epochs (slim: two sweeps; PyTorch: one epoch, and one negative for each interaction); all else is the "
        "default. The kernels were compiled before: the first job that needs one may hold 100 MiB more.\n",
    ]
    for size in dict.fromkeys(line["size"] for line in lines):
        rows = [_row(line) for line in lines if line["size"] == size]
        headers = ["recommender", "estimated", "measured", "ratio", f"within {WITHIN}"]
        parts.append(f"## {size}\n\n{tabulate(rows, headers, tablefmt='pipe', disable_numparse=True)}\n")
    missing = [size for size in SIZES if size not in {line["size"] for line in lines}]
    return "\n".join([*parts, *([f"Not measured yet: {', '.join(missing)}.\n"] if missing else [])])


def _row(line: dict[str, Any]) -> list[str]:
    estimated, measured = line["estimated"], line["measured"]
    if not measured:
        return [line["recommender"], size_text(estimated), "failed", "-", "-"]
    ratio = estimated / measured
    within = "yes" if 1 / WITHIN <= ratio <= WITHIN else "NO"
    return [line["recommender"], size_text(estimated), size_text(measured), f"{ratio:.2f}", within]


def main() -> None:
    """Run what is missing, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("run", "page"))
    parser.add_argument("--size", action="append", choices=SIZES, help="only this one; repeatable")
    parser.add_argument(
        "--only", action="append", choices=list(built_ins()), metavar="NAME", help="only this built-in; repeatable"
    )
    arguments = parser.parse_args()
    lines: list[dict[str, Any]] = json.loads(FIGURES.read_text()) if FIGURES.exists() else []
    if arguments.what == "run":
        for size in arguments.size or SIZES:
            lines = with_measured(lines, run(size, arguments.only or ()))
            write_output(FIGURES, (json.dumps(lines, indent=1) + "\n").encode())
    write_output(PAGE, page(lines).encode())


if __name__ == "__main__":
    main()
