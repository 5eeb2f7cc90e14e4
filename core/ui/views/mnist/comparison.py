"""The comparison of the MNIST page, and its earlier runs."""

from core.ui.display import colors
from core.ui.run_panels.earlier_runs import EarlierRuns
from core.ui.run_panels.live_comparison import Comparison
from core.ui.views.mnist import what_to_notice

EARLIER_RUNS = EarlierRuns("m_runs", lambda experiment: colors.role(experiment).short)
COMPARISON = Comparison("m", EARLIER_RUNS, what_to_notice.sentences)
