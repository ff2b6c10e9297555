"""The seed brains: one tiny model, trained from nothing, that can play all three voices.

Knows how the training text is made (`words/`, `facts`, `talk`), how it becomes tokens, how the
model learns and how it is written as GGUF. Knows nothing of Echo beyond `echo.mind.prompts` and
the values that file takes; nothing of Echo imports this package.
"""
