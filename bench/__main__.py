"""``recbench`` and ``python -m bench``: start the command line, if Python finds our packages under their names."""

import sys

from bench.machine.interrupting import interrupt_once
from bench.machine.shadowing import problem_of_names


def main() -> int:
    """Run one command and return its exit code."""
    problem = problem_of_names()
    if problem:
        print(f"recbench: error: {problem}", file=sys.stderr)
        return 2
    # For good: until this process has ended, there is something to clean up.
    interrupt_once(also_others=True)
    from bench.cli.main import main as run_command

    return run_command()


if __name__ == "__main__":
    sys.exit(main())
