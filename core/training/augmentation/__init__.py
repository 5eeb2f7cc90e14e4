"""The steps of an augmentation on whole batches: `draws` draws the numbers, the others change the pictures."""
