"""Analyze trained networks: activations, Grad-CAM, invariance, calibration, pretrained networks."""
