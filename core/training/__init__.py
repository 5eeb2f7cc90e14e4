"""Experiments, the loop that trains them, and the events it emits."""
