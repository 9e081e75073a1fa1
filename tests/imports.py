"""Which local files a module imports, found by reading the code, not by running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent

# Rooms of which a stage needs single items.
BY_ITEM = ("retention/families", "stages", "stages/parameters")


def deps_of(stage: str) -> set[str]:
    """Return the code that a stage depends on: rooms, and files of rooms whose items stand alone.

    A room is a folder of `retention/`. Modules that are imported by names that only a run knows
    count too: find_family() imports a family's module, of which a `foreach` stage over families
    needs that of its item alone, and the check of params.yaml imports every stage's parameters.
    """
    files = local_files(f"stages.{stage}")
    deps = {_room(file) for file in files}
    if "stages/parameters/whole.py" in files:
        for module in (ROOT / "stages" / "parameters").glob("*.py"):
            deps |= {_room(file) for file in local_files(f"stages.parameters.{module.stem}")}
        deps = {dep for dep in deps if not dep.startswith("stages/parameters/")}
        deps.add("stages/parameters")
    if "retention/families/__init__.py" in files:
        for module in (ROOT / "retention" / "families").glob("*.py"):
            imported = local_files(f"retention.families.{module.stem}")
            deps |= {_room(file) for file in imported if "/families/" not in file}
        if "run_item(main" in (ROOT / "stages" / f"{stage}.py").read_text(encoding="utf-8"):
            deps.add("retention/families/${key}.py")
        else:
            deps = {dep for dep in deps if not dep.startswith("retention/families/")}
            deps.add("retention/families")
    return deps


def _room(file: str) -> str:
    folder = Path(file).parent
    parts = folder.parts
    if len(parts) == 1 or folder.as_posix() in BY_ITEM:
        return file
    return Path(*parts[:2]).as_posix()


def local_files(module: str) -> set[str]:
    """Return the repository's files that `module` needs, itself included, over all levels.

    Files without any code (an empty `__init__.py`) are left out.
    """
    found: set[str] = set()
    _collect(module, found)
    return found


def imported_files(file: str) -> set[str]:
    """Return the repository's files that a file of it imports itself, inside functions too."""
    found = set()
    for module in _imports((ROOT / file).read_text(encoding="utf-8")):
        other = _file(module)
        if other and (ROOT / other).read_text(encoding="utf-8").strip():
            found.add(other)
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
    for name in _imports(text):
        _collect(name, found)


def _imports(text: str) -> Iterator[str]:
    """Yield the modules that a text imports, and the names, which may be modules."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str() as source, names=names, level=0):
                yield source
                yield from (f"{source}.{name.name}" for name in names)
            case _:
                pass


def _file(module: str) -> str | None:
    path = Path(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if (ROOT / candidate).is_file():
            return candidate.as_posix()
    return None
