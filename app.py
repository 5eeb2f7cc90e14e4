"""The front door: page config and navigation. Nothing else."""

from core.ui.layout import capacity, navigation

navigation.configure()
capacity.admit()
navigation.navigation().run()
