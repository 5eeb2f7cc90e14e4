"""How PyTorch's threads should wait. No torch here: it counts only when set before torch is imported."""

# With the defaults, OpenMP threads spin at barriers for milliseconds: one other busy process (the web server) made
# training 4 to 13 times slower, 2 to 3 times with these. A short spin is cheaper than sleeping at every small layer.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "2000"}
