"""Timing regressions: pytest-benchmark suites, normalised by a reference workload, and the gate that judges them.

In a test file, one line times a recommender's ``fit`` and ``score`` at two sizes::

    from bench.timing import recommender_benchmarks

    test_timing = recommender_benchmarks(MyRecommender)

``recbench timing`` runs such files, compares them with a baseline and says what has become slower. Neither pytest nor
pytest-benchmark is imported before one of these is called.
"""

from bench.timing.benchmarks import SIZES, recommender_benchmarks
from bench.timing.measuring import measure

__all__ = ["SIZES", "measure", "recommender_benchmarks"]
