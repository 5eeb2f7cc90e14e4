"""Draw the rooms of the house and what each imports, from the imports: python docs/draw_architecture.py.

Writes architecture.svg and architecture.md beside this file. The rooms stand from top to bottom in the order of the
contracts in pyproject.toml; a room's line goes to the right, and down at each room that it imports. A line that had to
go up would stand at the left, in orange.
"""

import ast
import sys
import tomllib
from html import escape
from pathlib import Path

import grimp

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
STEP_X, STEP_Y, LEFT, TOP, RADIUS = 40, 34, 190, 20, 7
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1C2530; }
  .room { fill: #2B4A6F; } .line { stroke: #5C6370; stroke-width: 1.2; fill: none; } .dot { fill: #5C6370; }
  .up { stroke: #D55E00; stroke-width: 2.5; fill: none; } .floor { stroke: #DDD7CB; stroke-width: 1; }
  .paper { fill: #FDFCF9; }
  @media (prefers-color-scheme: dark) {
    text { fill: #E7E5DF; } .room { fill: #7FA3CF; } .line { stroke: #B8BCC4; } .dot { fill: #B8BCC4; }
    .up { stroke: #E69F00; } .floor { stroke: #353D48; } .paper { fill: #14181D; }
  }
"""

Arrows = set[tuple[str, str]]


def floors(found: Arrows) -> list[list[str]]:
    """Return the rooms of each floor, top first, as the layer contracts have them; what has no contract is ground."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    whole, screens = ([line.split(" | ") for line in one["layers"]] for one in contracts if one["type"] == "layers")
    listed = [["app.py"], ["pages"]]
    for floor in whole:
        listed += screens if floor == ["core.ui"] else [floor]
    known = {room for floor in listed for room in floor}
    ground = sorted({room for arrow in found for room in arrow} - known)
    return [*listed, *([ground] if ground else [])]


def arrows() -> Arrows:
    """Return which room imports which other."""
    sys.path.insert(0, str(ROOT))
    graph = grimp.build_graph("core", cache_dir=None)
    found: Arrows = set()
    for module in graph.modules:
        for target in graph.find_modules_directly_imported_by(module):
            found.add((room(module), room(target)))
    for path in [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]:
        source = "app.py" if path.name == "app.py" else "pages"
        for target in _imported(path, graph.modules):
            found.add((source, room(target)))
    found.add(("app.py", "pages"))  # by core.ui.layout.navigation, by name
    return {(a, b) for a, b in found if a != b and "core" not in (a, b)}


def room(module: str) -> str:
    """Return the room of a module: a package of core, or of core.ui."""
    parts = module.split(".")
    return ".".join(parts[: 3 if parts[1:2] == ["ui"] else 2])


def going_up(found: Arrows, listed: list[list[str]]) -> list[tuple[str, str]]:
    """Return the arrows that do not lead to a floor further down."""
    level = {name: at for at, floor in enumerate(listed) for name in floor}
    return sorted(arrow for arrow in found if level[arrow[0]] >= level[arrow[1]])


def drawing(found: Arrows, listed: list[list[str]]) -> str:
    """Return the SVG."""
    rooms = [name for floor in listed for name in floor]
    at = {name: (LEFT + STEP_X * i, TOP + STEP_Y * i) for i, name in enumerate(rooms)}
    width, height = LEFT + STEP_X * len(rooms) - STEP_X // 2, TOP + STEP_Y * len(rooms)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>The {len(rooms)} rooms of CNN Lab and the {len(found)} arrows between them</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 Z" class="dot"/></marker></defs>',
    ]
    for floor in listed[1:]:
        y = at[floor[0]][1] - STEP_Y / 2
        lines.append(f'<path class="floor" d="M0 {y} H{width}"/>')
    for name in rooms:
        x, y = at[name]
        reached = [at[b][0] for a, b in found if a == name and at[b] > at[a]]
        users = [at[a][1] for a, b in found if b == name and at[b] > at[a]]
        if reached:
            lines.append(f'<path class="line" d="M{x + RADIUS} {y} H{max(reached)}"/>')
        if users:
            lines.append(f'<path class="line" d="M{x} {min(users)} V{y - RADIUS}" marker-end="url(#head)"/>')
    for a, b in sorted(found):
        (x, y), (to_x, to_y) = at[a], at[b]
        if (to_x, to_y) > (x, y):
            title = f"<title>{escape(a)} imports {escape(b)}</title>"
            lines.append(f'<circle class="dot" cx="{to_x}" cy="{y}" r="3.2">{title}</circle>')
        else:
            lines.append(f'<path class="up" d="M{x - RADIUS} {y} H{to_x} V{to_y + RADIUS}"/>')
    for name in rooms:
        x, y = at[name]
        side = 2 * RADIUS
        lines.append(f'<rect class="room" x="{x - RADIUS}" y="{y - RADIUS}" width="{side}" height="{side}" rx="2"/>')
        lines.append(f'<text x="{x - RADIUS - 8}" y="{y + 4.5}" text-anchor="end">{escape(name)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def page(found: Arrows, listed: list[list[str]]) -> str:
    """Return architecture.md: the drawing, how it is read, and what each room holds."""
    views = sorted(path.name for path in (ROOT / "core/ui/views").iterdir() if (path / "__init__.py").is_file())
    assert not going_up(found, listed), "lint-imports names the imports that lead up"
    lines = [
        "# The rooms of CNN Lab",
        "",
        "<!-- Made by docs/draw_architecture.py from the imports. Run it after a change; a test compares. -->",
        "",
        "![The rooms of CNN Lab and the arrows between them: every arrow leads down](architecture.svg)",
        "",
        "Each square is a room. Its line goes to the right; a dot on it is a room that it imports, and the arrow from",
        "there leads down to that room. Thin lines part the floors: rooms on one floor do not import one another. No",
        "arrow leads up: it would stand at the left, in orange. The contracts in `pyproject.toml` hold this",
        "(`lint-imports`).",
        "",
        f"`core.ui.views` has one folder for each page, named as its file in `pages/`: {', '.join(views)}. No view",
        "imports another. **What one page alone uses is in its view; what two pages use is below it, by kind.**",
        "",
        "| room | what it holds | imports |",
        "| --- | --- | --- |",
    ]
    for name in [name for floor in listed for name in floor]:
        targets = [b for floor in listed for b in floor if (name, b) in found]
        short = ", ".join(f"`{target}`" for target in targets) or "nothing of ours"
        lines.append(f"| `{name}` | {_summary(name)} | {short} |")
    return "\n".join([*lines, ""])


def _files(name: str) -> list[Path]:
    path = ROOT / name if name == "app.py" else ROOT / name.replace(".", "/")
    if path.is_dir():
        return sorted(path.rglob("*.py"))
    return [path if path.suffix else path.with_suffix(".py")]


def _summary(name: str) -> str:
    """Return the first sentence of the room's docstring."""
    if name == "pages":
        return "One file a screen: read the controls, call core, draw."
    files = _files(name)
    package = [file for file in files if file.name == "__init__.py" and file.parent.name == name.split(".")[-1]]
    first = [*package, *files][0]
    text = ast.get_docstring(ast.parse(first.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("|", "\\|")


def _imported(path: Path, modules: set[str]) -> list[str]:
    """Return core's modules that a file outside core imports."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [name if name in modules else node.module for name in names]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return [name for name in found if name in modules]


def documents() -> dict[str, str]:
    """Return the two files' names and texts."""
    found = arrows()
    listed = floors(found)
    return {"architecture.svg": drawing(found, listed), "architecture.md": page(found, listed)}


if __name__ == "__main__":
    for file, text in documents().items():
        DOCS.joinpath(file).write_text(text, encoding="utf-8")
