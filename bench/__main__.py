"""``recbench`` and ``python -m bench``: start the command line, if Python finds our packages under their names."""

import os
import sys

try:
    from bench.machine.interrupting import EXIT_INTERRUPTED, interrupt_once
    from bench.machine.shadowing import problem_of_names
except KeyboardInterrupt:
    sys.stderr.write("recbench: stopped before it began\n")
    sys.stderr.flush()
    os._exit(130)  # What names this code is not loaded yet.


def main() -> int:
    """Run one command and return its exit code."""
    try:
        problem = problem_of_names()
        if problem:
            print(f"recbench: error: {problem}", file=sys.stderr)
            return 2
        interrupt_once(also_others=True)
        from bench.cli.main import main as run_command

        code = run_command()
    except KeyboardInterrupt:
        # The command line says more of it; here it was still being loaded.
        print("recbench: stopped before it began", file=sys.stderr)
        code = EXIT_INTERRUPTED
    if code == EXIT_INTERRUPTED:
        # At its end the interpreter gives up the handlers, and a further signal would change the exit code.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
