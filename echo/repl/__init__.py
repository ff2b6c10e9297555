"""The chat: a prompt, what is typed into it, an answer as it grows. Knows a Session, no room."""
