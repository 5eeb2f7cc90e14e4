"""Teach a class: its queue, its people, what everybody is told, and its lesson step by step."""

from core.runs.run import StoreUnavailable
from core.ui import messages
from core.ui.backend import client, identity
from core.ui.layout import page_frame
from core.ui.views.instructor import STYLE, activity, controls, lesson
from core.ui.widgets import tabs

page_frame.page("instructor", STYLE)

if identity.person().instructs:
    try:
        controls.row(client.classroom().state())
        tabs.show("t_tab", {"Runs": activity.show, "Lesson": lesson.show}, names=("runs", "lesson"))
    except StoreUnavailable as error:
        page_frame.unavailable(error)
else:
    messages.info("This page is for the instructor of the class. Sign in as one to see it.")

page_frame.onward("instructor")
