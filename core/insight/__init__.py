"""What a trained network sees."""
