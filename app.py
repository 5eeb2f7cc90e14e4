"""The front door: page config, navigation, and the state of the page that runs. Nothing else."""

from core.ui.layout import capacity, navigation
from core.ui.state import page_state

navigation.configure()
capacity.admit()
page = navigation.navigation()
page_state.run(page.url_path or "home", page.run)
