"""What keeps an Echo safe: backups that are proved by restoring them, and the health of a home."""
