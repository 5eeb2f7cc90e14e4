"""The parts of the page MLP against CNN."""
