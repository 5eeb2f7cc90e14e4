"""Bundle a component's JavaScript modules into the single module that Streamlit expects.

Streamlit serves a component's files (`asset_dir`) only out of an installed package, and this app also starts from a
checkout, so the modules are sent as text. Each keeps its own scope, so that two may have a helper of the same name, and
line breaks are kept, so that a source map leads from an error to its file.

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
    """Raised when modules cannot be bundled; names the problem, the file and the line."""


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
    """An export: the keywords before a declaration, text[start:end], the exported name and the declared name."""

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
    """Return one ES module: all imports of `entry`, each in its own scope, then `entry` at the top level.

    Args:
        entry: the component's main file, the one with `export default`.
        code: the entry's text if it is not read from the file, as in tests.

    Raises:
        BundleError: if a file, a name or a statement cannot be read, or imports are circular.
    """
    entry = entry.resolve()
    modules: dict[Path, Module] = {}
    _collect(_read(entry) if code is None else _parse(entry, code), modules, ())
    scopes = {path: f"$module{number}" for number, path in enumerate(modules)}
    lines: list[str] = []
    sources: list[tuple[int, int] | None] = []  # of each line: number of its file, and line in it
    for number, (path, module) in enumerate(modules.items()):
        own = _linked(module, scopes, is_entry=path == entry).removesuffix("\n").split("\n")
        sources += [(number, line) for line in range(len(own))]
        if path != entry:
            own[0] = f"const {scopes[path]} = (() => {{ {own[0]}"
            own.append(
                f"return {{ {', '.join(f'{export.exported}: {export.name}' for export in module.exports)} }}; }})();"
            )
            sources.append(None)
        lines += own
    return "\n".join([*lines, _source_map(list(modules), sources)])


def _collect(module: Module, modules: dict[Path, Module], importers: tuple[Path, ...]) -> None:
    """Add a module to `modules`, after its imports."""
    importers = (*importers, module.path)
    for statement in module.imports:
        if statement.file in importers:
            cycle = [*importers[importers.index(statement.file) :], statement.file]
            raise BundleError(f"{statement.where}: circular import: {' imports '.join(map(_name, cycle))}.")
        if not statement.file.is_file():
            raise BundleError(f"{statement.where}: there is no file {_name(statement.file)}.")
        imported = _read(statement.file)
        exported = [export.exported for export in imported.exports]
        for name, _ in statement.names:
            if name not in exported:
                names_list = ", ".join(exported) or "nothing"
                raise BundleError(
                    f"{statement.where}: {_name(statement.file)} exports no {name}; it exports {names_list}."
                )
        if statement.file not in modules:
            _collect(imported, modules, importers)
    modules[module.path] = module


def _read(path: Path) -> Module:
    return _parse(path, path.read_text(encoding="utf-8"))


@lru_cache(maxsize=256)  # by text, so that a changed file is parsed again
def _parse(path: Path, text: str) -> Module:
    text = _TYPES.sub(lambda comment: "\n" * comment[0].count("\n"), text)  # types are for tsc, not for the browser
    imports, exports = [], []
    for match in _STATEMENT.finditer(text):
        where = f"{_name(path)}:{text.count(chr(10), 0, match.start()) + 1}"
        if match[0] == "export":
            export = _EXPORT.match(text, match.start())
            name = export and (export[2] or export[3])
            if not export or not name or (export[1] and export[3]):
                raise BundleError(f"{where}: write export before const, or export (default) before function or class.")
            exports.append(Export(export.start(), export.end(), "default" if export[1] else name, name))
            continue
        statement = _IMPORT.match(text, match.start())
        pairs = (
            [_NAMES.fullmatch(part.strip()) for part in statement[1].rstrip().rstrip(",").split(",")]
            if statement
            else []
        )
        names = tuple((pair[1], pair[2] or pair[1]) for pair in pairs if pair)
        if not statement or len(names) < len(pairs):
            raise BundleError(f'{where}: write an import as import {{ a, b as c }} from "./file.js";')
        imports.append(Import(statement.start(), statement.end(), where, (path.parent / statement[2]).resolve(), names))
    return Module(path, text, tuple(imports), tuple(exports))


def _linked(module: Module, scopes: dict[Path, str], *, is_entry: bool) -> str:
    """Return the module's text with its imports taken from `scopes`, line by line; only the entry keeps its exports."""
    changes = [
        (
            statement.start,
            statement.end,
            f"const {{ {', '.join(map(': '.join, statement.names))} }} = {scopes[statement.file]};"
            + "\n" * module.text.count("\n", statement.start, statement.end),
        )
        for statement in module.imports
    ]
    if not is_entry:
        changes += [(export.start, export.end, "") for export in module.exports]
    text = module.text
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _source_map(files: list[Path], sources: list[tuple[int, int] | None]) -> str:
    """Return the comment that leads from each line to its file's line (ECMA-426), without the files' text."""
    mappings, last = [], (0, 0)
    for source in sources:
        if source:
            file, line = source
            mappings.append("A" + _variable_length(file - last[0]) + _variable_length(line - last[1]) + "A")
            last = source
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
