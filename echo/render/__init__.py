"""Values and events into words on a terminal. Knows values, not brains or stores."""
