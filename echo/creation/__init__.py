"""What Echo makes, and how it is kept. An empty room until the issue that furnishes it."""
