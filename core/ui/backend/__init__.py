"""The connection to the run service."""
