"""The augmentation page: the editor of a pipeline, its draws, and measurements of it."""
