"""Files of other programs come in once, with times and speakers; bad lines are named."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from echo.errors import IngestError
from echo.memory import rights
from echo.memory.export import export_jsonl, export_markdown, export_sqlite
from echo.memory.importers import Given, bring, sniff
from echo.memory.store import Store
from tests.memory.homes import SEOUL, exchange, opened, turn, write

ME = Given("me", SEOUL)


@pytest.fixture
def store(tmp_path: Path):
    with opened(tmp_path) as made:
        yield made


def rows(*values: object) -> str:
    return "".join((v if isinstance(v, str) else json.dumps(v)) + "\n" for v in values)


GOOD = {
    "at": "2024-03-15T09:30:00+09:00",
    "speaker": "Anna",
    "text": "안녕\n둘째 줄",
    "session": "s1",
}


def test_json_lines_come_in_with_everything(store: Store, tmp_path: Path):
    """Refs given are kept, naive times are the home's, a turn without ref gets one for good."""
    path = write(
        tmp_path / "a.jsonl",
        rows(
            GOOD, {**GOOD, "ref": "D1:3"}, {"at": "2024-03-16 10:00", "speaker": "me", "text": "x"}
        ),
    )
    made = bring(store, path, ME)
    assert (made.format, made.turns, made.new, made.repeated) == ("jsonl", 3, 2, 1)
    first, second, third = store.turns("me")
    assert second.ref == "D1:3"
    assert first.text == "안녕\n둘째 줄"
    assert first.session == "s1"
    assert third.at == datetime(2024, 3, 16, 10, tzinfo=SEOUL)
    refs = [t.ref for t in store.turns("me")]
    again = bring(store, path, ME)
    assert (again.turns, again.new, again.repeated) == (3, 0, 0)
    assert [t.ref for t in store.turns("me")] == refs


def test_the_same_line_twice_is_two_occurrences(store: Store, tmp_path: Path):
    path = write(tmp_path / "a.jsonl", rows(GOOD, GOOD))
    bring(store, path, ME)
    assert len(list(store.turns("me"))) == 2


def test_bad_lines_are_named_and_left_out(store: Store, tmp_path: Path):
    path = write(
        tmp_path / "a.jsonl",
        rows(
            GOOD, "{broken", [1], {**GOOD, "text": 3}, {**GOOD, "speaker": ""}, {**GOOD, "at": 7},
            {**GOOD, "at": "yesterday"}, "", {**GOOD, "ref": "x" * 999}, "[" * 99_999,
            {**GOOD, "text": "끝"},
        ),
    )  # fmt: skip
    made = bring(store, path, ME)
    assert [(s.file, s.reason) for s in made.skipped] == [
        ("a.jsonl:2", "not a JSON object"),
        ("a.jsonl:3", "not a JSON object"),
        ("a.jsonl:4", "no text"),
        ("a.jsonl:5", "no speaker"),
        ("a.jsonl:6", "no time in ISO 8601"),
        ("a.jsonl:7", "no time in ISO 8601"),
        ("a.jsonl:9", "a session or ref that is no short string"),
        ("a.jsonl:10", "not a JSON object"),
    ]
    assert [t.text for t in store.turns("me")] == ["안녕\n둘째 줄", "끝"]


def test_a_dry_run_tells_and_touches_nothing(tmp_path: Path):
    path = write(tmp_path / "a.jsonl", rows(GOOD, {**GOOD, "speaker": "me", "at": "2024-04-01"}))
    assert bring(None, path, ME).as_json() == {
        "format": "jsonl",
        "turns": 2,
        "speakers": {"Anna": 1, "me": 1},
        "from": "2024-03-15T09:30:00+09:00",
        "to": "2024-04-01T00:00:00+09:00",
        "skipped": [],
    }
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jsonl"]


def test_plain_text_and_transcripts(store: Store, tmp_path: Path):
    text = write(tmp_path / "diary.txt", "하루\n\n이틀\n")
    talk = write(
        tmp_path / "talk.md", "\n".join(["# 2024", "나의 말:", "안녕", "ChatGPT의 말:", "네"])
    )
    assert sniff(text) == "text"
    assert sniff(talk) == "transcript"
    bring(store, text, ME)
    bring(store, talk, ME)
    said = [(t.speaker, t.text) for t in store.turns("me")]
    assert sorted(said) == sorted(
        [("me", "하루"), ("me", "이틀"), ("me", "안녕"), ("ChatGPT", "네")]
    )


def test_a_text_file_that_grew_adds_its_end_only(store: Store, tmp_path: Path):
    """And another file that begins alike loses nothing to it."""
    path = write(tmp_path / "diary.txt", "하루\n하루\n")
    bring(store, path, ME)
    path.write_text("하루\n하루\n이틀\n")
    assert bring(store, path, ME).new == 1
    bring(store, write(tmp_path / "other.txt", "하루\n"), ME)
    assert sorted(t.text for t in store.turns("me")) == ["이틀", "하루", "하루", "하루"]


def test_a_folder_is_read_in_natural_order(store: Store, tmp_path: Path):
    for n in (10, 2):
        write(tmp_path / f"in/talk{n}.txt", f"{n}번\n")
    write(tmp_path / "in/more/x.jsonl", rows(GOOD))
    write(tmp_path / "in/photo.png", b"\x89PNG\xff\xff\x80\x81\xff")
    made = bring(store, tmp_path / "in", ME)
    assert set(made.format.split("+")) == {"jsonl", "text"}
    assert made.turns == 3
    assert [s.file for s in made.skipped] == ["photo.png"]


@pytest.mark.parametrize("name", ["nothing.txt", "empty"])
def test_what_is_not_there_is_one_sentence(tmp_path: Path, name: str):
    (tmp_path / "empty").mkdir()
    with pytest.raises(IngestError) as caught:
        bring(None, tmp_path / name, ME)
    assert name in str(caught.value)
    assert (caught.value.params.get("reason") == "there is no such file") is (name != "empty")


def test_echos_own_journal_is_not_imported_as_words(store: Store, tmp_path: Path):
    store.finish("me", exchange(1, "x"))
    store.journaled()
    (part,) = (tmp_path / "memory/me").glob("day*/part1.txt")
    with pytest.raises(IngestError, match="journal"):
        bring(store, part, ME)


def test_export_is_what_import_reads(store: Store, tmp_path: Path):
    """Out and in again somewhere else: the same turns, refs and sessions included."""
    turns = [
        turn("a", " 앞 공백\n둘째", speaker="Anna", session=""),
        turn("b", "", after_s=1),
        turn("c", "네\t", speaker="echo", after_s=1.000001),
    ]
    store.ingest("me", turns, source="test")
    path = write(tmp_path / "out.jsonl", "".join(f"{x}\n" for x in export_jsonl(store, "me")))
    with opened(tmp_path / "other") as other:
        bring(other, path, ME)
        assert list(other.turns("me")) == turns == list(store.turns("me"))


def test_what_export_prints_does_not_come_in_twice(store: Store, tmp_path: Path):
    """As JSONL it is known again; a page names no refs, so it says so and stays out."""
    store.finish("me", exchange(1, "고양이", "그래\n둘째 줄"))
    lines = "".join(f"{line}\n" for line in export_jsonl(store, "me"))
    made = bring(store, write(tmp_path / "out.jsonl", lines), ME)
    assert (made.turns, made.known) == (2, 2)
    for on, page in export_markdown(store, "me"):
        path = write(tmp_path / f"pages/{on}.md", page)
        with pytest.raises(IngestError, match="a page of `memory export`"):
            bring(store, path, ME)
    write(tmp_path / "pages/2026-03-03.md", "# 2026-03-03\n\n- **중요**하게 적어 둔 것\n")
    made = bring(store, tmp_path / "pages", ME)
    assert (made.turns, len(made.skipped)) == (2, 1)
    export_sqlite(store, "me", tmp_path / "mine.db")
    with pytest.raises(IngestError, match="an SQLite database"):
        bring(store, tmp_path / "mine.db", ME)


def test_what_was_here_already_or_forgotten_is_counted(store: Store, tmp_path: Path):
    """Else ten turns come in, nothing is new, nothing was said before, and nobody knows why."""
    path = write(tmp_path / "a.txt", "하나\n둘\n셋\n")
    made = bring(store, path, ME)
    assert (made.turns, made.new, made.repeated, made.known) == (3, 3, 0, 0)
    rights.forget(store, "me", rights.Choice(text="둘"))
    write(path, "하나\n둘\n셋\n하나\n")
    made = bring(store, path, ME)
    assert (made.turns, made.new, made.repeated, made.known) == (4, 0, 1, 3)


def test_folders_that_are_not_looked_into_are_said(store: Store, tmp_path: Path):
    """A link may lead round, and what nobody may list is not the same as nothing."""
    write(tmp_path / "vault/note.md", "하나\n")
    write(tmp_path / "elsewhere/note.md", "둘\n")
    (tmp_path / "vault/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "vault/round").symlink_to(tmp_path / "vault")
    made = bring(store, tmp_path / "vault", ME)
    assert made.turns == 1
    assert [(s.file, s.reason) for s in made.skipped] == [
        ("linked", "a link to a folder"), ("round", "a link to a folder"),
    ]  # fmt: skip
