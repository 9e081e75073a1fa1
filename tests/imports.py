"""Which local files a module imports, found by reading the code, not by running it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent


def local_files(module: str) -> set[str]:
    """Return the repository's files that `module` needs, itself included, over all levels.

    Files without any code (an empty `__init__.py`) are left out.
    """
    found: set[str] = set()
    _collect(module, found)
    return found


def _collect(module: str, found: set[str]) -> None:
    file = _file(module)
    if file is None or file in found:
        return
    parent = module.rpartition(".")[0]
    if parent:
        _collect(parent, found)  # Python runs a package's __init__ first
    text = (ROOT / file).read_text(encoding="utf-8")
    if not text.strip():
        return
    found.add(file)
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                for name in names:
                    _collect(name.name, found)
            case ast.ImportFrom(module=str() as source, names=names, level=0):
                _collect(source, found)
                for name in names:
                    _collect(f"{source}.{name.name}", found)
            case _:
                pass


def _file(module: str) -> str | None:
    path = Path(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if (ROOT / candidate).is_file():
            return candidate.as_posix()
    return None
