"""Entry point of the app: page settings, limits, navigation, and an identity for the visitor's browser."""

from core.ui.backend import identity
from core.ui.layout import capacity, navigation, progress

navigation.configure()
capacity.admit()
navigation.navigation().run()
identity.remember()
progress.remember()
