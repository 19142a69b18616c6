"""The conformance checks: each tests one rule that every recommender must keep.

In a test file, one line makes each check a test of its own, as scikit-learn's ``parametrize_with_checks`` does::

    from bench.checks import conformance_tests

    test_conformance = conformance_tests("my_recommender.py:Mine")

The checks fit on small data, so they take seconds. They find mistakes, not bad recommendations. Only
`conformance_tests` imports pytest.
"""

from bench.checks.apart import check_apart
from bench.checks.check import CheckResult
from bench.checks.examination import CHECKS, check_recommender
from bench.checks.testing import conformance_tests

__all__ = ["CHECKS", "CheckResult", "check_apart", "check_recommender", "conformance_tests"]
