"""A recommender that starts a process of its own and then fits for ten minutes."""

from __future__ import annotations

SLEEPY = """
import os, subprocess, sys, time
from pathlib import Path

class Sleepy:
    deterministic = True
    def __init__(self, mark: str = ""):
        self.mark = mark
    def fit(self, train, *, rng):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        Path(self.mark).write_text(f"{os.getpid()} {child.pid}\\n")
        time.sleep(600)
    def score(self, users, items):
        return -items * 1.0
"""
"""It leaves the numbers of both processes in the file ``mark``."""
