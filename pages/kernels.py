"""The kernel playground: a picture, a kernel, and what it answers at every place."""

from core.ui.filtering import choosing, learning, looking, row, strength
from core.ui.layout import page_frame
from core.ui.state.settings import Settings
from core.ui.widgets import picture_picker

page_frame.page("kernels")

settings = Settings({**picture_picker.defaults("k_"), **choosing.DEFAULTS, **strength.DEFAULTS, **row.DEFAULTS})
looking.show(settings)
learning.show(settings)

page_frame.onward("kernels")
