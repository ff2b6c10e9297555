"""The prompt loop: keys in, events out. Knows a session only by what it can be asked."""
