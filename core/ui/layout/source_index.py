"""Find the source of a page and of the functions of core that it calls, by reading the files. Nothing is imported.

A name is followed through imports to the function or class that defines it, and on through the source of that. The
types of variables are not known, so methods are shown only as part of their class.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core import app_paths

EXCLUDED_ROOMS = (
    "core.ui.layout",
    "core.ui.messages",
    "core.ui.state",
    "core.ui.backend",
    "core.runs",
    "core.app_paths",
)
"""Packages that serve every page in the same way: their functions are not followed."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Part:
    """A page, a function or a class with its source."""

    name: str  # "pages/pooling.py" or "core.images.pooling.pool"
    path: str  # of its file, from the repository's root
    line: int  # its first, counted from 1
    source: str
    calls: tuple[str, ...]  # names of the parts that it uses, in the order of their first use


@dataclass(frozen=True, slots=True)
class _Module:
    path: str
    lines: tuple[str, ...]
    tree: ast.Module
    imports: dict[str, str]  # local name to dotted name
    definitions: dict[str, Definition]


@lru_cache(maxsize=32)
def parts(page: str) -> dict[str, Part]:
    """Return the page `pages/<page>.py` and what it calls in core, directly or not.

    Args:
        page: The name of a registered page.

    Returns:
        Parts by their names: the page, then what computes, then what draws (core.ui), each nearest first. Every name in
        a part's `calls` is a key.
    """
    path = app_paths.APP / "pages" / f"{page}.py"
    name = f"pages/{page}.py"
    page_module = _parse(path, name)
    calls = _calls(page_module, "", page_module.tree)
    index = {name: Part(name, name, 1, "\n".join(page_module.lines), calls)}
    waiting = list(calls)
    while waiting:
        dotted = waiting.pop(0)
        if dotted not in index:
            index[dotted] = _part(dotted)
            waiting += index[dotted].calls
    _parse.cache_clear()  # the trees of 200 files are large, and the parts are kept
    return dict(sorted(index.items(), key=lambda item: (item[0] != name, item[0].startswith("core.ui."))))


def callers(name: str, index: dict[str, Part]) -> tuple[str, ...]:
    """Return the names of the parts in `index` that use the part `name`."""
    return tuple(part.name for part in index.values() if name in part.calls and part.name != name)


def _part(dotted: str) -> Part:
    module_name, _, name = dotted.rpartition(".")
    module = _module(module_name)
    assert module is not None
    node = module.definitions[name]
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    source = "\n".join(module.lines[first - 1 : node.end_lineno])
    return Part(
        dotted, module.path, first, source, tuple(call for call in _calls(module, module_name, node) if call != dotted)
    )


def _calls(module: _Module, module_name: str, node: ast.AST) -> tuple[str, ...]:
    """Return the functions and classes of core whose names stand in `node`, each once."""
    hidden = _bound(node)
    calls: dict[str, None] = {}
    for dotted in _names(node):
        first, *rest = dotted.split(".")
        if first in hidden:
            continue
        if first in module.imports:
            dotted = ".".join([module.imports[first], *rest])
        elif first in module.definitions and module_name:
            dotted = f"{module_name}.{first}"
        target = _resolve(dotted)
        if target is not None:
            calls[target] = None
    return tuple(calls)


def _names(node: ast.AST) -> Iterator[str]:
    """Yield each name that is read in `node`, with the attributes after it: `a.b.c`. In the order of the source."""
    if isinstance(node, ast.Attribute):
        dotted: ast.expr = node
        attributes = []
        while isinstance(dotted, ast.Attribute):
            attributes.append(dotted.attr)
            dotted = dotted.value
        if isinstance(dotted, ast.Name):
            yield ".".join([dotted.id, *reversed(attributes)])
        else:
            yield from _names(dotted)
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    for child in ast.iter_child_nodes(node):
        yield from _names(child)


def _bound(node: ast.AST) -> set[str]:
    """Return the names that a function binds itself: they hide the module's names."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return set()
    arguments = {inner.arg for inner in ast.walk(node) if isinstance(inner, ast.arg)}
    return arguments | {
        inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
    }


def _resolve(dotted: str) -> str | None:
    """Return the dotted name under which a function or class of core is defined; None for anything else."""
    names = dotted.split(".")
    if names[0] != "core" or f"{dotted}.".startswith(tuple(f"{room}." for room in EXCLUDED_ROOMS)):
        return None
    for end in range(len(names) - 1, 0, -1):  # the longest name of a module
        module_name = ".".join(names[:end])
        if (module := _module(module_name)) is None:
            continue
        name = names[end]
        if name in module.definitions:
            return f"{module_name}.{name}"
        if name in module.imports and module.imports[name] != dotted:  # a package that re-exports it
            return _resolve(".".join([module.imports[name], *names[end + 1 :]]))
        return None
    return None


def _module(dotted: str) -> _Module | None:
    """Return the module of that name, parsed; None where there is no such file."""
    path = app_paths.ROOT.joinpath(*dotted.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return _parse(file, file.relative_to(app_paths.ROOT).as_posix())
    return None


@lru_cache(maxsize=512)
def _parse(file: Path, path: str) -> _Module:
    """Return a file, parsed; `path` is its name from the repository's root."""
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    imports: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            imports |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            imports |= {alias.asname: alias.name for alias in node.names if alias.asname}
    definitions = {node.name: node for node in tree.body if isinstance(node, _DEFINITIONS)}
    return _Module(path, tuple(text.splitlines()), tree, imports, definitions)
