"""Pasted text as Python: without the fences, prompts and typographic quotes it was copied with."""

import ast
import re
import textwrap

from core.layers.parse.values import ParseError

MAX_CHARACTERS = 200_000
QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\ufeff": None, "\u200b": None}
)
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
    for line in text.splitlines():
        stripped = line.strip()
        label = re.match(r"\(([\w-]+)\): ", stripped)
        rest = stripped[label.end() :] if label else stripped
        times = re.match(r"(\d+) x ", rest)
        rest = rest[times.end() :] if times else rest
        opened = re.fullmatch(r"\w+\(", rest)
        count = f"*{min(int(times[1]), 1000)} * " if times else ""
        if opened:
            rest = f"{count}[nn.Sequential(" if count else "nn.Sequential("
            lines.append("  " * bool(label) + rest)
        elif rest == ")" or not label:
            lines.append(rest if not lines or (not label and rest != ")") else ")," if line[:1] == " " else ")")
        else:
            rest = re.sub(r"padding=(same|valid)", r"padding='\1'", rest)
            lines.append(f"  nn.{rest},")
    return "\n".join(lines)


def tree(text: str) -> ast.Module:
    """Return the syntax tree of a text. Raises ParseError if it is not Python."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise ParseError(error.lineno or 1, f"this is not Python code: {error.msg}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise ParseError(1, "this is not Python code that can be read.") from None
