"""The views of the pooling page."""
