"""Parts of the page that compares an MLP and a CNN on MNIST."""
