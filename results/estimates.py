"""The page ``results/estimates.md``: what built-ins say that they need, beside what they took, on three sizes.

::

    python results/estimates.py run          all sizes, and the page; finished jobs are kept in runs/estimates
    python results/estimates.py page         the page, from results/estimates.json alone

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
    from collections.abc import Iterator

    from bench.records.record import Record

HERE = Path(__file__).parent
FIGURES, PAGE = HERE / "estimates.json", HERE / "estimates.md"

SIZES = ("synthetic:2000x1500x60000", "synthetic:6000x4000x250000", "synthetic:4000x12000x400000")

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


def chosen() -> Iterator[str]:
    """Yield every built-in with few epochs, as it is named on the command line."""
    for name, entry in registry.entries().items():
        if entry.origin != registry.BUILT_IN:
            continue
        description = registry.required_description_of(entry)
        few = SHORTER.get(name, FEW if "epochs" in description.parameters else {})
        options = ",".join(f"{one}={value}" for one, value in few.items())
        yield f"{name}:{options}" if options else name


def run(size: str) -> list[dict[str, Any]]:
    """Estimate and run every built-in on one size; return a line for each."""
    names, how = list(chosen()), {"threads": 1}
    estimated = {row.recommender: row.need.n_bytes for row in bench.estimate(size, names, **how).rows}
    folder = Path("runs", "estimates", size.replace(":", "-"))
    results = bench.run(size, names, out=folder, go_on=True, timeout=1800, **how)
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
        "default.\n",
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
    parser.add_argument("--size", action="append", help=f"only this one of {', '.join(SIZES)}; repeatable")
    arguments = parser.parse_args()
    lines: list[dict[str, Any]] = json.loads(FIGURES.read_text()) if FIGURES.exists() else []
    if arguments.what == "run":
        for size in arguments.size or SIZES:
            lines = [line for line in lines if line["size"] != size] + run(size)
            lines.sort(key=lambda line: SIZES.index(line["size"]))
            write_output(FIGURES, (json.dumps(lines, indent=1) + "\n").encode())
    write_output(PAGE, page(lines).encode())


if __name__ == "__main__":
    main()
