"""``recbench verify``: test whether stored results are whole and of their task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_source_options, source_of
from bench.cli.parsing import add_command, examples
from bench.cli.printing import report

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "verify RESULTS",
        _run,
        "test whether stored results are whole and of their task",
        "Test whether stored results are whole and of their task. Every file is held against the manifest, every\n"
        "record against itself (schema, key, counts, times, learning curve) and against the recommender here, if it\n"
        "has the same source; RESULTS/table.md, if it is there, is made again from the ranks, and of a search the\n"
        "trials and the figures and parameters of the best. From the data, the split and the candidates are made\n"
        "again, too. Nothing is fitted; other files beside RESULTS/records are not looked at.\n"
        "\n"
        "This finds damage, mistakes and contradictions. It proves no author: whoever invents times or ranks that can\n"
        "be, and writes the manifest anew, is found by running again only.",
        examples(
            ("recbench verify results/ml-100k", "everything; fetches the data if they are not at hand"),
            ("recbench verify runs/ml-100k --offline", "fetches nothing, and says what was not checked"),
            ("recbench verify runs/mine --dataset mine.csv", "records do not say where a file of yours is"),
            ("recbench verify runs/ml-1m-1a2b --min-rating 4", "filters as they were; all else the records know"),
        )
        + "\n\nexit code: 0, nothing failed (a warning says what was not checked); 1, something failed; 2, there is\n"
        "nothing to test, or the data that were named cannot be had",
    )
    parser.add_argument("results", type=Path, metavar="RESULTS", help="the --out folder of a run")
    add_source_options(parser, default="the one that the records name")
    parser.add_argument("--offline", action="store_true", help="fetch nothing")


def _run(arguments: argparse.Namespace) -> int:
    from bench.audit.verification import verify_results

    findings = verify_results(arguments.results, source_of(arguments), offline=arguments.offline)
    return report((finding.name, finding.status, finding.message) for finding in findings)
