"""A chat template from a GGUF file, rendered so that what people said stays data.

The template never sees a message: it is rendered with a placeholder for each content, and the
result is cut there. What the template wrote may hold control tokens; what people (and memories,
and models) wrote may not, whatever they typed. So no content can change the prompt's shape.

A template that refuses a system message, drops it, or moves it behind the first user turn (which
would cost the KV cache every turn) gets the system text at the head of the first user turn.
Without a template: ChatML when the vocabulary has its tokens, otherwise plain "### User:" heads.
Never llama-2's by guess. Knows jinja2, no tokens and no llama.cpp.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from echo.errors import BrainError
from echo.nouns import Message, Role

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PLAIN = (
    "{% for m in messages %}### {{ {'system': 'System', 'user': 'User', "
    "'assistant': 'Assistant'}[m.role] }}:\n{{ m.content }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}### Assistant:\n{% endif %}"
)
PLAIN_STOPS = ("\n### ",)
_EDGE = "\x0b"  # whitespace no template writes: gone after rendering where a template strips
_MARK = re.compile(f"({_EDGE}?)EchoHolds([0-9]+)Here({_EDGE}?)")
_GENERATION = re.compile(r"(\{%[-+]?\s*)(end)?generation(\s*[-+]?%\})")
_ALTERNATING: tuple[Role, ...] = ("user", "assistant", "user")


@dataclass(frozen=True, slots=True)
class Segment:
    """Some text of a prompt. control: written by the template, may hold control tokens."""

    text: str
    control: bool


class ChatTemplate:
    """Messages -> segments. Raises BrainError when the template cannot render them."""

    def __init__(
        self,
        source: str,
        tokens: Mapping[str, str],
        *,
        now: datetime,
        stops: tuple[str, ...] = (),
    ) -> None:
        self.stops = stops
        self._tokens = dict(tokens)
        self._template = _compile(source, now)
        self._folds = self._must_fold()

    def prompt(self, messages: Sequence[Message]) -> tuple[Segment, ...]:
        """The whole prompt, the opening of the reply included."""
        return tuple(self._segments(messages, opening=True))

    def beginning(self, messages: Sequence[Message]) -> tuple[Segment, ...]:
        """The prompt up to the end of the last message's content: more text may follow there."""
        segments = self._segments(messages, opening=False)
        last = max((i for i, s in enumerate(segments) if not s.control), default=-1)
        head = segments[: last + 1]
        if head and not messages[-1].content.strip():
            head.pop()
        return tuple(head)

    def _segments(self, messages: Sequence[Message], *, opening: bool) -> list[Segment]:
        kept = fold(messages) if self._folds else tuple(messages)
        roles = tuple(m.role for m in kept)
        try:
            text = self._render(roles, opening=opening)
        except _errors() as exc:
            merged = merge(fold(kept))  # templates that insist on user and assistant in turn
            if merged == kept:
                raise _refused(exc) from exc
            return self._segments(merged, opening=opening)
        return _cut(text, kept)

    def _render(self, roles: Sequence[Role], *, opening: bool) -> str:
        placeholders = [
            {"role": role, "content": f"{_EDGE}EchoHolds{i}Here{_EDGE}"}
            for i, role in enumerate(roles)
        ]
        return str(
            self._template.render(
                messages=placeholders,
                add_generation_prompt=opening,
                enable_thinking=False,
                tools=None,
                documents=None,
                **self._tokens,
            )
        )

    def _must_fold(self) -> bool:
        """Does a system message fail to stand, once, before the first user turn?"""
        try:
            text = self._render(("system", *_ALTERNATING), opening=True)
        except _errors():
            return True
        return [int(m[2]) for m in _MARK.finditer(text)] != [0, 1, 2, 3]


def fallback(*, chatml: bool, now: datetime) -> ChatTemplate:
    """The template of a model that brings none."""
    if chatml:
        return ChatTemplate(CHATML, {}, now=now)
    return ChatTemplate(PLAIN, {}, now=now, stops=PLAIN_STOPS)


def fold(messages: Sequence[Message]) -> tuple[Message, ...]:
    """System text at the head of the first user turn; a turn of its own when none comes first."""
    system = "\n\n".join(m.content for m in messages if m.role == "system")
    rest = tuple(m for m in messages if m.role != "system")
    if not system:
        return rest
    if not rest or rest[0].role != "user":
        return (Message("user", system), *rest)
    return (Message("user", f"{system}\n\n{rest[0].content}"), *rest[1:])


def merge(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Neighbours of one role as one message."""
    out: list[Message] = []
    for message in messages:
        if out and out[-1].role == message.role:
            out[-1] = Message(message.role, f"{out[-1].content}\n\n{message.content}")
        else:
            out.append(message)
    return tuple(out)


def _cut(text: str, messages: Sequence[Message]) -> list[Segment]:
    """The rendered text with each placeholder replaced by its content, as data."""
    marks = list(_MARK.finditer(text))
    if [int(m[2]) for m in marks] != list(range(len(messages))):
        raise BrainError(
            "The model's chat template leaves out or doubles a message.",
            "Choose another GGUF file of this model.",
        )
    segments: list[Segment] = []
    at = 0
    for mark, message in zip(marks, messages, strict=True):
        content = message.content
        content = content if mark[1] else content.lstrip()
        content = content if mark[3] else content.rstrip()
        segments += [
            Segment(text[at : mark.start()], control=True),
            Segment(content, control=False),
        ]
        at = mark.end()
    segments.append(Segment(text[at:], control=True))
    return segments


def _compile(source: str, now: datetime) -> Any:
    """A jinja2 template as the transformers library would compile it, in a sandbox."""
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def raise_exception(message: str) -> None:
        raise TemplateError(message)

    def tojson(value: object, indent: int | None = None, **_: object) -> str:
        return json.dumps(value, ensure_ascii=False, indent=indent)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = tojson
    environment.globals.update(raise_exception=raise_exception, strftime_now=now.strftime)
    try:
        return environment.from_string(_GENERATION.sub(_as_condition, source))
    except _errors() as exc:
        raise _refused(exc) from exc


def _as_condition(tag: re.Match[str]) -> str:
    """transformers' {% generation %} marks a span and changes nothing: an `if true`."""
    return f"{tag[1]}endif{tag[3]}" if tag[2] else f"{tag[1]}if true{tag[3]}"


def _errors() -> tuple[type[Exception], ...]:
    """Whatever a template may raise: it is a program that somebody else wrote."""
    from jinja2 import TemplateError

    return (TemplateError, TypeError, ValueError, KeyError, IndexError, AttributeError,
            OverflowError, RecursionError, ZeroDivisionError)  # fmt: skip


def _refused(exc: Exception) -> BrainError:
    return BrainError(
        "The model's chat template cannot render this conversation: {reason}.",
        "Choose another GGUF file of this model.",
        reason=str(exc).rstrip("."),
    )
