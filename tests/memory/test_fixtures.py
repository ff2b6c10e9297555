"""Exports written by hand by somebody who had not seen the importers, with what must come of them.

fixtures/README.md says how they are to be compared. Speakers are mapped to Echo's own names. Two
more allowances, for notes only: Echo takes in a note line by line, so that a note that was added
to gives its new lines only, and they are put together again here; and words that have a day and
no hour stand at noon here (docs/journal.md), at midnight there, so their days are compared.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from echo.memory.importers import Given, bring
from echo.memory.store import Store
from echo.nouns import Turn
from tests.memory.homes import SEOUL, opened

FIXTURES = Path(__file__).parent / "fixtures"
EXPECTED = sorted(FIXTURES.glob("*.expected.jsonl"))
MINE = {"user", "human", "나", "You", "me"}
Told = tuple[str | None, str, str]


def source(expected: Path) -> Path:
    return expected.with_name(expected.name.removesuffix(".expected.jsonl"))


def wanted(expected: Path) -> list[Told]:
    assistant = "Claude" if expected.name.startswith("claude") else "ChatGPT"
    rows = [json.loads(line) for line in expected.read_text("utf-8").splitlines()]
    names = dict.fromkeys(MINE, "me") | {"assistant": assistant}
    return [(r["at"], names.get(r["speaker"], r["speaker"]), r["text"]) for r in rows]


def told(turns: list[Turn]) -> list[Told]:
    return [
        (t.at.replace(tzinfo=None, microsecond=0).isoformat(), t.speaker, t.text) for t in turns
    ]


def in_order(store: Store) -> list[Turn]:
    return list(store.turns("me"))


def folded(text: str) -> str:
    """White space made one, rules gone: lines do not say how far they stood apart."""
    return re.sub(r"\s+", " ", re.sub(r"(?m)^-{3,}$", "", text)).strip()


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda p: source(p).name)
def test_what_comes_in_is_what_was_written_down(tmp_path: Path, expected: Path):
    with opened(tmp_path) as store:
        made = bring(store, source(expected), Given("me", SEOUL))
        turns = in_order(store)
    assert made.turns == len(turns)
    want = wanted(expected)
    if made.format == "markdown":
        notes: dict[str, list[Turn]] = {}
        for turn in turns:
            notes.setdefault(turn.session, []).append(turn)
        got = [(n[0].at.date().isoformat(), folded(" ".join(t.text for t in n)))
               for _, n in sorted(notes.items())]  # fmt: skip
        assert len(got) == len(want)
        for (day, text), (at, _, whole) in zip(got, want, strict=True):
            assert text == folded(whole)
            assert at is None or at.startswith(day)
        return
    got = told(turns)
    assert len(got) == len(want)
    for (at, *said), (when, *should) in zip(got, want, strict=True):
        assert said == should
        assert when is None or at == when


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda p: source(p).name)
def test_again_adds_nothing(tmp_path: Path, expected: Path):
    """Nor under another name, for formats whose words say when they were said."""
    path = source(expected)
    with opened(tmp_path) as store:
        first = bring(store, path, Given("me", SEOUL))
        before = in_order(store)
        assert bring(store, path, Given("me", SEOUL)).new == 0
        if path.is_file() and first.format in ("kakaotalk", "chatgpt", "claude"):
            (tmp_path / "other").write_bytes(path.read_bytes())
            bring(store, tmp_path / "other", Given("me", SEOUL))
        assert in_order(store) == before


def test_there_are_fixtures():
    assert len(EXPECTED) >= 13
