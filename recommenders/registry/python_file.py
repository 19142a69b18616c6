"""Python files as modules, loaded from their paths; processes that a plug-in starts can import them, too.

The module of a file is named below this one: ``recommenders.registry.python_file.mine_1a2b3c4d``. Python imports this
module first, and with it the finder that knows the file. So a process without this one's modules, such as a worker of a
``multiprocessing`` pool or of joblib, can unpickle what the file defines.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import os
import re
import sys
from importlib.machinery import SourceFileLoader
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from pathlib import Path
    from types import CodeType, ModuleType

__path__: list[str] = []  # This makes it a package: other modules can be named below it.

FILES = "RECBENCH_PLUGIN_FILES"
"""The environment's variable by which the processes of a plug-in find its files: their paths by module, as JSON."""


class _UncachedLoader(SourceFileLoader):
    """Compiles a file anew each time.

    Python uses stored bytecode if time (in seconds) and size of the source are the same, as they can be after two edits
    within a second. And the user's folder gets no ``__pycache__``.
    """

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


class _Finder:
    """Finds the modules of files that `load_file` loaded in this process, or in one that started it."""

    @staticmethod
    def find_spec(name: str, *_: object) -> ModuleSpec | None:
        """Return the specification of a file's module; None for all other modules."""
        path = _known().get(name) if name.startswith(f"{__name__}.") else None
        if path is None:
            return None
        return importlib.util.spec_from_file_location(name, path, loader=_UncachedLoader(name, path))


def load_file(path: Path) -> ModuleType:
    """Run a Python file and return it as a module, under a name that no other file has.

    The file can import the modules beside it, unless modules elsewhere on the path have the same names.

    Raises
    ------
    Exception
        Any error that the file raises.
    """
    stem = re.sub(r"\W", "_", path.stem)
    name = f"{__name__}.{stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    os.environ[FILES] = json.dumps({**_known(), name: str(path)})
    sys.modules.pop(name, None)
    return importlib.import_module(name)


def _known() -> dict[str, str]:
    """Return the paths of the files that were loaded here, or in a process that started this one, by module."""
    known: dict[str, str] = json.loads(os.environ.get(FILES, "{}"))
    return known


sys.meta_path.append(_Finder)
