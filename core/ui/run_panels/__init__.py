"""Panels about training runs that several pages use."""
