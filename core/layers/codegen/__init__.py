"""Write a network as a program: PyTorch's or Keras's."""
