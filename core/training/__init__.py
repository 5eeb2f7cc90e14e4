"""An experiment, the loop that trains it, and the events it tells."""
