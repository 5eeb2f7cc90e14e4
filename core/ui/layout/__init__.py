"""The frame of every page: registry of pages, navigation, head and foot."""
