"""From a question to remembered turns, with reasons. Reads memory, never writes it."""
