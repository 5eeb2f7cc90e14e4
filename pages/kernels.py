"""The kernel playground: a picture, a kernel, and its response at every pixel."""

from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.views.kernels import filter_chain, gradient, kernel_facts, kernel_picker, playground, sections
from core.ui.widgets import picture_picker

page_frame.page("kernels")

settings = Settings(
    {
        **picture_picker.defaults("k_"),
        **kernel_picker.DEFAULTS,
        **kernel_facts.DEFAULTS,
        **gradient.DEFAULTS,
        **filter_chain.DEFAULTS,
    }
)
playground.show(settings)
sections.show(settings)

page_frame.onward("kernels")
