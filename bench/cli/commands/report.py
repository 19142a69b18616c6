"""``recbench report``: write the page of stored results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_baseline_option, add_metric_option, add_slices_option, option
from bench.cli.parsing import EXIT_OK, add_command, examples
from bench.names import REPORT_KS

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "report RESULTS ...",
        _run,
        "write stored results as one page with tables and charts",
        "Write stored results as one HTML page: a table to sort and filter, charts, failures, the protocol in plain\n"
        "words and the command that makes everything again. One file, which needs no network and loads nothing.\n"
        "Nothing is fitted. Needs the extra report.\n\n"
        "Several folders, each of one dataset, or the folder of a study give a page over the datasets: recommenders\n"
        "by datasets, mean ranks, critical differences, accuracy against time. Beside it is a page for each dataset.\n"
        "Repeated splits give a page over the splits, which says how the order changes, and a page for each split.",
        examples(
            ("recbench report runs/ml-100k", "writes runs/ml-100k/report.html"),
            ("recbench report runs/ml-100k --open", "and opens it in a browser"),
            ("recbench report runs/ml-100k -o page.html", "elsewhere"),
            ("recbench report runs/ml-100k --baseline ease", "tests against one row, named beforehand"),
            ("recbench report runs/ml-100k runs/ml-1m", "over both: runs/report.html, runs/report-ml-1m.html, ..."),
            ("recbench report runs/my-study", "over the datasets of a study"),
        ),
        extra="report",
    )
    parser.add_argument(
        "results", type=Path, nargs="+", metavar="RESULTS", help="the --out folder of a run, several, or one of a study"
    )
    parser.add_argument(
        "--output",
        "-o",
        type=Path,
        metavar="FILE",
        help="(default: RESULTS/report.html; of several, report.html in the folder that holds them)",
    )
    parser.add_argument("--open", action="store_true", help="open it in a browser")
    parser.add_argument(
        "--k",
        type=option("k"),
        default=",".join(map(str, REPORT_KS)),
        metavar="LIST",
        help="cut-offs of the metrics to choose among; tests and charts are about the first",
    )
    add_metric_option(parser)
    add_baseline_option(parser)
    add_slices_option(parser)


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    place = api.report(
        arguments.results,
        arguments.output,
        k=arguments.k,
        metrics=arguments.metrics,
        baseline=arguments.baseline,
        slices=arguments.slices,
    )
    print(place)
    if arguments.open:
        import webbrowser

        webbrowser.open(place.resolve().as_uri())
    return EXIT_OK
