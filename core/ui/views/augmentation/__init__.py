"""The augmentation page's parts: the pipeline that a person builds, its draws, and what is found about it."""
