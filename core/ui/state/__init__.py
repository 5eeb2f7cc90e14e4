"""What a reader chose: session and URL."""
