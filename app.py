"""Entry point of the app: page settings, limits, sign-in, navigation, and an identity for the visitor's browser."""

from core.ui.backend import identity
from core.ui.layout import capacity, departed_sessions, navigation, sign_in, visited_pages

navigation.configure()
capacity.admit()
departed_sessions.follow()
sign_in.gate()
page = navigation.navigation()
sign_in.who()
page.run()
identity.remember()
sign_in.go_on()
visited_pages.remember()
