"""Loading a Python file as a module, from its path."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from types import CodeType, ModuleType


class _UncachedLoader(SourceFileLoader):
    """Compiles a file anew each time.

    Python uses stored bytecode if time (in seconds) and size of the source are the same, as they can be after two edits
    within a second. And the user's folder gets no ``__pycache__``.
    """

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def load_file(path: Path) -> ModuleType:
    """Run a Python file and return it as a module, under a name that no other file has.

    The file can import the modules beside it, unless modules elsewhere on the path have the same names.

    Raises
    ------
    Exception
        Any error that the file raises.
    """
    name = f"recbench_plugin_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    loader = _UncachedLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    # Dataclasses and typing look their module up by name while its body runs.
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
