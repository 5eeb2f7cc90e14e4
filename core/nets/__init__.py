"""Networks as PyTorch modules: built from layer specs, with blur pooling and capsules of our own."""
