"""Entry point of the app: page settings, limits, navigation, and an identity for the visitor's browser."""

from core.ui.backend import identity
from core.ui.layout import capacity, navigation, progress

navigation.configure()
capacity.admit()
chosen = navigation.navigation()
progress.visit(chosen.url_path)
progress.word_mark()
chosen.run()
identity.remember()
progress.remember()
