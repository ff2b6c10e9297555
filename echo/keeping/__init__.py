"""Backup and health. An empty room until the issue that furnishes it."""
