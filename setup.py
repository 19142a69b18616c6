"""Write the commit into each distribution that is built; all else about building is in ``pyproject.toml``."""

from __future__ import annotations

import runpy
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

INSTALLATION = runpy.run_path(str(Path(__file__).with_name("protocol") / "installation.py"))


def write_commit(folder: str) -> None:
    """Write the commit that this is built from into a copy of the code; no file where it is not known."""
    commit, file = INSTALLATION["commit"](), Path(folder, "protocol", INSTALLATION["COMMIT_FILE"])
    if commit is None:
        file.unlink(missing_ok=True)
    else:
        file.write_text(f"{commit}\n", encoding="utf-8")


class BuildPy(build_py):
    """Copies the packages for a wheel."""

    def run(self) -> None:
        """Copy them, and write the commit; an editable installation runs from the checkout, which knows it."""
        super().run()
        if not self.editable_mode:
            write_commit(self.build_lib)


class SDist(sdist):
    """Copies the sources."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Copy them, and write the commit."""
        super().make_release_tree(base_dir, files)
        write_commit(base_dir)


setup(cmdclass={"build_py": BuildPy, "sdist": SDist})
