"""One turn: what is recalled, felt and thought becomes one answer. Knows no terminal."""
