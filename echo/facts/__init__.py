"""What the user told about themselves and theirs, found in words. Knows no database, no brains."""
