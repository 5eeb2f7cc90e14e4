"""The frame of every page: registry, navigation, head and foot."""
