"""The layers of PyTorch and Keras, as layers of this app."""
