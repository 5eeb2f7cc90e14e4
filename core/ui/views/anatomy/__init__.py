"""The page "What happens inside a whole network?": a picture goes through a trained network, layer by layer."""

from pathlib import Path

STYLE = Path(__file__).with_name("anatomy.css")


def read_styles(sheet: Path) -> str:
    """A component's style sheet, after what the page's components share."""
    return "\n".join(file.read_text(encoding="utf-8") for file in (STYLE.with_name("palette.css"), sheet))
