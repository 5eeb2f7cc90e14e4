"""Augmentation: steps as specs, their random draws, and their application to whole batches."""
