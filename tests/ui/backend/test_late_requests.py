"""What a page asks for once the person has left it, by Streamlit's own protocol, in an order that needs no luck."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import Mock

import pytest
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.state import SessionState
from websockets.asyncio.client import ClientConnection

from core.ui.backend.late_requests import OnePageRunner
from tests.ui.backend.streamlit_server import ask, heard, opened, served

SCRIPT = """
import time
import streamlit as st
from core.ui.backend import late_requests

@st.fragment  # of the same name on every page: the server knows it there, too
def part(): st.text("part")

def first(): part()
def second(): time.sleep(0.3); part()
def onward(): part(); time.sleep(0.3); st.switch_page(PAGES[1])

PAGES = [st.Page(first, default=True), st.Page(second), st.Page(onward)]
page = st.navigation(PAGES)
late_requests.drop(page)
page.run()
"""


async def runs(browser: ClientConnection) -> list[tuple[str, int]]:
    """Return the runs that a browser is told of until all is silent: the page, and how many fragments, 0 for all."""
    told = [message async for message in heard(browser) if message.HasField("new_session")]
    return [(message.new_session.page_script_hash, len(message.metadata.run.fragment_ids)) for message in told]


async def scene(url: str) -> None:
    browser = await opened(url)
    await ask(browser)
    messages = [message async for message in heard(browser)]
    [pages] = [message.navigation.app_pages for message in messages if message.HasField("navigation")]
    first, second, onward = (page.page_script_hash for page in pages)
    [part] = {m.delta.fragment_id for m in messages if m.HasField("delta") and m.delta.fragment_id}

    await ask(browser, page=second)
    await ask(browser, page=first, fragment=part)  # at once
    assert await runs(browser) == [(second, 0)]
    await ask(browser, page=first, fragment=part)  # the browser was busy, and had not heard of the second page
    await ask(browser, page=second, fragment=part)
    assert await runs(browser) == [(second, 1)]

    await ask(browser, page=first)
    assert await runs(browser) == [(first, 0)]
    await ask(browser, page=second)
    await asyncio.sleep(0.15)
    await ask(browser, page=first, fragment=part)  # while the second page runs: it would wait, and come after it
    assert await runs(browser) == [(second, 0)]

    await ask(browser, page=onward)
    await asyncio.sleep(0.15)
    await ask(browser, page=onward, fragment=part)  # the server itself then goes on to another page
    assert await runs(browser) == [(onward, 0), (second, 0)]
    await browser.close()


@pytest.mark.slow  # a server of its own
def test_no_fragment_of_a_page_that_was_left_is_run(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    with served(script) as url, ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, scene(url)).result()


@pytest.mark.parametrize("page", ["left", "next"])
def test_a_page_that_waits_to_be_run_is_no_other_for_a_fragments_request(page: str) -> None:
    runner = OnePageRunner(
        "session",
        "app.py",
        session_state=SessionState(),
        initial_rerun_data=RerunData(page_script_hash="next"),
        user_info={},
        **dict.fromkeys(
            ("uploaded_file_mgr", "script_cache", "fragment_storage", "pages_manager", "event_loop"), Mock()
        ),
    )
    assert runner.request_rerun(RerunData(page_script_hash=page, fragment_id="part"))  # Streamlit joins both requests
    waiting = runner._requests.on_scriptrunner_ready().rerun_data
    assert (waiting.page_script_hash, waiting.fragment_id_queue) == ("next", [])
