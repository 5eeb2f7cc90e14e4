"""Follow a pasted program as far as its network goes; nothing of it is executed."""
