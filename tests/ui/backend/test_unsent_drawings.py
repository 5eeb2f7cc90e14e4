"""A fragment that is run while the page's drawing waits to be sent, in an order that needs no luck."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.ui.backend.streamlit_server import ask, heard, opened, served

UNSENT = """
import time
import streamlit as st
from streamlit import runtime
from core.ui.backend import event_loop, redrawn_fragments, unsent_drawings

unsent_drawings.keep()
if st.query_params.get("busy"):
    time.sleep(0.3)  # the browser asks for the fragment
    event_loop.call(runtime.get_instance(), time.sleep, 0.5)  # nothing is sent for so long
group = redrawn_fragments.Group(60.0)
group.fragment(lambda: st.text("part"))()  # of its two places the last is redrawn first, and asks for the other
group.start()
st.text("end")
"""
ENDED = """
import time
import streamlit as st
from streamlit import runtime
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState
from core.ui.backend import event_loop, late_requests, unsent_drawings

unsent_drawings.keep()

@st.fragment
def part():
    st.session_state.fragment = ThreadState.get().fragment_id

def page():
    part()
    if st.query_params.get("busy"):
        instance = runtime.get_instance()
        session = instance._session_mgr.get_active_session_info(get_script_run_ctx().session_id).session
        request = ClientState(fragment_id=st.session_state.fragment, page_script_hash=shown._script_hash)
        def in_one_turn():
            time.sleep(0.5)  # the page is drawn to its end
            session.request_rerun(request)
        event_loop.call(instance, in_one_turn)
        time.sleep(0.1)
    st.text("end")

shown = st.navigation([st.Page(page)])
late_requests.drop(shown)
shown.run()
"""


def drawn(messages: list[ForwardMsg]) -> list[tuple[int, list[list[int]]]]:
    """Return how each run ended that a browser is told of, and the places that the run drew until then."""
    runs = []
    places: list[list[int]] = []
    for message in messages:
        if message.HasField("new_session"):
            places = []
        elif message.HasField("delta"):
            places.append(list(message.metadata.delta_path))
        elif message.HasField("script_finished"):
            runs.append((message.script_finished, places))
    return runs


async def unsent(url: str) -> None:
    browser = await opened(url)
    await ask(browser)
    messages = [message async for message in heard(browser)]
    [fragment] = {message.auto_rerun.fragment_id for message in messages if message.HasField("auto_rerun")}
    [whole] = drawn(messages)
    assert whole == (ForwardMsg.FINISHED_SUCCESSFULLY, [[0, 0], [0, 0, 0], [0, 1], [0, 2]])

    await ask(browser, query="busy=1")
    await ask(browser, fragment=fragment)
    redrawn = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
    messages = [message async for message in heard(browser)]
    assert drawn(messages) == [whole, (redrawn, [[0, 1]]), (redrawn, [[0, 0], [0, 0, 0]])]
    await browser.close()


async def ended(url: str) -> None:
    browser = await opened(url)
    await ask(browser)
    [whole] = drawn([message async for message in heard(browser)])
    assert whole == (ForwardMsg.FINISHED_SUCCESSFULLY, [[0, 0], [0, 1]])
    await ask(browser, query="busy=1")
    messages = [message async for message in heard(browser)]
    assert drawn(messages) == [whole, (ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY, [[0, 0]])]
    await browser.close()


@pytest.mark.slow  # a server of its own
@pytest.mark.parametrize(("script", "scene"), [(UNSENT, unsent), (ENDED, ended)], ids=["unsent", "ended"])
def test_what_a_page_drew_is_sent_though_a_fragment_is_drawn_anew(
    script: str, scene: Callable[[str], Coroutine[None, None, None]], tmp_path: Path
) -> None:
    file = tmp_path / "script.py"
    file.write_text(script)
    with served(file) as url, ThreadPoolExecutor(1) as pool:  # in this one a loop may run already, Playwright's
        pool.submit(asyncio.run, scene(url)).result()
