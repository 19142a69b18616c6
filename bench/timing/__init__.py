"""Find slow-downs: pytest benchmarks, timed in units of a reference workload and compared with a baseline.

In a test file, one line times a recommender's ``fit`` and ``score`` at two sizes::

    from bench.timing import recommender_benchmarks

    test_timing = recommender_benchmarks(MyRecommender)

``recbench timing`` runs such files, compares them with a baseline and shows which benchmarks have become slower. Pytest
and pytest-benchmark are imported only when one of these functions is called.
"""

from bench.timing.benchmarks import SIZES, recommender_benchmarks
from bench.timing.measuring import measure

__all__ = ["SIZES", "measure", "recommender_benchmarks"]
