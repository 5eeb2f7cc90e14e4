"""Infer what a layer makes of an input's shape: its output's shape, its cost, and how far its units see."""
