"""Papers made of LaTeX fragments, which are compiled."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ENGINES = ("pdflatex", "lualatex", "xelatex", "tectonic")


def compiled(fragments: list[str], folder: Path) -> str:
    """Return the log of a paper with the fragments and the packages that they ask for.

    Skip where there is no LaTeX, fail where it fails.
    """
    engine = next((name for name in ENGINES if shutil.which(name)), None)
    if engine is None:
        pytest.skip(
            f"none of {', '.join(ENGINES)} is installed (Debian: texlive-latex-base, texlive-latex-recommended)"
        )
    for number, text in enumerate(fragments):
        (folder / f"table{number}.tex").write_text(text, encoding="utf-8")
    inputs = "".join(rf"\input{{table{number}}}" for number in range(len(fragments)))
    packages = "".join(sorted({found for text in fragments for found in re.findall(r"\\usepackage\{.*?\}", text)}))
    paper = rf"\documentclass{{article}}{packages}\begin{{document}}{inputs}\listoftables\end{{document}}"
    (folder / "paper.tex").write_text(paper)
    options = (
        ["--keep-logs"] if engine == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
    )
    # The second run reads the list of tables that the first one wrote.
    for _ in range(2):
        done = subprocess.run([engine, *options, "paper.tex"], cwd=folder, capture_output=True, timeout=120)
        said = done.stdout.decode(errors="replace")
        if "booktabs.sty' not found" in said:
            pytest.skip(f"{engine} has no booktabs (Debian: texlive-latex-recommended)")
        assert done.returncode == 0, said
    assert (folder / "paper.pdf").stat().st_size > 0
    return (folder / "paper.log").read_text(errors="replace")
