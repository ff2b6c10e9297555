"""The command line: parse, call one thing, render. Nothing else."""
