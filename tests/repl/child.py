"""What the pty tests run: a chat with a slow session. Argument: a JSON object of settings.

"real": the real Session on a real store with a scripted brain; else a FakeSession, which commits
to kept.jsonl.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from echo.being.bond import Bond
from echo.brains.protocol import Ask, Piece, Stop, Usage
from echo.errors import BrainError
from echo.i18n import msgid
from echo.memory.store import Store
from echo.mind.cast import Cast, Manner
from echo.mind.session import Chance, Self, Session
from echo.nouns import VOICES, Exchange, Identity, Waking
from echo.render.screen import Screen
from echo.repl.loop import run
from tests.fakes import ScriptedBrain
from tests.repl.fake import FakeSession


class SlowBrain(ScriptedBrain):
    """Says a word each `pace` seconds."""

    pace = 0.0

    def speak(self, ask: Ask, stop: Stop) -> Iterator[Piece | Usage]:
        for item in super().speak(ask, stop):
            time.sleep(self.pace)
            yield item


def real(home: Path, settings: dict[str, Any]) -> Session:
    """A Session with a store on disk; only the brain is scripted."""
    brain = SlowBrain()
    brain.pace = settings.get("pace", 0.0)
    brain.enqueue(*settings.get("answers", ()))
    store = Store.open(home / "echo.db", journal=home / "memory", zone=UTC)
    store.mend("me")
    who = Self("me", "ko", Identity(1, "d", "너는 에코야."), UTC)
    chance = Chance(lambda: datetime.now(UTC), lambda: secrets.token_hex(8))
    cast = Cast({"self": brain}, {"self": Manner(budget_s=30.0)})
    session = Session(who, store, cast, chance, session=secrets.token_hex(4), bond=Bond())
    session.mode = "solo"
    return session


def main() -> int:
    settings = json.loads(sys.argv[1])
    home = Path(settings["home"])

    def commit(exchange: Exchange) -> None:
        time.sleep(settings.get("commit_s", 0.0))
        with (home / "kept.jsonl").open("a", encoding="utf-8") as file:
            kept = [exchange.words.text, exchange.reply.text, exchange.reply.status]
            file.write(json.dumps(kept) + "\n")

    def wake(progress: Callable[[Waking], None], stop: Callable[[], bool]) -> FakeSession | Session:
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
        if settings.get("real"):
            return real(home, settings)
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
