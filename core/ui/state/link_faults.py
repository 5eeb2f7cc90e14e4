"""What is wrong with the link that opened a page: said at its top until a setting changes."""

from core.ui import messages
from core.ui.messages import Markdown
from core.ui.state.kept_page import PageState

MAX_LINES = 5  # of messages


def add(state: PageState, text: object, *, failed: bool) -> None:
    """Say at the top of the page what is wrong; `failed` if it is more than a single setting."""
    sentence = messages.escaped(text)
    state.failed |= failed
    if sentence not in state.refused:
        state.refused.append(sentence)
        state.refused_at = None  # the URL at the end of this run
        show(state)


def clear(state: PageState) -> None:
    """Forget what was wrong."""
    state.refused, state.refused_at, state.failed = [], None, False


def show(state: PageState) -> None:
    """Show what is wrong, if anything is."""
    if state.top is None or not state.refused:
        return
    more = len(state.refused) - MAX_LINES
    lines = [*state.refused[:MAX_LINES], *([Markdown(f"And {more} more.")] if more > 0 else [])]
    say = messages.error if state.failed else messages.warning
    with state.top:
        say(Markdown("  \n".join(lines)), icon=":material/link_off:")
