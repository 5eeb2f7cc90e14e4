"""The frequency page: every tab, each control's effect; links that reopen it, and links that are damaged."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.images.aliasing import apparent_cycles
from core.images.frequency_filters import keep_largest
from core.images.kernel_catalogue import CATALOGUE
from core.ui.components.kit.linked_state import why_not
from core.ui.components.spectrum.state import FIELDS
from core.ui.display import numbers
from core.ui.views.frequency import convolution_theorem, picture, strongest_waves
from core.ui.widgets.picture_picker import from_samples
from tests.pages.reading import set_state

OpenPage = Callable[..., AppTest]
SUM, HYBRID, LARGEST, ALIASING, KERNEL = TABS = (
    "sum",
    "hybrid",
    "strongest",
    "aliasing",
    "kernel",
)
PICTURES = re.compile(r'src="data:image/webp;base64,([^"]*)"')


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "html", "error", "warning")
    text = " ".join(str(getattr(e, "value", None) or e.proto.body) for kind in kinds for e in app.get(kind))
    return PICTURES.sub("", text)


def pictures(app: AppTest) -> list[str]:
    """What the tools draw, as the files that the page is sent."""
    return PICTURES.findall(" ".join(element.proto.body for element in app.get("html")))


def set_in_the_browser(app: AppTest, component: str, **settings: Any) -> None:
    """What a component reports once a drag rests."""
    app.session_state[f"f_{component}_component"] = {"settings": settings}


def test_fresh(open_page: OpenPage) -> None:
    app = open_page("frequency", f_tab=SUM)
    assert app.title[0].value == "What is frequency in a picture?"
    assert "**Largest difference between the sum and the picture: 0.** The ideal low pass at 24 cycles" in words(app)
    assert len(pictures(app)) == 3
    assert not app.error
    assert not open_page("frequency").query_params


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("picture", ["Coffee", "Coins", "One white pixel"])
def test_every_tab_on_color_on_gray_and_on_almost_nothing(open_page: OpenPage, tab: str, picture: str) -> None:
    app = open_page("frequency", f_tab=tab, f_picture=picture)
    assert not app.error
    assert len(pictures(app)) >= 3


def test_a_digit(open_page: OpenPage) -> None:
    app = open_page("frequency", f_tab=SUM)
    set_state(app, f_picture="mnist", f_image=7)
    assert not app.exception
    assert "A handwritten" in words(app)
    assert "the picture: 0.**" in words(app)


@pytest.mark.parametrize("tab", TABS)
def test_every_control_says_what_it_does_and_every_picture_has_words(open_page: OpenPage, tab: str) -> None:
    app = open_page("frequency", f_tab=tab)
    for control in (*app.selectbox, *app.slider, *app.select_slider, *app.segmented_control):
        assert control.proto.help, control.label
    tags = re.findall(r"<img [^>]*>", " ".join(element.proto.body for element in app.get("html")))
    assert tags
    assert all(re.search(r'alt="[^"]{8,}"', tag) for tag in tags)


def test_a_drag_in_the_browser_goes_into_the_link_and_the_sum_follows(open_page: OpenPage) -> None:
    app = open_page("frequency")
    before = pictures(open_page("frequency", f_tab=SUM))
    set_in_the_browser(app, "waves", f_waves="20-90-90-0")
    set_in_the_browser(
        app, "filter", f_pass="band", f_kind="gaussian", f_order=2, f_radius=40.5, f_inner=10, f_view="removed"
    )
    app.run()
    assert not app.exception
    parameters = {name: str(value) for name, value in app.query_params.items()}
    assert parameters == {
        "f_waves": "20-90-90-0",
        "f_pass": "band",
        "f_kind": "gaussian",
        "f_radius": "40.5",
        "f_inner": "10",
        "f_view": "removed",
    }
    again = open_page("frequency", f_tab=SUM, **parameters)
    assert "Gaussian band pass from 10 to 40.5 cycles per image" in words(again)
    after = pictures(again)
    assert after[:2] != before[:2]
    assert after[2] == before[2]


@pytest.mark.parametrize(
    "parameters",
    [
        {"f_waves": "1e999-0-50-0", "f_radius": "inf", "f_inner": "-1"},
        {
            **{"f_waves": "_".join(["8-0-50-0"] * 5), "f_radius": "", "f_order": "1e99"},
            **{"f_pass": "<script>", "f_kind": "sinc", "f_view": "x"},
        },
    ],
)
def test_a_damaged_link_opens_the_page(open_page: OpenPage, parameters: dict[str, str]) -> None:
    """What else waves may not be: tests/ui/views/test_frequency.py."""
    app = open_page("frequency", f_tab=SUM, **parameters)
    assert "the picture: 0.**" in words(app)
    assert "f_waves" not in app.query_params
    assert "f_pass" not in app.query_params


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("f_waves", "65-0-50-0", "frequency that is more than 64"),
        ("f_waves", "8-0-50", "four numbers"),
        ("f_waves", "8-0-x-0", "contrast that is not a number"),
        ("f_waves", "_".join(["8-0-50-0"] * 5), "more than 4 waves"),
        ("f_radius", "999", "more than 182"),
        ("f_inner", "30", "does not fit the other settings"),
        ("f_order", "2.5", "not a whole number"),
        ("f_view", "x", "not one of the choices"),
    ],
)
def test_a_refused_value_comes_with_its_reason(name: str, text: str, reason: str) -> None:
    assert reason in why_not(FIELDS[name], text)


def test_the_reason_is_shown(open_page: OpenPage) -> None:
    (warning,) = [one.value for one in open_page("frequency", f_radius="999").warning]
    assert "Radius 999 is more than 182: 182 is used" in warning


def test_the_hybrid_follows_its_picture_and_its_slider(open_page: OpenPage) -> None:
    app = open_page("frequency", f_tab=HYBRID)
    assert "you see **Cat**" in words(app)
    assert "low frequencies of **Astronaut** remain, up to about 12 cycles" in words(app)
    seen = [pictures(app)]
    app.slider(key="f_cutoff").set_value(30).run()
    seen.append(pictures(app))
    set_state(app, f_far_picture="coins")
    seen.append(pictures(app))
    assert "low frequencies of **Coins** remain, up to about 30 cycles" in words(app)
    assert len({tuple(row) for row in seen}) == 3


def test_the_strongest_waves_with_energy_and_error(open_page: OpenPage) -> None:
    app = open_page("frequency", f_tab=LARGEST)
    image = picture.from_chosen(from_samples("cat")).image
    for n in (strongest_waves.STEPS[0], 500, strongest_waves.STEPS[-1]):
        app.select_slider(key="f_keep").set_value(n).run()
        assert not app.exception
        kept = keep_largest(image, n)
        assert f"<b>{numbers.count(kept.coefficients)}</b>" in words(app)
        assert f"<b>{numbers.percent(kept.energy)}</b>" in words(app)
    assert n == picture.SIZE**2
    assert "<b>100.00\u202f%</b>" in words(app)


def test_fewer_pixels(open_page: OpenPage) -> None:
    app = open_page("frequency", f_tab=ALIASING)
    assert "**64 pixels carry at most 32 cycles per image.**" in words(app)
    assert f"48 cycles look like {apparent_cycles(48, 64):g}" in words(app)
    seen = pictures(app)
    app.segmented_control(key="f_from").set_value("picture").run()
    assert all(one != other for one, other in zip(seen, pictures(app), strict=True))
    app.slider(key="f_every").set_value(1).run()
    assert "nothing is lost" in words(app)
    plain, blurred, *_ = pictures(app)
    assert plain == blurred


def test_every_kernel_agrees_with_its_spectrum(open_page: OpenPage) -> None:
    app = open_page("frequency", f_tab=KERNEL, f_picture="Coins")
    for key, entry in CATALOGUE.items():
        app.selectbox(key="f_kernel").set_value(key).run()
        assert not app.exception, key
        if len(entry.sizes) > 1:
            app.select_slider(key=f"f_size_{key}").set_value(entry.sizes[-1]).run()
        assert "**Both results agree: their largest difference is" in words(app), key
        difference = re.search(r"difference is (?:0|[\d.]+ × 10⁻(\S+?))\*\*", words(app))
        assert difference, key
    assert convolution_theorem.TOLERANCE == 1e-6
