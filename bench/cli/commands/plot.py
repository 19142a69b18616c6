"""``recbench plot``: draw one chart of stored results, for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_baseline_option, option
from bench.cli.parsing import EXIT_OK, add_command, examples
from bench.names import CHARTS

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "plot CHART RESULTS --output FILE",
        _run,
        "draw stored results for a paper: SVG, PDF or PNG",
        "Draw one chart of stored results, at the width of a paper's column, in colours that colour-blind readers\n"
        "can distinguish. Nothing is fitted. Needs the extra report.\n"
        "\n"
        "  pareto  accuracy against fit time, with intervals and the Pareto front\n"
        "  curves  loss by epoch of what learns in epochs\n"
        "  views   each row's place in the sampled, expected and full view\n"
        "  forest  paired differences from the best row, or from --baseline",
        examples(
            ("recbench plot pareto runs/ml-100k -o pareto.pdf", "the ending says which format"),
            ("recbench plot forest runs/ml-100k --baseline ease -o forest.svg", "against a row named beforehand"),
        ),
        extra="report",
    )
    parser.add_argument("chart", choices=CHARTS, metavar="CHART", help=f"one of {', '.join(CHARTS)}")
    parser.add_argument("results", type=Path, metavar="RESULTS", help="the --out folder of a run")
    parser.add_argument(
        "--output", "-o", type=Path, required=True, metavar="FILE", help="a name that ends in .svg, .pdf or .png"
    )
    parser.add_argument("--k", type=option("cutoff"), default=10, metavar="N", help="cut-off of NDCG")
    add_baseline_option(parser)


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    print(api.plot(arguments.chart, arguments.results, arguments.output, k=arguments.k, baseline=arguments.baseline))
    return EXIT_OK
