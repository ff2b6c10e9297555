"""What the pty tests run: a chat with a slow fake session. Argument: a JSON object of settings."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from echo.errors import BrainError
from echo.i18n import msgid
from echo.nouns import VOICES, Exchange, Waking
from echo.render.screen import Screen
from echo.repl.loop import run
from tests.repl.fake import FakeSession


def main() -> int:
    settings = json.loads(sys.argv[1])
    home = Path(settings["home"])

    def commit(exchange: Exchange) -> None:
        time.sleep(settings.get("commit_s", 0.0))
        with (home / "kept.jsonl").open("a", encoding="utf-8") as file:
            kept = [exchange.words.text, exchange.reply.text, exchange.reply.status]
            file.write(json.dumps(kept) + "\n")

    def wake(progress: Callable[[Waking], None], stop: Callable[[], bool]) -> FakeSession:
        progress(Waking("memory", 0.0))
        steps = 10
        for voice in VOICES:
            for i in range(1, steps + 1):
                progress(Waking(voice, i / steps, "seed.gguf"))
                time.sleep(settings.get("wake_s", 0.0) / steps / len(VOICES))
                if stop():
                    raise BrainError("Loading was stopped.")
        if settings.get("fails"):
            raise BrainError("No brain could be loaded.", "Look at {path}.", path="models/")
        return FakeSession(
            *settings.get("answers", ()),
            pace=settings.get("pace", 0.0),
            commit=commit,
            deaf=settings.get("deaf", False),
        )

    screen = Screen(sys.stdout, words=msgid, color=settings.get("color", True))
    return run(wake, screen=screen, words=msgid, history=home / ".echo" / "history-me")


if __name__ == "__main__":
    sys.exit(main())
