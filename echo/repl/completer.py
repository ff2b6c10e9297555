"""prompt-toolkit's view of the command table."""

from __future__ import annotations

from collections.abc import Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from echo.i18n import Words
from echo.repl.commands import complete


class CommandCompleter(Completer):
    """Completes slash commands and their arguments, nothing else."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Completions of the text before the cursor."""
        for text, start, about in complete(document.text_before_cursor):
            meta = self._words(about) if about else ""
            yield Completion(text, start_position=start, display_meta=meta)
