"""A model opened in a child process without its weights: does it speak Korean and English?

    python -m echo.shelf.opening FILE        findings as JSON, one a line

The child asks llama.cpp for the tensors it needs, renders the chat template with a system text, and
sends Hangul, NFC text and emoji through the tokenizer and back. Knows brains, no settings.
"""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from echo.brains.gguf import GGUFHeader, read_header
from echo.brains.handles import Weights
from echo.brains.llama import template_of
from echo.brains.template import PLAIN_STOPS, Segment
from echo.brains.tokens import Tokens
from echo.errors import EchoError
from echo.i18n import msgid
from echo.nouns import Message
from echo.render.health import Finding

OPENS, TEMPLATE = msgid("llama.cpp"), msgid("chat template")
PATIENCE_S = 300.0  # a large vocabulary on a slow network disk
SYSTEM, USER = "나는 에코야. I remember.", "고양이 이름이 뭐였지?"
SAMPLES = (
    ("hangul", msgid("Hangul"), "동해물과 백두산이 마르고 닳도록 ㅋㅋㅠㅠ 뷁 쀍 햏"),
    ("nfc", msgid("NFC"), unicodedata.normalize("NFC", "한글 각뚫궳 café naïve ① ㈜ ﬁ Å")),
    ("emoji", msgid("emoji"), "좋아 ❤️ 👍🏽 👩‍👩‍👧 🇰🇷 🫠"),
)


# ── the parent ───────────────────────────────────────────────────────────────────────────────


def ask(path: Path) -> Iterator[Finding]:
    """What a child finds out about the model at path; that it died is a finding too."""
    command = [sys.executable, "-m", __name__, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE_S)
        told, died = done.stdout, _death(done)
    except subprocess.TimeoutExpired as exc:
        told, died = exc.stdout or b"", f"{PATIENCE_S:.0f} s"
    for row in told.decode("utf-8").splitlines():
        yield Finding(**json.loads(row))
    if died:
        yield Finding(
            "opens",
            OPENS,
            "bad",
            msgid("llama.cpp stops at this file: {reason}"),
            msgid(
                "The file is damaged, or newer than llama-cpp-python: fetch it again, or update."
            ),
            {"reason": died},
        )


def _death(done: subprocess.CompletedProcess[bytes]) -> str:
    """How a child ended that did not end well, in its own last words; "" for one that did."""
    if not done.returncode:
        return ""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    last = next((line for line in said if "GGML_ASSERT" in line), said[-1] if said else "")
    return last.rpartition(": ")[2].strip() or f"exit {done.returncode}"


# ── the child ────────────────────────────────────────────────────────────────────────────────


def findings(path: Path) -> Iterator[Finding]:
    """Every finding of the model at path, in this very process."""
    try:
        weights = Weights(path, 0, lambda _: True, dry=True)
    except EchoError as exc:
        yield Finding("opens", OPENS, "bad", exc.message, exc.hint, _plain(exc))
        return
    with closing(weights):
        said = msgid("it knows {arch} and finds every tensor it needs")
        header = read_header(path)
        yield Finding("opens", OPENS, "good", said, params={"arch": header.arch})
        yield _template(header, weights)
        for name, title, sample in SAMPLES:
            yield _round_trip(name, title, sample, weights)


def _plain(exc: EchoError) -> dict[str, object]:
    """An error's values as JSON can hold them."""
    return {k: v if isinstance(v, int | float) else str(v) for k, v in exc.params.items()}


def _template(header: GGUFHeader, weights: Weights) -> Finding:
    """Does the system text come out, once, before the user's words?"""
    tokens = Tokens(weights)
    try:
        template = template_of(header, weights, tokens, datetime.now().astimezone())
        segments = template.prompt((Message("system", SYSTEM), Message("user", USER)))
    except EchoError as exc:
        return Finding("template", TEMPLATE, "bad", exc.message, exc.hint, _plain(exc))
    if not _told(segments) or not tokens.prompt(segments):
        said = msgid("the system text is lost")
        hint = msgid("Choose another GGUF file of this model.")
        return Finding("template", TEMPLATE, "bad", said, hint)
    if header.template is None:
        form = "### User:" if template.stops == PLAIN_STOPS else "ChatML"
        said = msgid("the file has none; Echo uses {form}")
        return Finding("template", TEMPLATE, "warn", said, params={"form": form})
    return Finding("template", TEMPLATE, "good", msgid("it renders a system text, then the words"))


def _told(segments: tuple[Segment, ...]) -> bool:
    words = "\0".join(segment.text for segment in segments if not segment.control)
    return words.count(SYSTEM) == words.count(USER) == 1 and words.index(SYSTEM) < words.index(USER)


def _round_trip(name: str, title: str, sample: str, weights: Weights) -> Finding:
    """Text -> tokens -> bytes: the same text?"""
    tokens = weights.tokenize(sample, special=False)
    back = b"".join(weights.piece(token) for token in tokens).decode("utf-8", "replace")
    if weights.spm:
        back = back.removeprefix(" ")  # SentencePiece puts a space before a text
    if back == sample:
        said = msgid("it comes back as it went in: {n} tokens for {chars} characters")
        params: dict[str, object] = {"n": len(tokens), "chars": len(sample)}
        return Finding(name, title, "good", said, params=params)
    at = next((i for i, (a, b) in enumerate(zip(sample, back, strict=False)) if a != b),
              min(len(sample), len(back)))  # fmt: skip
    return Finding(
        name,
        title,
        "bad",
        msgid("it comes back changed: {sent} as {got}"),
        msgid("This model cannot write that. Choose another GGUF file."),
        {"sent": sample[at : at + 4], "got": back[at : at + 4]},
    )


def main() -> int:
    """The child."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for finding in findings(Path(sys.argv[1])):
        sys.stdout.write(json.dumps(asdict(finding), ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
