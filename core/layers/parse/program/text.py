"""Pasted text as Python: without the fences, prompts and typographic quotes it was copied with."""

import ast
import json
import re
import textwrap

from core.layers.parse.trace import ParseError

MAX_CHARACTERS = 200_000
QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\ufeff": None, "\u200b": None}
)
BLOCKS = ("BasicBlock", "Bottleneck")  # of ResNets: what a printed one does is known by its name
BLOCKS_PROGRAM = """
class BasicBlock(nn.Module):
    def __init__(self, **parts):
        self.parts = parts

    def forward(self, x):
        y = F.relu(self.parts["bn1"](self.parts["conv1"](x)))
        y = self.parts["bn2"](self.parts["conv2"](y))
        return self.end(x, y)

    def end(self, x, y):
        shortcut = self.parts.get("downsample", self.parts.get("shortcut"))
        return F.relu(y + (x if shortcut is None else shortcut(x)))


class Bottleneck(BasicBlock):
    def forward(self, x):
        y = F.relu(self.parts["bn1"](self.parts["conv1"](x)))
        y = F.relu(self.parts["bn2"](self.parts["conv2"](y)))
        return self.end(x, self.parts["bn3"](self.parts["conv3"](y)))
"""
PYTHON = {"", "python", "py", "python3", "pycon", "ipython", "ipython3", "pytorch", "keras", "text", "txt"}
CODE = re.compile(
    r"\s|[@#)\]}]|(?:class|def|async|if|elif|else|for|while|with|try|except|finally|return|import|from|match)\b"
    r"|[\w., ]+=|[\w.]+\("
)
PRINTED = re.compile(r"^[ \t]*\((?P<name>[\w-]+)\): (?:(?P<times>\d+) x )?(?P<layer>\w+)\(", re.MULTILINE)


def from_notebook(text: str) -> str:
    """Return the code of a notebook's cells, one after another; a text that is no notebook as it is."""
    try:
        cells = json.loads(text)["cells"] if text.lstrip().startswith("{") and '"cells"' in text else []
        return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code") or text
    except (ValueError, KeyError, TypeError, RecursionError):
        return text


def clean(text: str) -> str:
    r"""Return the code of a text, on the lines where it stood.

    Examples:
        >>> clean("```python\n>>> nn.ReLU()\n```")
        '\nnn.ReLU()\n'
    """
    lines = text.translate(QUOTES).expandtabs(4).splitlines()
    if fences := [place for place, line in enumerate(lines) if line.lstrip().startswith(("```", "~~~"))]:
        lines = _fenced(lines, fences)
    if any(line.startswith("@@ ") for line in lines):
        kept = [line if line[:1] in " +" and not line.startswith("+++") else "" for line in lines]
        lines = [line[1:] for line in kept]
    numbered = [re.match(r"\s*(\d+)[:.|]?(?:\s|$)", line) for line in lines if line.strip()]
    counted = [int(match[1]) for match in numbered if match is not None and len(match[1]) < 6]
    if len(counted) == len(numbered) > 1 and counted == list(range(counted[0], counted[0] + len(counted))):
        lines = [re.sub(r"^\s*\d+[:.|]?", "", line) for line in lines]
    if any(re.match(r"\s*>>>", line) for line in lines):
        lines = [
            re.sub(r"^\s*(>>>|\.\.\.) ?", "", line) if re.match(r"\s*(>>>|\.\.\.)( |$)", line) else "" for line in lines
        ]
    if any(re.match(r"\s*In ?\[\d*\]:", line) for line in lines):
        lines = _typed(lines)
    return textwrap.dedent("\n".join("" if re.match(r"\s*[%!]", line) else line for line in lines))


def _fenced(lines: list[str], fences: list[int]) -> list[str]:
    """Return only what stands in Markdown's fences; where there are several, only what is Python."""
    blocks: list[tuple[int, int]] = []
    named: list[bool] = []  # whether a block may be Python by its name
    for place, end in zip(fences[::2], (*fences[1::2], len(lines)), strict=False):
        blocks.append((place + 1, end))
        named.append(lines[place].strip("`~ ").lower() in PYTHON)
    parsed = [block for block, may in zip(blocks, named, strict=True) if may and _is_python(lines[slice(*block)])]
    chosen = parsed or [block for block, may in zip(blocks, named, strict=True) if may] or blocks
    inside = {place for block in chosen for place in range(*block)}
    return [line if place in inside else "" for place, line in enumerate(lines)]


def _is_python(lines: list[str]) -> bool:
    whole = "\n".join(lines)
    if PRINTED.search(whole) or re.search(r"^[ \t]*(>>>|In ?\[)", whole, re.MULTILINE):
        return True
    try:
        ast.parse(textwrap.dedent(whole))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(whole.strip())


def _typed(lines: list[str]) -> list[str]:
    """Return what was typed at IPython's prompts, without what it answered."""
    typed = True
    for place, line in enumerate(lines):
        typed = bool(re.match(r"\s*In ?\[", line)) or (typed and not re.match(r"\s*Out ?\[", line))
        lines[place] = re.sub(r"^\s*(In ?\[\d*\]:|\.\.\.:) ?", "", line) if typed else ""
    return lines


def _without_prose(text: str) -> str:
    """Return a text without lines at its margin that are sentences, not code."""
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if not CODE.match(line) and len(re.findall(r"[^\W\d_]+", line)) > 2 and not _is_python([line]):
            lines[place] = ""
    return "\n".join(lines)


def is_printed(text: str) -> bool:
    """Return whether a text is what `print(model)` writes."""
    return PRINTED.search(text) is not None


def from_printed(text: str) -> str:
    r"""Return the code of a printed model, line by line: every container is a Sequential.

    Examples:
        >>> from_printed("Net(\n  (0): ReLU()\n)")
        'nn.Sequential(\n  nn.ReLU(),\n)'
    """
    lines: list[str] = []
    open_blocks: list[bool] = []  # whether each open container is a block, whose layers have names
    closings: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        label = re.match(r"\(([\w-]+)\): (?:(\d{1,6}) x )?", stripped)
        rest = stripped[label.end() :] if label else stripped
        named = f"{label[1]}=" if label and open_blocks and open_blocks[-1] and label[1].isidentifier() else ""
        times = f" for _ in range({int(label[2])})]" if label and label[2] else ""
        if opened := re.fullmatch(r"(\w+)\(", rest):
            block = opened[1] in BLOCKS
            lines.append(
                f"  {named}{'*[' * bool(times)}nn.{opened[1] if block else 'Sequential'}(".removeprefix(
                    "" if label else "  "
                )
            )
            open_blocks.append(block)
            closings.append(f"){times}")
        elif rest == ")" and closings:
            open_blocks.pop()
            lines.append(closings.pop() + ("," if closings else ""))
        elif label:
            settings = re.sub(r"padding(_mode)?=([a-z]+)", r"padding\1='\2'", rest)
            lines.append(f"  {named}{'*[' * bool(times)}nn.{settings}{times},")
        else:
            lines.append(rest)
    return "\n".join(lines)


def tree(text: str) -> ast.Module:
    """Return the syntax tree of a text. Raises ParseError if it is not Python."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        if (code := _without_prose(text)).strip() and code != text:
            return tree(code)
        raise ParseError(error.lineno or 1, f"this is not Python code: {error.msg}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise ParseError(1, "this is not Python code that can be read.") from None
