"""The SQLite truth and the journal beside it. Knows nothing of brains or terminals."""
