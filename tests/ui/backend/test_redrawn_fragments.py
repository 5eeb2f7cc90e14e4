"""Fragments that redraw themselves, by Streamlit's own protocol, on a server with a script of their own."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.ui.backend.redrawn_fragments import SOON_SECONDS
from tests.ui.backend.streamlit_server import ask, heard, opened, served

SCRIPT = """
import threading
import streamlit as st
from core.ui.backend import redrawn_fragments

group = redrawn_fragments.Group(30.0)
for name in ("first", "second", "third"):
    group.fragment(lambda name=name: st.text(name))()
group.start()
redrawn_fragments.fragment(lambda: st.text("alone"), 20.0, "class")()

if st.query_params.get("now"):
    threading.Thread(target=redrawn_fragments.now, args=("class",)).start()
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    with served(script) as address:
        yield address


async def scene(url: str) -> None:
    browser = await opened(url)
    await ask(browser)
    timers = [
        (m.auto_rerun.fragment_id, m.auto_rerun.interval) async for m in heard(browser) if m.HasField("auto_rerun")
    ]
    assert {interval for _, interval in timers} == {30.0, 20.0}
    of = {interval: fragment for fragment, interval in timers}

    await ask(browser, of[30.0])
    answer = [message async for message in heard(browser)]
    runs = [list(m.metadata.run.fragment_ids) for m in answer if m.HasField("new_session")]
    assert [len(fragments) for fragments in runs] == [1, 3], "all of them come in one run"
    finished = [m.script_finished for m in answer if m.HasField("script_finished")]
    assert finished[-1] == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY, "the browser drops what was not drawn again"
    texts = [m.delta.new_element.text.body for m in answer if m.delta.new_element.HasField("text")]
    assert texts == ["first", "second", "third"]

    other = await opened(url)
    await ask(other, query="now=1")
    hurried = [
        (m.auto_rerun.fragment_id, m.auto_rerun.interval) async for m in heard(browser) if m.HasField("auto_rerun")
    ]
    assert hurried == [(of[20.0], pytest.approx(SOON_SECONDS))]
    await ask(browser, of[20.0])
    slowed = [
        (m.auto_rerun.fragment_id, m.auto_rerun.interval) async for m in heard(browser) if m.HasField("auto_rerun")
    ]
    assert slowed == [(of[20.0], 20.0)]
    await browser.close()
    await other.close()


@pytest.mark.slow  # a server of its own
def test_a_group_is_redrawn_together_and_at_once_when_its_topic_changes(url: str) -> None:
    with ThreadPoolExecutor(1) as pool:  # in this one a loop may run already, Playwright's
        pool.submit(asyncio.run, scene(url)).result()
