"""Joins a component's JavaScript modules into the one module that Streamlit takes.

Streamlit serves a component's files (`asset_dir`) only out of an installed package, and this app also starts from a
checkout, so the modules travel as text. Each keeps a scope of its own, so that two may have a helper of the same name,
and each line stays a line, so that a source map leads from an error to its file.

One form of import is read, `import { a, b as c } from "./file.js";`, and of exports `export const NAME` and `export`
or `export default` before a function or class with a name. They begin at the start of a line, as prettier writes them.
Other forms, missing files, names that are not exported and circular imports are errors that name the file and line.
"""

import base64
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[4]  # paths in messages and source maps start here

_TYPES = re.compile(r"^[ \t]*/\*\*.*?\*/", re.MULTILINE | re.DOTALL)
_STATEMENT = re.compile(r"^(?:import|export)\b", re.MULTILINE)
_IMPORT = re.compile(r"""import \{([^{}]*)\} from "(\.\.?/[^"]+\.js)";""")
_NAMES = re.compile(r"(\w+)(?: as (\w+))?")
_EXPORT = re.compile(r"export (default )?(?=(?:async )?(?:function\*?|class) (\w+)|const (\w+))")
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class BundleError(Exception):
    """Modules that cannot be joined: what is wrong, in which file and line."""


@dataclass(frozen=True, slots=True)
class Import:
    """An import statement, text[start:end]: the file, and each name as it is exported there and as it is used here."""

    start: int
    end: int
    where: str
    file: Path
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Export:
    """The word or words before a declaration, text[start:end], the name for others and the declared one."""

    start: int
    end: int
    exported: str
    name: str


@dataclass(frozen=True, slots=True)
class Module:
    """A JavaScript file without its comments on types, line by line, with its imports and exports."""

    path: Path
    text: str
    imports: tuple[Import, ...]
    exports: tuple[Export, ...]


def bundle(entry: Path, code: str | None = None) -> str:
    """Return one ES module: all that `entry` imports, each in a scope of its own, then `entry` at the top level.

    Args:
        entry: the component's main file, the one with `export default`.
        code: the entry's text where that is not what stands in the file, as in tests.

    Raises:
        BundleError: where a file, a name or a statement cannot be read, or imports go in a circle.
    """
    entry = entry.resolve()
    modules: dict[Path, Module] = {}
    _collect(_read(entry) if code is None else _parse(entry, code), modules, ())
    scopes = {path: f"$module{number}" for number, path in enumerate(modules)}
    lines: list[str] = []
    places: list[tuple[int, int] | None] = []  # of each line: the number of its file, and its line there
    for number, (path, module) in enumerate(modules.items()):
        own = _linked(module, scopes, is_entry=path == entry).removesuffix("\n").split("\n")
        places += [(number, line) for line in range(len(own))]
        if path != entry:
            own[0] = f"const {scopes[path]} = (() => {{ {own[0]}"
            own.append(f"return {{ {', '.join(f'{one.exported}: {one.name}' for one in module.exports)} }}; }})();")
            places.append(None)
        lines += own
    return "\n".join([*lines, _source_map(list(modules), places)])


def _collect(module: Module, modules: dict[Path, Module], above: tuple[Path, ...]) -> None:
    """Add a module to `modules`, behind all that it imports."""
    above = (*above, module.path)
    for one in module.imports:
        if one.file in above:
            circle = [*above[above.index(one.file) :], one.file]
            raise BundleError(f"{one.where}: circular import: {' imports '.join(map(_name, circle))}.")
        if not one.file.is_file():
            raise BundleError(f"{one.where}: there is no file {_name(one.file)}.")
        imported = _read(one.file)
        exported = [export.exported for export in imported.exports]
        for name, _ in one.names:
            if name not in exported:
                listed = ", ".join(exported) or "nothing"
                raise BundleError(f"{one.where}: {_name(one.file)} exports no {name}; it exports {listed}.")
        if one.file not in modules:
            _collect(imported, modules, above)
    modules[module.path] = module


def _read(path: Path) -> Module:
    return _parse(path, path.read_text(encoding="utf-8"))


@lru_cache(maxsize=256)  # by the text: what changes on the disk is read anew
def _parse(path: Path, text: str) -> Module:
    text = _TYPES.sub(lambda comment: "\n" * comment[0].count("\n"), text)  # they are for tsc, not for the browser
    imports, exports = [], []
    for match in _STATEMENT.finditer(text):
        where = f"{_name(path)}:{text.count(chr(10), 0, match.start()) + 1}"
        if match[0] == "export":
            found = _EXPORT.match(text, match.start())
            name = found and (found[2] or found[3])
            if not found or not name or (found[1] and found[3]):
                raise BundleError(f"{where}: write export before const, or export (default) before function or class.")
            exports.append(Export(found.start(), found.end(), "default" if found[1] else name, name))
            continue
        found = _IMPORT.match(text, match.start())
        pairs = [_NAMES.fullmatch(part.strip()) for part in found[1].rstrip().rstrip(",").split(",")] if found else []
        names = tuple((pair[1], pair[2] or pair[1]) for pair in pairs if pair)
        if not found or len(names) < len(pairs):
            raise BundleError(f'{where}: write an import as import {{ a, b as c }} from "./file.js";')
        imports.append(Import(found.start(), found.end(), where, (path.parent / found[2]).resolve(), names))
    return Module(path, text, tuple(imports), tuple(exports))


def _linked(module: Module, scopes: dict[Path, str], *, is_entry: bool) -> str:
    """Return the module's text with its imports taken from `scopes`, line by line; only the entry keeps its exports."""
    changes = [
        (
            one.start,
            one.end,
            f"const {{ {', '.join(f'{name}: {local}' for name, local in one.names)} }} = {scopes[one.file]};"
            + "\n" * module.text.count("\n", one.start, one.end),
        )
        for one in module.imports
    ]
    if not is_entry:
        changes += [(one.start, one.end, "") for one in module.exports]
    text = module.text
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _source_map(files: list[Path], places: list[tuple[int, int] | None]) -> str:
    """Return the comment that leads from each line to its file's line (ECMA-426), without the files' text."""
    mappings, last = [], (0, 0)
    for place in places:
        if place:
            file, line = place
            mappings.append("A" + _variable_length(file - last[0]) + _variable_length(line - last[1]) + "A")
            last = place
        else:
            mappings.append("")
    content = {"version": 3, "sources": [_name(file) for file in files], "names": [], "mappings": ";".join(mappings)}
    encoded = base64.b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()
    return f"//# sourceMappingURL=data:application/json;base64,{encoded}\n"


def _variable_length(number: int) -> str:
    """Return a whole number as source maps write it: the sign last, five bits a digit, the lowest first."""
    rest = (-number << 1) | 1 if number < 0 else number << 1
    digits = ""
    while True:
        rest, digit = rest >> 5, rest & 31
        digits += _DIGITS[digit | 32 if rest else digit]
        if not rest:
            return digits


def _name(path: Path) -> str:
    return (path.relative_to(ROOT) if path.is_relative_to(ROOT) else path).as_posix()
