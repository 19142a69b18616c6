"""Prove on this machine that the gate works: unchanged code raises no alarm, a ``fit`` that takes a third longer does.

    .venv/bin/python tests/timing/prove_gate.py > results/timing/proof.md

It needs a baseline (``make timing-baseline``) and about two minutes a run; the exit code is 1 where the gate was wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.machine.environment import describe_environment
from bench.timing import SIZES

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent

SLOWED = {"als": "recommenders.als:ALS", "item_knn": "recommenders.item_knn:ItemKNN", "gmf": "recommenders.gmf:GMF"}
"""What is slowed down, one at a time: linear algebra, sparse counting, compiled training."""


def run_timing(baseline: Path, slowed: str | None = None) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit code of ``make timing``'s command and the figures of all benchmarks."""
    command = [sys.executable, "-m", "bench", "timing", "tests/timing", "--baseline", str(baseline), "--format", "json"]
    changed = {"PYTHONPATH": str(HERE), "PYTEST_PLUGINS": "slow_down", "SLOW_DOWN": slowed} if slowed else {}
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **changed}, stdout=subprocess.PIPE, text=True)
    if not done.stdout:
        raise SystemExit(f"{' '.join(command)} ended with code {done.returncode} and printed nothing")
    return done.returncode, json.loads(done.stdout)["benchmarks"]


def prove_silence(baseline: Path, n_runs: int) -> bool:
    """Print a line for each run of unchanged code; return whether none raised an alarm."""
    print(f"## {n_runs} runs of unchanged code\n")
    print("| run | exit code | slower | ratios, lowest to highest |\n|--:|--:|:--|--:|")
    codes = []
    for number in range(1, n_runs + 1):
        code, found = run_timing(baseline)
        ratios = [one["ratio"] for one in found if one["ratio"]]
        slower = ", ".join(one["benchmark"] for one in found if one["verdict"] == "slower")
        print(f"| {number} | {code} | {slower or 'none'} | {min(ratios):.2f} to {max(ratios):.2f} |", flush=True)
        codes.append(code)
    return not any(codes)


def prove_alarm(baseline: Path, name: str, reference: str) -> bool:
    """Print what is found where one ``fit`` takes a third longer; return whether it is caught at every size, alone."""
    code, found = run_timing(baseline, slowed=reference)
    slower = {one["benchmark"]: one["ratio"] for one in found if one["verdict"] == "slower"}
    shown = ", ".join(f"{benchmark.partition('[')[2][:-1]} ({ratio:.2f})" for benchmark, ratio in slower.items())
    print(f"| {name} | {code} | {shown or 'none'} |", flush=True)
    expected = {one["benchmark"] for one in found if is_fit_of(name, one["benchmark"])}
    return code == 1 and len(expected) == len(SIZES) and slower.keys() == expected


def is_fit_of(name: str, benchmark: str) -> bool:
    """Return whether a benchmark, ``...[als:epochs=1-fit-500x400x10000]``, is a recommender's ``fit``."""
    recommender, _, rest = benchmark.partition("[")[2].partition("-")
    return recommender.partition(":")[0] == name and rest.startswith("fit-")


def print_machine() -> None:
    """Print what the measurements depend on."""
    environment = describe_environment()
    versions = ", ".join(f"{name} {version}" for name, version in environment["versions"].items())
    print(
        f"{environment['cpu']}, {environment['cores']} cores, {environment['system']}; {environment['blas']}; ", end=""
    )
    print(f"{versions}; commit {environment['commit']}.\n")


def main() -> int:
    """Run all, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unchanged", type=int, default=10, metavar="N", help="runs of unchanged code")
    parser.add_argument("--baseline", type=Path, default=ROOT / "results" / "timing" / "baseline.json", metavar="FILE")
    arguments = parser.parse_args()
    baseline = arguments.baseline.resolve()
    print("# The timing gate, proven\n\nWritten by `tests/timing/prove_gate.py`.\n")
    print_machine()
    outcomes = [prove_silence(baseline, arguments.unchanged)]
    print("\n## `fit` of one recommender made to take a third longer\n")
    print("| slowed | exit code | slower (ratio) |\n|--|--:|--|")
    outcomes += [prove_alarm(baseline, name, reference) for name, reference in SLOWED.items()]
    verdict = "no false alarm, and all of them caught" if all(outcomes) else "the gate was wrong"
    print(f"\nOutcome: {verdict}.")
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main())
