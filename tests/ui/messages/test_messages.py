"""What came from outside is shown as it is: no character of it makes a link, a picture, a heading or a color."""

import ast
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.ui import messages
from core.ui.messages import Markdown, escaped, hosting

ROOT = Path(__file__).parents[3]
JOINER = "\u2060"
SOURCES = [*(ROOT / "pages").glob("*.py"), *(ROOT / "core" / "ui").rglob("*.py")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![x](//evil.test/t)", r"!\[x\]\(//evil.test/t)"),
        ("[a](https://evil.test)", rf"\[a\]\(https:{JOINER}//evil.test)"),
        ("see www.evil.test or me@evil.test", f"see www{JOINER}.evil.test or me@{JOINER}evil.test"),
        ("<img src=x onerror=y>", r"\<img src=x onerror=y>"),
        ("&lt;b&gt; & co", r"\&lt;b\&gt; & co"),
        (":red[x] :material/home: :smile:", rf":{JOINER}red\[x\] :{JOINER}material/home: :{JOINER}smile:"),
        ("**a** _b_ in_channels ~c~ `d` $e$", r"\*\*a\*\* \_b\_ in_channels \~c\~ \`d\` \$e\$"),
        ("# a\n\n- b\n| c | d |", r"\# a - b \| c \| d \|"),
        ("1. a", r"1\. a"),
        ("> a", r"\> a"),
        ("back\\slash", r"back\\slash"),
        ("Layer 3: kernel 5 is larger than 2 x 2 (1,024 px, 98.5 %).",) * 2,
        ("half \ud800 a character", "half ? a character"),
        ("12.5 MB", "12.5 MB"),
        ("שלום: 7", "\u2068שלום: 7\u2069"),  # else the words after it would change places with it
        ("Ødegård-李", "Ødegård-李"),
    ],
)
def test_text_from_outside_is_shown_letter_by_letter(text: str, shown: str) -> None:
    assert escaped(text) == shown
    assert escaped(escaped(text)) == shown, "what is escaped is not escaped again"
    assert escaped(ValueError(text)) == shown


def test_a_flood_of_text_is_cut() -> None:
    assert len(escaped("ab " * 10_000)) < messages.MAX_LENGTH + 10


def test_markdown_of_our_own_escapes_what_is_put_into_it() -> None:
    told = Markdown("**{name}** has {count:,} of {of}, {kept}").format(
        name="*x*", count=12_345, of="[y](//z)", kept=Markdown("*as it is*")
    )
    assert told == r"**\*x\*** has 12,345 of \[y\]\(//z), *as it is*"
    assert Markdown("{}: {:.1f}").format("`a`", 2.25) == r"\`a\`: 2.2"


def test_every_kind_of_message_escapes() -> None:
    def page() -> None:
        from core.ui import messages

        for show in (messages.error, messages.warning, messages.info, messages.line, messages.caption):
            show("![x](//evil.test/t)")
            show(messages.Markdown("**{}**").format("*y*"))

    app = AppTest.from_function(page).run()
    for kind in (app.error, app.warning, app.info, app.markdown, app.caption):
        assert [element.value for element in kind] == [r"!\[x\]\(//evil.test/t)", r"**\*y\***"]


def _calls(tree: ast.AST, kinds: set[str]) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in kinds
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "st"
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_messages_go_through_the_one_place(path: Path) -> None:
    """Streamlit's own error, warning and info render Markdown; so does anything an exception's text is given to."""
    if path == Path(messages.__file__):
        return
    tree = ast.parse(path.read_text())
    assert not _calls(tree, {"error", "warning", "info", "success", "toast", "exception"})
    for handler in ast.walk(tree):
        if isinstance(handler, ast.ExceptHandler) and handler.name:
            for call in _calls(handler, {name for name in dir(st) if not name.startswith("_")} - {"stop", "rerun"}):
                names = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
                assert handler.name not in names, f"line {call.lineno}: use core.ui.messages"


@pytest.mark.parametrize(
    ("address", "names", "expected"),
    [
        ("localhost", ["localhost", "127.0.0.1"], False),
        ("127.0.0.1", [], False),
        ("::1", ["localhost"], False),
        ("0.0.0.0", ["localhost"], True),
        (None, [], True),
        ("192.168.1.7", [], True),
        ("localhost", ["localhost", "class.example.org"], True),
        ("localhost", ["*"], True),
    ],
)
def test_one_place_knows_whether_others_can_come(
    address: str | None, names: list[str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"server.address": address, "server.allowedHosts": names}
    monkeypatch.setattr(st, "get_option", options.__getitem__)
    assert hosting.hosted() is expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It cannot write to its folder {home}, so nothing.", "It cannot write to its folder my home, so nothing."),
        ("The file {home}/runs.sqlite is damaged: move it.", "The file runs.sqlite is damaged: move it."),
        ("{home}/data/MNIST/raw/train.gz is broken.", "train.gz is broken."),
        ("It lies in /srv/private/set.zip.", "It lies in set.zip."),
        (r"In C:\Users\me\set.zip, as before.", "In set.zip, as before."),
        (
            "Use train/CLASS/*.png, 3 images/s, 1/2 and http://a/b.",
            "Use train/CLASS/*.png, 3 images/s, 1/2 and http://a/b.",
        ),
    ],
)
def test_a_visitor_is_told_no_path_of_the_server(
    text: str, shown: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "my home"
    monkeypatch.setenv("CNNLAB_HOME", str(home))
    whole = text.replace("{home}", str(home))
    monkeypatch.setattr(hosting, "hosted", lambda: True)
    assert hosting.without_paths(whole) == shown
    monkeypatch.setattr(hosting, "hosted", lambda: False)
    assert hosting.without_paths(whole) == whole, "on one's own machine the path is what helps"
