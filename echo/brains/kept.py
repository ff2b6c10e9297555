"""What one launch has learnt about a model and the next need not find out again.

A folder that may be thrown away at any time: notes on each model (notes.json: did a probe survive
it, how many threads are quickest) and evaluated prefixes (llama.cpp's state of one sequence).
A note or a state is found by the model's fingerprint; a state also by the tokens, llama.cpp's
version and how the context runs, and is believed only if its bytes are those that were written.
What cannot be written is not kept; nothing is lost by that.

Knows tokens and contexts; nothing of text, so nothing of who is talked to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from echo.brains.chorus import Seat
from echo.brains.native import backend

_SAMPLES, _SAMPLE = 64, 4096  # bytes looked at all over the file
_HEAD = 1 << 20
_STATES = 4  # prefixes kept, the newest


def fingerprint(path: Path) -> str:
    """A digest of a file's size, its head, and samples of the rest: 32 hex digits, in milliseconds.

    No proof against a forger; two models, or a model and its next version, differ in it.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        seen = blake2b(str(size).encode(), digest_size=16)
        seen.update(file.read(_HEAD))
        for i in range(_SAMPLES):
            file.seek(size * i // _SAMPLES)
            seen.update(file.read(_SAMPLE))
    return seen.hexdigest()


class Kept:
    """One such folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notes = folder / "notes.json"

    def note(self, model: str, key: str) -> object:
        """What was noted of a model under that key; None when nothing was."""
        found = self._read().get(model)
        return found.get(key) if isinstance(found, dict) else None

    def write(self, model: str, key: str, value: object) -> None:
        """Note something of a model."""
        notes = self._read()
        of_model = notes.get(model)
        notes[model] = {**(of_model if isinstance(of_model, dict) else {}), key: value}
        with suppress(OSError):
            self._make()
            part = self._notes.with_suffix(".part")
            part.touch(mode=0o600)
            part.write_text(json.dumps(notes, indent=1), "utf-8")
            part.replace(self._notes)

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._notes.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    # ── evaluated prefixes ───────────────────────────────────────────────────────────────────

    def restore(self, model: str, seat: Seat, tokens: Sequence[int]) -> bool:
        """Put the cache of these tokens into the seat, if it was kept; whether it is there now."""
        path = self._state(model, seat, tokens)
        try:
            if path.with_suffix(".sum").read_text("ascii") != _digest(path):
                return False
        except (OSError, ValueError):
            return False
        return seat.restore(path, len(tokens)) == list(tokens)

    def keep(self, model: str, seat: Seat, tokens: Sequence[int]) -> None:
        """Write the cache of these tokens, which are all the seat holds."""
        path = self._state(model, seat, tokens)
        part = path.with_suffix(".part")
        with suppress(OSError):
            self._make()
            if not seat.save(part, tokens):
                part.unlink(missing_ok=True)
                return
            part.chmod(0o600)
            digest = _digest(part)
            part.replace(path)
            path.with_suffix(".sum").touch(mode=0o600)
            path.with_suffix(".sum").write_text(digest, "ascii")
            self._prune()

    def _state(self, model: str, seat: Seat, tokens: Sequence[int]) -> Path:
        context = seat.chorus.context
        about = (model, list(tokens), backend().version, context.how.cache, context.weights.on_gpu)
        return self._folder / f"{blake2b(repr(about).encode(), digest_size=16).hexdigest()}.state"

    def _prune(self) -> None:
        states = sorted(self._folder.glob("*.state"), key=lambda path: path.stat().st_mtime)
        for old in states[:-_STATES]:
            old.unlink(missing_ok=True)
            old.with_suffix(".sum").unlink(missing_ok=True)

    def _make(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        seen = blake2b(digest_size=32)
        while data := file.read(1 << 20):
            seen.update(data)
    return seen.hexdigest()
