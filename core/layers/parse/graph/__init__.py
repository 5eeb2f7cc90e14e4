"""Read a network from an ONNX graph: its nodes, shapes and settings. No weight is used, nothing is executed."""
