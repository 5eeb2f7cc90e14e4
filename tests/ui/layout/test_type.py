"""The type of the whole app: six sizes, in style sheets, drawings and charts (docs/design.md)."""

import re
from pathlib import Path

UI = Path(__file__).parents[3] / "core" / "ui"
SIZES = {12, 14, 16, 18, 24, 32}  # px
WRITTEN = re.compile(
    r"""(?:font-?[sS]ize["']?\s*[:=]\s*["']?|FontSize["']?\s*[:=]\s*|\bfont:\s*(?:[a-z]+\ )?(?:\d00\ )?)
    (?P<number>\d*\.?\d+)(?P<unit>rem|px)?(?=[\s;,"'/})`])""",
    re.VERBOSE,
)


def test_every_text_has_one_of_six_sizes() -> None:
    found = {}
    for file in sorted(UI.rglob("*")):
        if file.suffix in {".css", ".js", ".py", ".html", ".svg"}:
            for size in WRITTEN.finditer(file.read_text(encoding="utf-8")):
                pixels = float(size["number"]) * (16 if size["unit"] == "rem" else 1)
                found.setdefault(pixels, []).append(f"{file.relative_to(UI)}: {size.group()}")
    assert sum(map(len, found.values())) > 100  # it finds them
    assert not {pixels: places for pixels, places in found.items() if pixels not in SIZES}
