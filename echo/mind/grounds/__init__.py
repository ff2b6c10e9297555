"""Groundedness: which claims of memory in a reply rest on nothing that Echo could know."""
