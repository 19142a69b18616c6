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
    """Compiles what stands in the file now.

    Python takes bytecode for fresh where time (in seconds) and size of the source are the same, which two edits in
    one second can be; and nobody asked for a ``__pycache__`` beside the file.
    """

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def load_file(path: Path) -> ModuleType:
    """Run a Python file and return it as a module, under a name of its own.

    Modules beside the file can be imported by it, unless others have their names.

    Raises
    ------
    Exception
        Whatever the file raises.
    """
    name = f"recbench_plugin_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    loader = _UncachedLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise ImportError(f"{path} is no Python file")
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
