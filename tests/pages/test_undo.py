"""Undo and redo on every page that has an editor: each way to change it is a step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.images.kernel_catalogue import CATALOGUE
from core.layers.specs import Conv, Flatten, Linear
from core.ui.components.filter_layer import to_json
from core.ui.state import kernel_link, network_link, undo_history
from core.ui.state.network_link import Stack
from core.ui.views.augmentation import pipeline_rows
from core.ui.views.filters import layer_controls
from core.ui.views.kernels import pixel_inspector
from tests.pages.reading import set_state

OpenPage = Callable[..., AppTest]
Act = Callable[[AppTest], Any]


@dataclass(frozen=True)
class Editor:
    """One editor, and how a test drives it."""

    page: str
    name: str  # of its buttons
    edit: Callable[[AppTest, int], Any]  # a number from 1 on makes a different edit
    preset: Act
    value: Callable[[AppTest], Any]  # what it holds, as the page uses it
    tab: tuple[str, str] | None = None  # that shows it: key and title

    def show(self, app: AppTest) -> None:
        """Open its tab."""
        if self.tab is not None:
            app.session_state[self.tab[0]] = self.tab[1]
            app.run()


def session(app: AppTest, key: str, default: Any = None) -> Any:
    return app.session_state[key] if key in app.session_state else default  # noqa: SIM401 (AppTest has no get)


def edit_table(app: AppTest, number: int) -> None:
    app.session_state[network_link.KEY] = Stack((3, 32, 32), (Conv(8, 3), Flatten(), Linear(number)))
    app.run()


def edit_kernel(app: AppTest, number: float, row: int = 0, column: int = 0) -> None:
    """A weight, as the inspector reports it; what it was given is what it shows."""
    serial, given = app.session_state[f"{pixel_inspector.KEY}-given"]
    view = (session(app, pixel_inspector.KEY) or {}).get("view")
    shown = view["settings"] if view and view["serial"] == serial else given
    planes = np.array(shown["kernel"])
    planes[0, row, column] = number
    settings = {**shown, "kernel": planes.tolist(), "window": list(planes.shape[1:])}
    app.session_state[pixel_inspector.KEY] = {"view": {"serial": serial, "settings": settings}}
    app.run()


def kernel(app: AppTest) -> Any:
    """The weights that the page filters with."""
    look = app.session_state["k_look"]
    return look.kernel.grids, app.selectbox(key="k_kernel").value


def edit_layer(app: AppTest, number: int) -> None:
    serial = session(app, f"{layer_controls.KEY}-serial", 0)
    edits = {"sobel_x": {"bias": number / 100}}
    app.session_state[layer_controls.KEY] = {
        "view": {"serial": serial, "version": 1, "selected": "sobel_x", "edits": edits}
    }
    app.run()


def layer(app: AppTest) -> Any:
    return app.multiselect(key="l_filters").value, to_json(app.session_state["l_known_edits"])


def edit_steps(app: AppTest, number: int) -> None:
    slider = next(one for one in app.slider if (one.key or "").startswith("a_") and one.key[2].isdigit())
    slider.set_value(slider.min + number * slider.step).run()


def steps(app: AppTest) -> Any:
    """The steps as they are, and as their sliders stand."""
    widgets = [one.value for one in app.slider if (one.key or "").startswith("a_") and one.key[2].isdigit()]
    return app.session_state[pipeline_rows.KEY], widgets


def report(component: str, **settings: Any) -> Act:
    def act(app: AppTest) -> None:
        key = f"f_{component}_component"
        app.session_state[key] = {"settings": {**settings, "serial": session(app, f"{key}_serial", 0)}}
        app.run()

    return act


def in_url(*keys: str) -> Callable[[AppTest], Any]:
    return lambda app: [app.query_params.get(key) for key in keys]


EDITORS = {
    "table": Editor(
        "layer_calculator",
        "c_stack",
        edit_table,
        lambda app: app.selectbox(key="c_famous").set_value("lenet-5").run(),
        lambda app: app.session_state[network_link.KEY],
        ("c_view", "A whole network"),
    ),
    "kernel": Editor(
        "kernels", "kernel", edit_kernel, lambda app: app.selectbox(key="k_kernel").set_value("box").run(), kernel
    ),
    "layer": Editor(
        "filters",
        "filter_stack",
        edit_layer,
        lambda app: app.multiselect(key="l_filters").set_value(["sobel_x", "gaussian"]).run(),
        layer,
    ),
    "steps": Editor(
        "augmentation", "pipeline", edit_steps, lambda app: app.pills(key="a_preset").set_value("strong").run(), steps
    ),
    "waves": Editor(
        "frequency",
        "waves",
        lambda app, number: report("waves", f_waves=f"{number}-0-50-0")(app),
        report("waves", f_waves="8-0-50-0_8-90-50-0"),
        in_url("f_waves"),
    ),
    "filter": Editor(
        "frequency",
        "spectrum_filter",
        lambda app, number: report("filter", f_radius=30 + number / 2)(app),
        report("filter", f_kind="gaussian", f_radius=12),
        in_url("f_radius", "f_kind"),
    ),
}


@pytest.fixture(params=EDITORS)
def editor(request: pytest.FixtureRequest) -> Editor:
    return EDITORS[request.param]


def press(app: AppTest, editor: Editor, name: str) -> None:
    app.button(key=f"{editor.name}_{name}").click().run()
    assert not app.exception


def can(app: AppTest, editor: Editor, name: str) -> bool:
    return not app.button(key=f"{editor.name}_{name}").disabled


def test_every_change_is_a_step(open_page: OpenPage, editor: Editor) -> None:
    """One visit: changes are undone and done again, dropped by another one, kept over other pages, started afresh."""
    app = open_page(editor.page)
    editor.show(app)
    assert not can(app, editor, "undo")
    assert not can(app, editor, "redo")
    values = [editor.value(app)]
    for act in (lambda app: editor.edit(app, 1), lambda app: editor.edit(app, 2), editor.preset):
        act(app)
        values.append(editor.value(app))
        assert values[-1] != values[-2]
    editor.preset(app)  # once more is no step
    for value in values[-2::-1]:
        press(app, editor, "undo")
        assert editor.value(app) == value
    app.run()
    assert editor.value(app) == values[0]  # it stays
    assert not can(app, editor, "undo")
    for value in values[1:]:
        press(app, editor, "redo")
        assert editor.value(app) == value
    assert not can(app, editor, "redo")

    press(app, editor, "undo")
    press(app, editor, "undo")
    editor.edit(app, 3)
    third = editor.value(app)
    assert not can(app, editor, "redo")  # a new edit drops what was undone
    app.switch_page("pages/pooling.py").run()
    app.switch_page(f"pages/{editor.page}.py").run()
    assert editor.value(app) == third
    press(app, editor, "undo")
    assert editor.value(app) == values[1]
    press(app, editor, "redo")
    assert editor.value(app) == third
    app.button(key="start_afresh").click().run()
    assert editor.value(app) == values[0]
    editor.show(app)
    press(app, editor, "undo")
    assert editor.value(app) == third


NIGHTLY_EDITORS = [pytest.param(name, marks=pytest.mark.nightly) for name in EDITORS if name != "layer"]


@pytest.mark.parametrize("name", ["layer", *NIGHTLY_EDITORS])
def test_the_oldest_step_gives_way(open_page: OpenPage, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = EDITORS[name]
    monkeypatch.setattr(undo_history, "MAX_STEPS", 3)
    app = open_page(editor.page)
    editor.show(app)
    values = []
    for number in range(1, 5):
        editor.edit(app, number)
        values.append(editor.value(app))
    for value in values[-2::-1]:
        press(app, editor, "undo")
        assert editor.value(app) == value
    assert not can(app, editor, "undo")  # what the page began with was the fourth step back


# --- what one page alone has -----------------------------------------------------------------------------------------


def test_an_emptied_layer_comes_back(open_page: OpenPage) -> None:
    app = open_page("filters")
    before = layer(app)
    app.multiselect(key="l_filters").set_value([]).run()
    app.button(key="filter_stack_undo").click().run()
    assert layer(app) == before


def test_a_removed_step_comes_back_in_its_place(open_page: OpenPage) -> None:
    app = open_page("augmentation")
    app.pills(key="a_preset").set_value("strong").run()
    rows = app.session_state[pipeline_rows.KEY]
    app.button(key=f"a_{rows[1].number}_Remove").click().run()
    app.button(key=f"a_{rows[0].number}_Down").click().run()
    assert app.session_state[pipeline_rows.KEY] != rows
    app.button(key="pipeline_undo").click().run()
    app.button(key="pipeline_undo").click().run()
    assert app.session_state[pipeline_rows.KEY] == rows
    app.selectbox(key="a_add").set_value("Noise").run()  # a row with a number of its own
    assert not app.exception
    assert len({row.number for row in app.session_state[pipeline_rows.KEY]}) == len(rows) + 1


def test_other_colors_keep_an_edit(open_page: OpenPage) -> None:
    app = open_page("kernels")
    edit_kernel(app, 5.0)
    (edited,) = kernel(app)[0]
    assert edited[0][0] == 5
    app.segmented_control(key="k_colors").set_value("channels").run()
    assert kernel(app)[0] == (edited,)
    app.segmented_control(key="k_colors").set_value("depth").run()
    np.testing.assert_allclose(np.sum(kernel(app)[0], axis=0), edited)
    edit_kernel(app, 9.0, row=2)
    deep = kernel(app)[0]
    assert deep[0][2][0] == 9
    app.segmented_control(key="k_colors").set_value("luminance").run()
    assert kernel(app)[0] == (edited,)  # it has an edit of its own
    app.segmented_control(key="k_colors").set_value("depth").run()
    assert kernel(app)[0] == deep
    assert kernel_link.read_weights(app.query_params["k"]) == deep


def test_an_edit_as_deep_as_the_picture_is_carried_to_one_grid(open_page: OpenPage) -> None:
    app = open_page("kernels", k_colors="depth")
    edit_kernel(app, 2.0)
    deep = kernel(app)[0]
    app.segmented_control(key="k_colors").set_value("luminance").run()
    np.testing.assert_allclose(kernel(app)[0][0], np.sum(deep, axis=0), atol=1e-9)
    serial, given = app.session_state[f"{pixel_inspector.KEY}-given"]
    settings = {**given, "kernel": [CATALOGUE["sobel_x"].kernel().tolist()]}  # as "Put it back" reports it
    app.session_state[pixel_inspector.KEY] = {"view": {"serial": serial, "settings": settings}}
    app.run()
    np.testing.assert_allclose(kernel(app)[0][0], CATALOGUE["sobel_x"].kernel())
    app.button(key="kernel_undo").click().run()
    np.testing.assert_allclose(kernel(app)[0][0], np.sum(deep, axis=0), atol=1e-9)


def test_another_kernel_keeps_the_edit_and_the_stride(open_page: OpenPage) -> None:
    app = open_page("kernels")
    serial, given = app.session_state[f"{pixel_inspector.KEY}-given"]
    settings = {**given, "kernel": [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.5]]], "stride": [2, 2]}
    app.session_state[pixel_inspector.KEY] = {"view": {"serial": serial, "settings": settings}}
    app.run()
    edited = kernel(app)
    app.selectbox(key="k_kernel").set_value("box").run()
    assert app.session_state["k_look"].kernel.stride == 2
    np.testing.assert_allclose(kernel(app)[0][0], CATALOGUE["box"].kernel())
    app.selectbox(key="k_kernel").set_value("sobel_x").run()
    assert kernel(app) == edited
    assert app.session_state["k_look"].kernel.stride == 2


def test_another_picture_is_no_step(open_page: OpenPage) -> None:
    app = open_page("kernels", k_colors="depth")
    edit_kernel(app, 2.0)
    set_state(app, k_picture="camera")  # a gray one, which has no choice of colors
    app.button(key="kernel_undo").click().run()
    assert app.button(key="kernel_undo").disabled
