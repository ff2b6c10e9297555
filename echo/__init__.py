"""Echo: a companion that lives in a terminal, runs on its owner's own models, and remembers."""

__version__ = "0.1.0"
