"""``recbench timing``: time code against a baseline.

The recommenders are imported in the pytest process that times them, on purpose: what is timed is a call there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.options import add_format_option, option
from bench.cli.parsing import EXIT_FAILED, EXIT_OK, add_command, examples
from bench.cli.printing import screen_options
from bench.cli.streams import print_error
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bench.timing.timings import Measured

DEFAULT_SESSIONS = 5

INSENSITIVE = 1.33
"""The command warns of a benchmark whose smallest detectable ratio is larger."""


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "timing TESTS ...",
        _run,
        "test whether code has become slower",
        "Test whether code has become slower. The benchmarks in TESTS run in a fresh pytest process, one thread each;\n"
        "every time is divided by that of a reference workload around it, so that a busy machine raises no alarm.\n"
        "Benchmarks that seem slower than the baseline are measured twice more. Needs the extra timing.",
        examples(
            ("recbench timing test_my_timing.py --save", "measure a baseline: several sessions"),
            ("recbench timing test_my_timing.py", "compare with it"),
            ("recbench timing report.json", "judge a report of pytest --benchmark-json"),
        )
        + "\n\nexit code: 0, nothing is slower; 1, a benchmark is slower or missing; 2, nothing was compared\n\n"
        "In CI, bench/timing/guard.sh measures a change and the commit before it on one machine;\n"
        "bench/timing/README.md says how.",
        extra="timing",
    )
    parser.add_argument(
        "tests",
        nargs="+",
        metavar="TESTS",
        help="files and folders of pytest benchmarks made with bench.timing; or reports (.json) of such, one a session",
    )
    parser.add_argument(
        "--baseline",
        type=Path,
        default=Path("timing-baseline.json"),
        metavar="FILE",
        help="the baseline to compare with, and the file that --save writes",
    )
    parser.add_argument(
        "--save", action="store_true", help="save the measured times as the baseline; nothing is judged"
    )
    parser.add_argument(
        "--sessions",
        type=option("sessions"),
        default=DEFAULT_SESSIONS,
        metavar="N",
        help="the number of sessions that --save measures; their differences show the noise",
    )
    add_format_option(parser)


def _run(arguments: argparse.Namespace) -> int:
    return _save(arguments) if arguments.save else _judge(arguments)


def _save(arguments: argparse.Namespace) -> int:
    from bench.timing.baseline import write_baseline
    from bench.timing.timings import joined
    from bench.writing.text import count_text

    sessions = _sessions(arguments.tests, arguments.sessions)
    measured = joined(sessions)
    write_baseline(arguments.baseline, measured)
    counts = count_text(len(measured.timings), "benchmark"), count_text(len(sessions), "session")
    print(f"{arguments.baseline}: {', '.join(counts)}")
    _print_sensitivity(measured)
    return EXIT_OK


def _print_sensitivity(baseline: Measured) -> None:
    """Print which slow-downs the baseline can show, and warn of benchmarks that are too noisy."""
    from bench.timing.gate import N_REPEATS
    from bench.timing.timings import FEWEST_FOR_SPREAD
    from bench.timing.verdicts import detectable

    ratios = {name: detectable(timing, 1 + N_REPEATS) for name, timing in baseline.timings.items()}
    least, most = min(ratios.values()), max(ratios.values())
    print(f"caught 19 times in 20: {least:.2f} to {most:.2f} times the time, depending on the benchmark")
    noisy = [f"{name} (from {ratio:.2f})" for name, ratio in ratios.items() if ratio > INSENSITIVE]
    if noisy:
        _warn(
            f"a slow-down of a third can go unnoticed in {', '.join(noisy)}; save again on a quieter machine, or with "
            "more --sessions"
        )
    if any(len(timing.medians) < FEWEST_FOR_SPREAD for timing in baseline.timings.values()):
        _warn(f"{FEWEST_FOR_SPREAD} sessions are needed to measure how they differ; the noise is understated")


def _warn(text: str) -> None:
    print_error(f"recbench: warning: {text}")


def _judge(arguments: argparse.Namespace) -> int:
    from bench.timing.baseline import read_baseline
    from bench.timing.gate import N_REPEATS, judge_patiently
    from bench.timing.sessions import run_session
    from bench.timing.timings import joined
    from bench.timing.verdict_table import render
    from bench.timing.verdicts import FAILURES

    baseline = _asked_for(read_baseline(arguments.baseline), arguments.tests)
    now = joined(_sessions(arguments.tests, 1))
    rows = judge_patiently(
        now,
        baseline,
        lambda names: run_session(arguments.tests, names),
        0 if _reports(arguments.tests) else N_REPEATS,
    )
    print(render(rows, now.environment, baseline.environment, arguments.format, **screen_options()), end="")
    return EXIT_FAILED if any(row.verdict in FAILURES for row in rows) else EXIT_OK


def _asked_for(baseline: Measured, tests: Sequence[str]) -> Measured:
    """Return the baseline of the benchmarks in the tests; all of it if reports were given."""
    from bench.timing.sessions import covers
    from bench.timing.timings import Measured

    if _reports(tests):
        return baseline
    timings = {name: one for name, one in baseline.timings.items() if any(covers(test, name) for test in tests)}
    return Measured(baseline.environment, timings)


def _sessions(tests: Sequence[str], n_sessions: int) -> list[Measured]:
    """Return a session for each report; without reports, run ``n_sessions``."""
    from bench.timing.sessions import read_session, run_session

    return [read_session(path) for path in _reports(tests)] or [run_session(tests) for _ in range(n_sessions)]


def _reports(tests: Sequence[str]) -> list[Path]:
    """Return the reports among the arguments.

    Raises
    ------
    RecbenchError
        If there are both reports and tests.
    """
    reports = [Path(name) for name in tests if name.endswith(".json")]
    if reports and len(reports) < len(tests):
        raise RecbenchError(
            "found reports (.json) and tests, expected only one kind: run the command once for each kind"
        )
    return reports
