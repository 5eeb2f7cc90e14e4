"""Everybody's runs: accuracy against cost, the best so far, and any six of them side by side."""

from functools import partial

from core.runs.run import StoreUnavailable
from core.ui.backend import client, identity
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.runs import STYLE, compare, controls, downloads, live_chart, picked_row, table
from core.ui.widgets import tabs

page_frame.page("runs", STYLE)
try:
    board = client.runs().board(identity.person())
    settings = Settings({**controls.defaults(board), **table.DEFAULTS, **compare.DEFAULTS})
    chosen = controls.show(settings, board)
    live_chart.show(chosen, board)
    if board.runs:
        picked_row.show(board)
        tools = {
            "All runs": partial(table.show, settings, chosen, board),
            "Compare": partial(compare.show, settings, board),
            "Download": partial(downloads.show, chosen, board),
        }
        tabs.show("r_tab", tools, ["runs", "compare", "download"])
except StoreUnavailable as error:
    page_frame.unavailable(error)

page_frame.onward("runs")
