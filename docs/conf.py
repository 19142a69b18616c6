"""How Sphinx builds these pages: `make docs`.

Its source folder is the repository, so that links between Markdown files hold on a forge, in an editor and in the built
pages alike. Nothing that is built asks the network: `making/offline.py` fails a build that would.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))

from protocol.installation import version as recbench_version  # noqa: E402 (the line above is for the modules of docs)

project = "recbench"
author = "the authors of recbench"
project_copyright = "the authors of recbench, MIT licence"
release = version = recbench_version()

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "making.directives",
    "making.gallery",
    "making.offline",
    "making.signatures",
]

root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "protocol/README.md",
    "recommenders/adapters/COMMAND.md",
    "bench/timing/README.md",
    "board/README.md",
    "results/*.md",
    "results/ml-100k/table.md",
    "results/study/table.md",
    "results/peers/*.md",
    "results/timing/proof.md",
    "results/tuning/modules.md",
    "results/simulation/*.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
]
# Not looked into: what no page is in.
exclude_patterns = [".*", "tests", "build", "dist", "runs", "docs/made", "docs/_build", "results/*/records"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a table in Markdown begins with a heading of its own, to be pasted into a page

# Texts in one pair of backticks, as docstrings have them, are names of Python where such a name is known.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = False
napoleon_use_rtype = False
python_maximum_signature_line_length = 88

html_theme = "furo"
html_title = f"recbench {release}"
html_static_path = ["static"]
html_css_files = ["recbench.css"]
html_extra_path = ["extra"]
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # a browser would fetch each page for it, which it may not do from a folder
html_theme_options: dict[str, Any] = {"source_repository": "", "top_of_page_buttons": []}
