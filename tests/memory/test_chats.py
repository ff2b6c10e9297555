"""ChatGPT's and Claude's exports, zip archives, notes: what comes in, once, whatever is odd."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from echo.errors import IngestError
from echo.memory.chats import entries as splitter
from echo.memory.chats import pieces
from echo.memory.export import export_jsonl
from echo.memory.importers import FORMATS, Given, bring, sniff
from tests.memory.homes import SEOUL, opened, write

ME = Given("me", SEOUL)
T0 = 1_700_000_000.25  # 2023-11-15 07:13:20.25 in Seoul


def node(id_: str, parent: str | None, role: str = "user", text: object = "", **more: Any):
    parts = text if isinstance(text, list) else [text]
    content = {"content_type": "text", "parts": parts} | more.pop("content", {})
    message = {"id": f"m-{id_}", "author": {"role": role}, "content": content} | more
    message.setdefault("create_time", T0)
    return {"id": id_, "message": message, "parent": parent, "children": []}


def chatgpt(*nodes: dict[str, Any], leaf: str | None = None, **more: Any) -> dict[str, Any]:
    mapping = {"root": {"id": "root", "message": None, "parent": None, "children": []}}
    mapping |= {n["id"]: n for n in nodes}
    for n in nodes:
        mapping.get(n["parent"], {"children": []})["children"].append(n["id"])
    return {"title": "t", "create_time": T0, "mapping": mapping, "current_node": leaf,
            "conversation_id": "c-1"} | more  # fmt: skip


def claude(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"uuid": "u-1", "name": "n", "created_at": "2024-01-02T03:04:05.678901Z",
            "chat_messages": list(messages)} | more  # fmt: skip


def told(tmp_path: Path, value: object, given: Given = ME, name: str = "c.json"):
    """(made, [(speaker, text)]) in order of time; value: bytes, or what is dumped as JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    path = write(tmp_path / name, data)
    with opened(tmp_path / "home") as store:
        made = bring(store, path, given)
        return made, [(t.speaker, t.text) for t in store.turns("me")]


TREE = chatgpt(
    node("a", "root", "system", "hidden"),
    node("b", "a", "user", "첫 질문"),
    node("c", "b", "assistant", "버린 답"),
    node("d", "b", "assistant", ["답 ", {"content_type": "image_asset_pointer"}, {"text": "둘"}]),
    node("e", "d", "assistant", 'search("x")', recipient="browser"),
    node("f", "e", "tool", "result"),
    node("g", "f", "assistant", "", content={"content_type": "thoughts", "parts": ["hm"]}),
    node("h", "g", "user", "끝", create_time=None),
    node("i", "h", "user", "", weight=0),
    leaf="i",
)


def test_chatgpt_walks_the_branch_that_was_looked_at(tmp_path: Path):
    """Parents from current_node; tools, thoughts and what was hidden are not words."""
    made, said = told(tmp_path, [TREE])
    assert said == [("me", "첫 질문"), ("ChatGPT", "답 \n둘"), ("me", "끝")]
    assert made.format == "chatgpt"
    assert made.since is not None
    assert made.since.isoformat() == "2023-11-15T07:13:20.250000+09:00"


def test_chatgpt_without_current_node_takes_the_newest_leaf(tmp_path: Path):
    tree = chatgpt(
        node("a", "root", "user", "q"),
        node("b", "a", "assistant", "new", create_time=T0 + 9),
        node("c", "a", "assistant", "old", create_time=T0 + 1),
    )
    assert told(tmp_path, [tree])[1] == [("me", "q"), ("ChatGPT", "new")]


@pytest.mark.parametrize(
    "odd",
    [
        {"mapping": {}, "current_node": "gone"},
        {"mapping": {"a": None, "b": {"message": 3, "parent": 7}}, "current_node": "b"},
        {"mapping": {"a": {"parent": "b"}, "b": {"parent": "a"}}, "current_node": "a"},
        {"mapping": {"a": {"message": {"author": None, "content": None}}}, "current_node": "a"},
        {"mapping": {"a": {"message": {"author": {"role": "user"}, "content": {"parts": [3]}}}}},
        {"chat_messages": [None, 3, {}, {"sender": "human"}, {"sender": "x", "text": "y"}]},
        {"chat_messages": [{"sender": "human", "text": None, "content": [None, 4, {}]}]},
        {"mapping": {"a": node("a", None, "user", "x", create_time=float("nan"))},
         "create_time": "never"},
        {"mapping": {"a": node("a", None, "user", "x", create_time=10**400)}},
    ],
)  # fmt: skip
def test_odd_conversations_cost_nobody_else_anything(tmp_path: Path, odd: dict[str, Any]):
    """Loops, nulls, wrong types, times that are none: the next conversation comes in."""
    _, said = told(tmp_path, [odd, TREE])
    assert len(said) == 3


def test_claude(tmp_path: Path):
    """Blocks before the old text; thoughts and tools are not words; both names of the human."""
    made, said = told(tmp_path, [claude(
        {"uuid": "1", "sender": "human", "text": "안녕", "content": [],
         "created_at": "2024-01-02T03:04:05Z"},
        {"uuid": "2", "sender": "assistant", "text": "unsupported", "created_at":
         "2024-01-02T03:04:06.5+00:00", "content": [
             {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "하나"},
             {"type": "tool_use", "input": {}}, {"type": "text", "text": "둘"}]},
        {"uuid": "3", "sender": "user", "text": "응", "created_at": None},
    )])  # fmt: skip
    assert said == [("me", "안녕"), ("Claude", "하나\n\n둘"), ("me", "응")]
    assert made.format == "claude"
    assert made.until is not None
    assert made.until.isoformat() == "2024-01-02T12:04:06.500000+09:00"


def test_again_and_longer_under_another_name(tmp_path: Path):
    """The services' own ids are the refs' ground: what was there stays, what is new comes in."""
    longer = json.loads(json.dumps(TREE))
    longer["mapping"]["j"] = node("j", "i", "assistant", "그래", create_time=T0 + 60)
    longer["current_node"] = "j"
    with opened(tmp_path) as store:
        bring(store, write(tmp_path / "a.json", json.dumps([TREE])), ME)
        before = list(store.turns("me"))
        made = bring(store, write(tmp_path / "b/x.json", json.dumps([longer], indent=1)), ME)
        assert (made.turns, made.new) == (4, 1)
        assert list(store.turns("me"))[:3] == before


def test_a_broken_conversation_is_one_sentence(tmp_path: Path):
    """Cut in the middle, broken inside, cut at the end: everything whole comes in."""
    texts = [json.dumps(chatgpt(node("a", "root", "user", f"질문 {n}"), leaf="a",
                                conversation_id=f"c{n}"), ensure_ascii=False)
             for n in range(6)]  # fmt: skip
    texts[1] = texts[1].replace('"user"', '"us')  # an odd quote turns strings inside out
    texts[3] = texts[3].replace(": {", ": ", 1)
    texts[5] = texts[5][:-40]
    made, said = told(tmp_path, f"[{', '.join(texts)}".encode())
    assert said == [("me", "질문 0"), ("me", "질문 2"), ("me", "질문 4")]
    assert {s.reason for s in made.skipped} == {splitter.BROKEN}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp949"])
def test_json_in_other_encodings(tmp_path: Path, encoding: str):
    data = json.dumps([TREE], ensure_ascii=False).encode(encoding)
    assert told(tmp_path, data)[1][0] == ("me", "첫 질문")


class Endless(io.RawIOBase):
    """A conversations.json of any length, made as it is read; remembers the largest request."""

    def __init__(self, head: bytes, body: bytes, times: int, tail: bytes) -> None:
        self._parts = iter([head, *([body] * times), tail])
        self.most = 0

    def read(self, n: int = -1) -> bytes:
        self.most = max(self.most, n)
        return next(self._parts, b"")


def test_only_one_entry_is_held():
    """The splitter never asks for more than it holds, so it holds one entry and a chunk."""
    body = json.dumps({"mapping": {}, "x": '\\"{[' * 300}).encode() + b",\n"
    file = Endless(b"[", body * 100, 60, b"{}]")
    found = list(splitter.entries(file.read, lambda _: True))
    assert len(found) == 6_001
    assert file.most <= 2 << 20


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_the_splitter_agrees_with_json_wherever_reads_end(size: int):
    rows = [{"a": "\\", "b": ["}", {"c": '"'}]}, {"d": "\u20ac\n"}, {}, {"e": [[{}]]}]
    data = json.dumps(rows, ensure_ascii=False).encode()
    reads = iter([data[i : i + size] for i in range(0, len(data), size)])
    found = list(splitter.entries(lambda _: next(reads, b""), lambda _: True))
    assert [e.row for e in found] == rows


def test_an_entry_too_large_is_not_held():
    """One string of more than the limit: passed over, the next entry comes in."""
    chunk = b"a" * (1 << 22)
    file = Endless(
        b'[{"x": "\\"', chunk, splitter.MAX_ENTRY // len(chunk) + 2, b'\\\\"}, {"b": 1}]'
    )
    found = list(splitter.entries(file.read, lambda _: True))
    assert [(e.row, e.why) for e in found] == [(None, splitter.TOO_LARGE), ({"b": 1}, "")]


# ── zip archives and folders ─────────────────────────────────────────────────────────────────


def zipped(path: Path, members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_chatgpt_zip_as_it_is_downloaded(tmp_path: Path):
    """Only the conversations; the web page, the account and the pictures are left in silence."""
    path = zipped(
        tmp_path / "export.dat",
        {
            "chat.html": b"<html>" + json.dumps([TREE]).encode(),
            "user.json": b'{"id": "user-1", "email": "a@b.c"}',
            "message_feedback.json": b"[]",
            "conversations.json": json.dumps([TREE]).encode(),
            "file-1.png": b"\x89PNG\0",
            "__MACOSX/._conversations.json": b"\0",
        },
    )
    made = bring(None, path, ME)
    assert (made.format, made.turns, made.skipped) == ("chatgpt", 3, [])


def test_a_zip_of_notes_and_of_nothing(tmp_path: Path):
    path = zipped(tmp_path / "v.zip", {"v/2024-12-09.md": "하루".encode(), "v/p.png": b"\0\1"})
    made = bring(None, path, ME)
    assert (made.format, made.turns) == ("markdown", 1)
    assert [s.file for s in made.skipped] == ["v.zip/v/p.png"]
    with pytest.raises(IngestError, match="nothing in it"):
        bring(None, zipped(tmp_path / "x.zip", {"a.png": b"\0"}), ME)


def test_a_bomb_goes_off_nowhere(tmp_path: Path):
    """Thirty megabytes of blanks in thirty kilobytes: stopped and said."""
    path = tmp_path / "bomb.zip"
    made = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
    with made as archive, archive.open("conversations.json", "w") as out:
        out.write(b'[{"mapping": {}},')
        for _ in range(30):
            out.write(b" " * (1 << 20))
    came = bring(None, path, ME)
    assert came.turns == 0
    assert [s.reason for s in came.skipped] == [pieces.BOMB]


def test_damaged_zips_are_one_sentence(tmp_path: Path):
    whole = zipped(tmp_path / "a.zip", {"c.json": json.dumps([TREE]).encode()}).read_bytes()
    for name, data in (("cut", whole[: len(whole) // 2]), ("head", whole[:4] + b"x" * 60)):
        with pytest.raises(IngestError, match="damaged zip"):
            bring(None, write(tmp_path / name, data), ME)
    body = whole.index(b"c.json") + 40  # inside the folded bytes
    flipped = whole[:body] + bytes([whole[body] ^ 0xFF]) + whole[body + 1 :]
    with pytest.raises(IngestError, match=r"flipped cannot be imported"):
        bring(None, write(tmp_path / "flipped", flipped), ME)


def test_every_byte_of_a_zip_flipped(tmp_path: Path):
    """Whatever breaks, it is an IngestError or fewer turns, never anything else."""
    whole = zipped(tmp_path / "a.zip", {"c.json": json.dumps([TREE]).encode()}).read_bytes()
    for at in range(0, len(whole), 3):
        data = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        path = write(tmp_path / "b.zip", data)
        try:
            assert bring(None, path, ME).turns <= 60
        except IngestError:
            continue


# ── notes ────────────────────────────────────────────────────────────────────────────────────

NOTE = """---
date: 2024-01-01
tags: [a, b]
---
# 하루
- [ ] 
- 우유 사기

```python
x = 1

y = 2
```
---
"""  # noqa: W291 - an empty checkbox ends in a blank


def notes(tmp_path: Path, name: str, text: str):
    with opened(tmp_path / "home") as store:
        made = bring(store, write(tmp_path / name, text), ME)
        return made, list(store.turns("me"))


def test_a_daily_note(tmp_path: Path):
    """Its name says the day; properties, rules and empty boxes are no words; code is one turn."""
    made, turns = notes(tmp_path, "vault/2024-12-09.md", NOTE)
    assert made.format == "markdown"
    assert [t.text for t in turns] == ["# 하루", "- 우유 사기", "```python\nx = 1\n\ny = 2\n```"]
    assert {t.at.date().isoformat() for t in turns} == {"2024-12-09"}
    assert not any(t.timed for t in turns)


def test_properties_tell_the_day_when_the_name_does_not(tmp_path: Path):
    _, turns = notes(tmp_path, "생각.md", NOTE)
    assert {t.at.date().isoformat() for t in turns} == {"2024-01-01"}


def test_a_rule_that_opens_no_properties_is_a_rule(tmp_path: Path):
    """Nothing below an unclosed `---` is lost."""
    _, turns = notes(tmp_path, "a.md", "---\n그냥 글이다\nkey: value\n")
    assert [t.text for t in turns] == ["그냥 글이다", "key: value"]
    _, turns = notes(tmp_path / "2", "a.md", "---\nkey: value\n")
    assert [t.text for t in turns] == ["key: value"]


def test_a_backup_copy_in_a_folder_would_say_everything_twice(tmp_path: Path):
    write(tmp_path / "in/a.md", "하루")
    write(tmp_path / "in/a.md.bak", "하루")
    made = bring(None, tmp_path / "in", ME)
    assert (made.turns, [s.reason for s in made.skipped]) == (1, ["a backup copy"])


def test_nobody_of_that_name(tmp_path: Path):
    """A slip of the pen in --me cannot be mended afterwards, so nothing is taken in."""
    path = write(tmp_path / "a.jsonl", '{"at": "2024-01-01", "speaker": "Anna", "text": "b"}')
    with opened(tmp_path) as store:
        with pytest.raises(IngestError, match="Nobody"):
            bring(store, path, Given("me", SEOUL, "Ana"))
        assert list(store.turns("me")) == []
        assert bring(store, path, Given("me", SEOUL, "Anna")).speakers == {"me": 1}


def test_what_stands_above_the_first_speaker_is_reported(tmp_path: Path):
    path = write(tmp_path / "a.txt", "대화의 사본\n\n나의 말: 안녕\nEcho의 말: 응\n")
    made = bring(None, path, ME)
    assert made.speakers == {"me": 1, "echo": 1}
    assert [s.file for s in made.skipped] == ["a.txt:1"]


def test_a_vault_moved_and_a_note_mended_add_only_what_is_new(tmp_path: Path):
    with opened(tmp_path) as store:
        bring(store, write(tmp_path / "a/2024-12-09.md", "하나\n둘\n둘\n").parent, ME)
        write(tmp_path / "b/c/2024-12-09.md", "하나\n새것\n둘\n둘\n")
        bring(store, tmp_path / "b", ME)
        assert sorted(t.text for t in store.turns("me")) == ["둘", "둘", "새것", "하나"]


@pytest.mark.parametrize(
    ("content", "fmt"),
    [
        ("[ ] 우유 사기\n[x] 빵\n", "text"),
        ("[1] 각주\n", "text"),
        ("{ 이상한 글\n", "text"),
        ("안녕\n2025년 10월 10일은 좋았다\n", "text"),
        ('{"at": "2024-01-01", "speaker": "a", "text": "b"}', "jsonl"),
        ("", "text"),
    ],
)
def test_sniffing_is_not_too_keen(tmp_path: Path, content: str, fmt: str):
    assert sniff(write(tmp_path / "a", content)) == fmt


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!DOCTYPE html><p>x", "web page"),
        (b'[{"id": 3}]', "no conversation"),
        (b"[]", "no conversation"),
        (b"\0\1\2\3", "neither"),
    ],
)
def test_what_is_not_for_memory_is_refused(tmp_path: Path, content: bytes, reason: str):
    with pytest.raises(IngestError, match=reason):
        sniff(write(tmp_path / "a.json", content))


# ── laws ─────────────────────────────────────────────────────────────────────────────────────

SNIPPETS = [
    "--------------- 2024년 12월 9일 월요일 ---------------", "[김] [오후 2:30] 글",
    "2025년 10월 10일 오전 10:09, 이름 : 글", "2025. 10. 23. 오전 11:44, 이름 : 글",
    "Oct 23, 2025 at 11:44 AM, John : x", "Date,User,Message", '2024-12-09 00:05:11,"a","b',
    "나의 말:", "ChatGPT의 말: 네", "---", "date: 2024-01-01", "```", '{"at": "2024-01-01",',
    '{"at": "2024-01-01", "speaker": "a", "text": "b"}', '[{"mapping": {"a": {"message": null}',
    '"chat_messages": [{"sender": "human", "text": "x"}]}', "사진", "\ufeff",
    "방 님과 카카오톡 대화",
    "저장한 날짜 : 2024", "오전 12:00", "<html>",
]  # fmt: skip
LINES = st.lists(st.one_of(st.sampled_from(SNIPPETS), st.text(max_size=30)), max_size=12)
QUIET = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUIET
@given(
    LINES, st.sampled_from(["utf-8", "cp949", "utf-16"]), st.sampled_from(["\n", "\r\n", "\r", ""])
)
def test_no_text_raises_anything_but_ingest_error(
    tmp_path: Path, lines: list[str], encoding: str, end: str
):
    path = write(tmp_path / "any.txt", end.join(lines).encode(encoding, "replace"))
    for fmt in (None, *FORMATS):
        try:
            bring(None, path, ME, fmt=fmt)
        except IngestError:
            continue


@QUIET
@given(
    st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b'[{"mapping": {', b"\xff\xfe"])
)
def test_no_bytes_raise_anything_but_ingest_error(tmp_path: Path, tail: bytes, head: bytes):
    path = write(tmp_path / "any", head + tail)
    with suppress(IngestError):
        bring(None, path, ME)


@settings(QUIET, max_examples=15)
@given(LINES)
def test_import_export_import_is_stable(tmp_path_factory: Any, lines: list[str]):
    """Whatever came in by any reader goes out and in again as the same turns."""
    tmp_path = tmp_path_factory.mktemp("law")
    path = write(tmp_path / "any.txt", "\n".join(lines).encode("utf-8", "replace"))
    with opened(tmp_path) as store, opened(tmp_path / "other") as other:
        try:
            bring(store, path, ME)
        except IngestError:
            return
        out = write(tmp_path / "o", "".join(f"{x}\n" for x in export_jsonl(store, "me")))
        if out.stat().st_size:
            bring(other, out, ME)
        assert list(other.turns("me")) == list(store.turns("me"))
        bring(store, path, ME)
        assert len(list(other.turns("me"))) == len(list(store.turns("me")))
