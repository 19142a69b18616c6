"""``recbench plot``: draw one chart of stored results, for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_baseline_option, option
from bench.cli.parsing import EXIT_OK, add_command, examples
from bench.names import CHART_WIDTHS, CHARTS, VIEWS
from protocol.evaluation.metrics import METRICS

if TYPE_CHECKING:
    import argparse


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "plot CHART RESULTS ... --output FILE",
        _run,
        "draw stored results for a paper: SVG, PDF or PNG",
        "Draw one chart of stored results, at the width of a paper's column, in colours that colour-blind readers\n"
        "can distinguish, with text of 8 points. Nothing is fitted. Needs the extra report.\n"
        "\n"
        "  pareto\taccuracy against fit time, with intervals and the Pareto front\n"
        "  curves\tloss by epoch of what learns in epochs\n"
        "  views\teach row's place in the sampled, expected and full view\n"
        "  forest\tpaired differences from the best row, or from --baseline\n"
        "  settings\taccuracy by a number in which rows of one recommender differ\n"
        "\n"
        "Over several folders, each of one dataset, or the folder of a study:\n"
        "\n"
        "  ranks\tmean ranks, with intervals over users and over datasets\n"
        "  cd\tcritical-difference diagram: bars join rows that cannot be told apart\n"
        "  heatmap\trecommenders by datasets, coloured by the share of the best figure\n"
        "  settings\ta line for each dataset, by the share of the best figure",
        examples(
            ("recbench plot pareto runs/ml-100k -o pareto.pdf", "the ending says which format"),
            ("recbench plot forest runs/ml-100k --baseline ease -o forest.svg", "against a row named beforehand"),
            ("recbench plot pareto runs/ml-100k --width page --rows ease --rows als -o two.pdf", "two rows, wide"),
            ("recbench plot cd runs/ml-100k runs/ml-1m runs/lastfm -o cd.svg", "over three datasets"),
            ("recbench plot heatmap runs/my-study --metric HR -o heatmap.pdf", "over those of a study"),
        ),
        extra="report",
    )
    parser.add_argument("chart", choices=CHARTS, metavar="CHART", help=f"one of {', '.join(CHARTS)}")
    parser.add_argument(
        "results", type=Path, nargs="+", metavar="RESULTS", help="the --out folder of a run, several, or one of a study"
    )
    parser.add_argument(
        "--output", "-o", type=Path, required=True, metavar="FILE", help="a name that ends in .svg, .pdf or .png"
    )
    widths = ", ".join(f"{name} ({points})" for name, points in CHART_WIDTHS.items())
    parser.add_argument(
        "--width",
        type=option("width"),
        default="column",
        metavar="WIDTH",
        help=f"{widths}, or any number of points, which are 1/72 of an inch (default: column)",
    )
    parser.add_argument(
        "--rows",
        action="append",
        metavar="ROW",
        help="draw this row, or all rows of this recommender; may be given many times; ranks, tests and the Pareto "
        "front stay those of all rows (default: all)",
    )
    parser.add_argument("--k", type=option("cutoff"), metavar="N", help="cut-off of the metric (default: 10)")
    parser.add_argument(
        "--metric",
        type=option("metric"),
        metavar="METRIC",
        help=f"what the chart is about, one of {', '.join(METRICS)} (default: NDCG)",
    )
    parser.add_argument(
        "--view",
        type=option("view"),
        metavar="VIEW",
        help=f"one of {', '.join(VIEWS)} (default: the first that there is; over datasets, what all are measured by)",
    )
    add_baseline_option(parser)


def _run(arguments: argparse.Namespace) -> int:
    from bench import api

    place = api.plot(
        arguments.chart,
        arguments.results,
        arguments.output,
        k=arguments.k,
        metric=arguments.metric,
        view=arguments.view,
        baseline=arguments.baseline,
        rows=arguments.rows,
        width=arguments.width,
    )
    print(place)
    return EXIT_OK
