#!/usr/bin/env bash
# Has a change made code slower? Measures the commit before it and the change in one job, on one machine.
#
#   guard.sh BASE TESTS...     for example: guard.sh origin/main tests/test_timing.py
#
# Run it in the folder in which pytest finds TESTS, in the project's environment. Each side is installed into that
# environment before it is measured; INSTALL is the command, run in the same folder of each side. At the end, the change
# is installed. With INSTALL=: nothing is installed, which suits a project that is not a package. SESSIONS is the number
# of sessions in which the base is measured, 5 by default.
#
# exit code: 0, nothing is slower, or BASE has none of TESTS; 1, a benchmark is slower or missing; 2, nothing was compared
set -euo pipefail

install=${INSTALL:-python -m pip install --quiet --no-deps --editable .}

fail() {
  echo "guard.sh: error: $1" >&2
  exit 2
}

[ "$#" -ge 2 ] || fail "found $# arguments, expected a commit and tests: guard.sh origin/main tests/test_timing.py"

commit=$(git rev-parse --quiet --verify "$1^{commit}") ||
  fail "there is no commit $1 here; fetch it (in GitHub Actions: fetch-depth: 0)"
base=$(git merge-base "$commit" HEAD) || fail "$1 and the change have no commit in common; fetch the whole history"
shift

change=$(git rev-parse --show-toplevel)
inside=$(git rev-parse --show-prefix)
scratch=$(cd "$(mktemp -d)" && pwd -P)
trap 'git -C "$change" worktree remove --force "$scratch/base" 2> /dev/null || true; rm -rf "$scratch"' EXIT
git worktree add --quiet --detach "$scratch/base" "$base"

tests=()
for test in "$@"; do
  # The file or folder of a node id: tests/test_timing.py::test_fit
  if [ -e "$scratch/base/$inside${test%%::*}" ]; then tests+=("$test"); fi
done
if [ "${#tests[@]}" -eq 0 ]; then
  echo "guard.sh: $base has none of $*: nothing to compare" >&2
  exit 0
fi

# measure NAME ROOT OTHER ARGUMENTS...: measure the side in ROOT, which must not import the code of the OTHER.
measure() {
  echo "guard.sh: measuring $1" >&2
  cd "$2/$inside"
  bash -c "$install" >&2 || fail "in $2/$inside, this command failed: $install"
  RECBENCH_TIMING_NOT_FROM=$3 recbench timing "${@:4}"
}

base_options=(--save --sessions "${SESSIONS:-5}" --baseline "$scratch/base.json")
(measure "the base, $base" "$scratch/base" "$change" "${tests[@]}" "${base_options[@]}") >&2 ||
  fail "the base was not measured; the reason is above"
measure "the change" "$change" "$scratch/base" "$@" --baseline "$scratch/base.json"
