"""What axe-core finds in a page; its script comes with a package, so that no network is needed."""

from __future__ import annotations

from typing import Any


def findings(tab: Any) -> list[str]:
    """Return each finding with the elements that it is about: ``color-contrast: #marks``."""
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(tab).response["violations"]
    return [f"{one['id']}: {', '.join(str(node['target']) for node in one['nodes'])}" for one in violations]
