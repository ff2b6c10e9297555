"""Models that speak. Knows nothing of memory, terminals or what is said."""
