"""Pasted text as Python: without the fences, prompts and typographic quotes it was copied with."""

import ast
import re
import textwrap

from core.layers.parse.values import ParseError

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
PRINTED = re.compile(r"^\s*\((?P<name>[\w-]+)\): (?:(?P<times>\d+) x )?(?P<layer>\w+)\(", re.MULTILINE)


def clean(text: str) -> str:
    r"""Return the code of a text, on the lines where it stood.

    Examples:
        >>> clean("```python\n>>> nn.ReLU()\n```")
        '\nnn.ReLU()\n'
    """
    lines = text.translate(QUOTES).expandtabs(4).splitlines()
    if fences := [place for place, line in enumerate(lines) if line.lstrip().startswith(("```", "~~~"))]:
        inside = False
        for place, line in enumerate(lines):
            if place in fences:
                inside = not inside
            lines[place] = line if inside and place not in fences else ""
    if any(re.match(r"\s*>>>", line) for line in lines):
        lines = [
            re.sub(r"^\s*(>>>|\.\.\.) ?", "", line) if re.match(r"\s*(>>>|\.\.\.)( |$)", line) else "" for line in lines
        ]
    lines = [re.sub(r"^\s*In ?\[\d*\]: ?", "", line) for line in lines]
    return textwrap.dedent("\n".join("" if re.match(r"\s*[%!]", line) else line for line in lines))


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
        label = re.match(r"\(([\w-]+)\): (?:(\d+) x )?", stripped)
        rest = stripped[label.end() :] if label else stripped
        named = f"{label[1]}=" if label and open_blocks and open_blocks[-1] and label[1].isidentifier() else ""
        if opened := re.fullmatch(r"(\w+)\(", rest):
            block = opened[1] in BLOCKS
            times = f"*{min(int(label[2]), 1000)} * [" if label and label[2] else ""
            lines.append(
                f"  {named}{times}nn.{opened[1] if block else 'Sequential'}(".removeprefix("" if label else "  ")
            )
            open_blocks.append(block)
            closings.append(")]" if times else ")")
        elif rest == ")" and closings:
            open_blocks.pop()
            lines.append(closings.pop() + ("," if closings else ""))
        elif label:
            settings = re.sub(r"padding=(same|valid)", r"padding='\1'", rest)
            lines.append(f"  {named}nn.{settings},")
        else:
            lines.append(rest)
    return "\n".join(lines)


def tree(text: str) -> ast.Module:
    """Return the syntax tree of a text. Raises ParseError if it is not Python."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise ParseError(error.lineno or 1, f"this is not Python code: {error.msg}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise ParseError(1, "this is not Python code that can be read.") from None
