"""Does it fit? What the brains need of memory, what there is, and what to do about it."""
