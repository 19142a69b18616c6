"""``recbench verify``: test whether stored results are unchanged and belong to their task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_source_options, source_from
from bench.cli.parsing import add_command, examples
from bench.cli.printing import print_findings

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "verify RESULTS",
        _run,
        "test whether stored results are unchanged and belong to their task",
        "Test whether stored results are unchanged and belong to their task. Every file is compared with the\n"
        "manifest. Every record is searched for contradictions (schema, key, counts, times, learning curve), and\n"
        "compared with the recommender of this installation if that has the same source. RESULTS/table.md, if there\n"
        "is one, is made again from the ranks; so are the trials and the best parameters of a search. The split and\n"
        "the candidates are made again from the data. Nothing is fitted; other files in RESULTS are ignored.\n"
        "\n"
        "This finds damage, mistakes and contradictions. It does not prove who made the results: plausible times or\n"
        "ranks that someone invented, with a manifest written to match, can only be exposed by running again.",
        examples(
            ("recbench verify results/ml-100k", "everything; fetches the data if need be"),
            ("recbench verify runs/ml-100k --offline", "fetches nothing, and says what was not checked"),
            ("recbench verify runs/mine --dataset mine.csv", "for data of your own, say where the file is"),
            ("recbench verify runs/ml-1m-1a2b --min-rating 4", "with the filters of the run; records know the rest"),
        )
        + "\n\nexit code: 0, nothing failed (a warning says what was not checked); 1, something failed; 2, there is\n"
        "nothing to test, or the named data cannot be found",
    )
    parser.add_argument("results", type=Path, metavar="RESULTS", help="the --out folder of a run")
    add_source_options(parser, default="the one that the records name")
    parser.add_argument("--offline", action="store_true", help="fetch nothing")


def _run(arguments: argparse.Namespace) -> int:
    from bench.audit.verification import verify_results

    return print_findings(verify_results(arguments.results, source_from(arguments), offline=arguments.offline))
