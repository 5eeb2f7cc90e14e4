"""The views of the capsules page."""
