"""The command line. Parses, calls one thing, renders; nothing else."""

from echo.cli.app import main

__all__ = ["main"]
