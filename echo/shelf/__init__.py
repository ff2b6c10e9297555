"""GGUF files on disk: what is there, is it whole, where it came from, who speaks with it."""
