"""Conversations as other programs export them: one file a family, each from an open file to turns.

Knows no store. importers.py says which reader a file gets.
"""
