"""The front door: page config, who the person is, and navigation. Nothing else."""

from core.ui.backend import identity
from core.ui.layout import capacity, navigation

navigation.configure()
capacity.admit()
identity.remember()
navigation.navigation().run()
