"""Values and events as lines on a terminal. Knows no brain and no store."""
