"""Augmentation: one picture becomes many, by steps that the visitor chooses; effects, cost and pitfalls."""

from core.runs.inference_client import InferenceError
from core.ui import messages
from core.ui.backend import client
from core.ui.layout import column_grid, page_frame
from core.ui.state.settings import Settings
from core.ui.views.augmentation import (
    average,
    cost,
    editor,
    export,
    histograms,
    label_traps,
    picture,
    preview,
    queries,
    sweep,
    what_to_notice,
)
from core.ui.widgets import tabs

page_frame.page("augmentation", preview.STYLE)
client.inference().warm_up()

settings = Settings({**picture.DEFAULTS, **preview.DEFAULTS})
with page_frame.controls():
    source = picture.pick(settings)
    editor.presets()
    preview.again()
main, side = column_grid.main_and_side()
with side:
    pipeline, seed = editor.pick(settings)
    export.train_link(pipeline)
try:
    with main:
        with page_frame.stage(460):
            drawn = preview.grid(pipeline, source, seed)
        page_frame.notice(*what_to_notice.sentences(pipeline, source, seed, drawn))
    picture.data_line()
    label_traps.warn(pipeline, source)

    tabs.show(
        "a_tab",
        {
            "Average": lambda: average.show(queries.average(pipeline, source, seed), pipeline, source),
            "Sweep": lambda: sweep.show(pipeline, source, seed),
            "Random draws": lambda: histograms.show(queries.average(pipeline, source, seed), pipeline),
            "Cost": lambda: cost.show(pipeline, source),
            "Export": lambda: export.show(pipeline, source),
        },
        names=("average", "sweep", "draws", "cost", "export"),
    )
except InferenceError as error:
    messages.error(error)

page_frame.onward("augmentation")
