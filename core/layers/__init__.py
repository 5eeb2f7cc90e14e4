"""The arithmetic of layers: specs, shapes, parameters, code. No torch."""
