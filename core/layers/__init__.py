"""Layers as data, and their arithmetic: specs, shapes, parameters, receptive fields, generated code. No torch."""
