"""The front door: page config, navigation, and a name for the person's browser. Nothing else."""

from core.ui.backend import identity
from core.ui.layout import capacity, navigation

navigation.configure()
capacity.admit()
navigation.navigation().run()
identity.remember()
