"""The front door: page config and navigation. Nothing else."""

from core.ui.layout import capacity, page_frame

page_frame.configure()
capacity.admit()
page_frame.navigation().run()
