"""ChatGPT's and Claude's exports (conversations.json): one turn for each message that was shown.

Of a conversation that was branched by editing or by asking again, only the branch that was last
looked at; what the assistant thought, called or was told unseen is passed over. Knows rows, not
where they come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from echo.i18n import msgid
from echo.memory.chats.entries import Entry, Row
from echo.memory.chats.given import Given, Notices, Refs, Report, clip, epoch
from echo.nouns import Turn
from echo.text import digest, scrub

Family = Literal["chatgpt", "claude"]
ASSISTANT: Mapping[Family, str] = {"chatgpt": "ChatGPT", "claude": "Claude"}
MARK: Mapping[Family, str] = {"chatgpt": "mapping", "claude": "chat_messages"}
_HIDDEN_KINDS = frozenset((
    "thoughts", "reasoning_recap", "user_editable_context", "model_editable_context",
    "execution_output", "system_error", "tether_browsing_display", "tether_browsing_code",
    "app_pairing_content", "super_widget",
))  # fmt: skip
_UNSUPPORTED = re.compile(r"(?:```\s*)?This block is not supported on your [^\n]{1,60}(?:\s*```)?")
UNKNOWN = msgid("a conversation of a form Echo does not know")
UNTIMED = msgid("a conversation with no time")


class _Said(NamedTuple):
    """One message: id is the service's own, "" when it gave none; at is None when not told."""

    id: str
    mine: bool
    text: str
    at: datetime | None


def family(row: Row) -> Family | None:
    """Whose conversation this object is."""
    if isinstance(row.get("mapping"), dict):
        return "chatgpt"
    return "claude" if isinstance(row.get("chat_messages"), list) else None


def turns(found: Iterable[Entry], given: Given, report: Report, notices: Notices) -> Iterator[Turn]:
    """The turns of all conversations in their order; broken ones are reported."""
    for entry in found:
        whose = None if entry.row is None else family(entry.row)
        if entry.row is None:
            report(entry.number, entry.why)
        elif whose is not None:
            yield from _conversation(entry, entry.row, whose, given, report, notices)
        elif isinstance(inner := entry.row.get("conversations"), list):
            rows = (row for row in inner if isinstance(row, dict))
            yield from turns((Entry(entry.number, row) for row in rows), given, report, notices)
        else:
            report(entry.number, UNKNOWN)


def _conversation(
    entry: Entry, row: Row, whose: Family, given: Given, report: Report, notices: Notices
) -> Iterator[Turn]:
    zone = given.zone
    said = _chatgpt(row, given, notices) if whose == "chatgpt" else _claude(row, given, notices)
    at = next(
        (t for key in ("create_time", "created_at") if (t := epoch(row.get(key), zone))), None
    )
    name = _first_text(row, "conversation_id", "id", "uuid") or _unnamed(row, at)
    refs, told = Refs(), False
    for message in said:
        at = message.at or at
        if at is None:
            if not told:
                report(entry.number, UNTIMED)
            told = True
            continue
        who = given.user if message.mine else ASSISTANT[whose]
        facts = (message.id,) if message.id else (str(message.mine), at.isoformat(), message.text)
        ref = refs.of(whose, name, *facts)
        speaker = who if message.mine else given.name(who)
        yield Turn(ref, at, speaker, message.text, clip(f"{whose}:{name}"))


def _unnamed(row: Row, at: datetime | None) -> str:
    return digest(f"{row.get('title') or row.get('name')}\0{at}")[:16]


def _first_text(row: Row, *keys: str) -> str:
    return next((v for key in keys if isinstance(v := row.get(key), str) and v), "")


# ── ChatGPT ──────────────────────────────────────────────────────────────────────────────────


def _chatgpt(row: Row, given: Given, notices: Notices) -> Iterator[_Said]:
    nodes = row["mapping"]
    assert isinstance(nodes, dict)  # family() has looked  # noqa: S101
    for node in _branch(nodes, row.get("current_node")):
        message = node.get("message")
        if not isinstance(message, dict):
            continue  # the root of the tree has none
        role = _inner(message, "author").get("role")
        text = scrub(_parts(_inner(message, "content"))).strip()
        if role not in ("user", "assistant") or _hidden(message, str(role)) or not text:
            notices.add()
            continue
        at = epoch(message.get("create_time"), given.zone)
        name = _first_text(message, "id") or _first_text(node, "id")
        yield _Said(name, role == "user", text, at)


def _branch(nodes: Mapping[str, object], leaf: object) -> list[Row]:
    """From the root to the leaf, by parents; without a leaf, to the one that was written last."""
    name = leaf if isinstance(leaf, str) and leaf in nodes else _newest(nodes)
    path: list[Row] = []
    seen: set[str] = set()
    while isinstance(name, str) and name not in seen:
        seen.add(name)
        node = nodes.get(name)
        if not isinstance(node, dict):
            break
        path.append(node)
        name = node.get("parent")
    return path[::-1]


def _newest(nodes: Mapping[str, object]) -> str | None:
    best: tuple[float, int, str] | None = None
    for number, (name, node) in enumerate(nodes.items()):
        if not isinstance(node, dict) or node.get("children"):
            continue
        at = epoch(_inner(node, "message").get("create_time"), UTC)
        when = at.timestamp() if at else 0.0
        if best is None or (when, number) > best[:2]:
            best = (when, number, name)
    return best[2] if best else None


def _hidden(message: Row, role: str) -> bool:
    meta = _inner(message, "metadata")
    return (
        meta.get("is_visually_hidden_from_conversation") is True
        or meta.get("is_user_system_message") is True
        or message.get("weight") == 0
        or _inner(message, "content").get("content_type") in _HIDDEN_KINDS
        or (role == "assistant" and message.get("recipient") not in (None, "all"))
    )


def _parts(content: Row) -> str:
    """The words of a message: its parts are strings, or objects of which some have a text."""
    parts = content.get("parts")
    if not isinstance(parts, list):
        text = content.get("text")
        return text if isinstance(text, str) else ""
    return "\n".join(text for part in parts if (text := _part(part)))


def _part(part: object) -> str:
    text = part.get("text") if isinstance(part, dict) else part
    return text if isinstance(text, str) else ""


def _inner(row: Row, key: str) -> Row:
    value = row.get(key)
    return value if isinstance(value, dict) else {}


# ── Claude ───────────────────────────────────────────────────────────────────────────────────


def _claude(row: Row, given: Given, notices: Notices) -> Iterator[_Said]:
    messages = row["chat_messages"]
    assert isinstance(messages, list)  # noqa: S101
    for message in _last_branch([m for m in messages if isinstance(m, dict)], row):
        sender = message.get("sender") or message.get("role")
        text = scrub(_words(message)).strip()
        if sender not in ("human", "user", "assistant") or not text:
            notices.add()
            continue
        at = epoch(message.get("created_at"), given.zone)
        yield _Said(_first_text(message, "uuid", "id"), sender != "assistant", text, at)


def _last_branch(messages: Sequence[Row], row: Row) -> Sequence[Row]:
    """All messages, unless the export says which of several branches was last looked at."""
    leaf = row.get("current_leaf_message_uuid")
    named = {str(m["uuid"]): {**m, "parent": m.get("parent_message_uuid")}
             for m in messages if isinstance(m.get("uuid"), str)}  # fmt: skip
    return _branch(named, leaf) if isinstance(leaf, str) and leaf in named else messages


def _words(message: Row) -> str:
    """The text blocks; older exports have one text. Tools and thoughts are no words."""
    blocks = message.get("content")
    told = [
        text
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, dict) and block.get("type") == "text" and (text := _part(block))
    ]
    legacy = blocks if isinstance(blocks, str) else message.get("text")
    words = "\n\n".join(told) or (legacy if isinstance(legacy, str) else "")
    return _UNSUPPORTED.sub("", words)
