"""What somebody typed after `pull`, as sources. Knows text, no hub."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from echo.errors import UsageError
from echo.shelf.presets import PRESETS, Source, preset

_REPO = re.compile(r"[a-z0-9][\w.-]*/[\w.-]*\w", re.ASCII | re.IGNORECASE)
_PAGE = re.compile(r"/(?P<repo>[^/]+/[^/]+)(?:/(?:blob|resolve)/[^/]+/(?P<file>.+))?.*")


def sources(text: str) -> tuple[Source, ...]:
    """A preset's name, OWNER/NAME, OWNER/NAME:FILE, OWNER/NAME:QUANT, or a page's address."""
    text = text.strip()
    if found := preset(text):
        return found.sources
    if text.startswith(("https://", "http://")):
        page = _PAGE.fullmatch(unquote(urlsplit(text).path))
        repo, rest = (page["repo"], page["file"] or "") if page else (text, "")
    else:
        repo, _, rest = text.partition(":")
    if not _REPO.fullmatch(repo):
        raise UsageError(
            "{value} is neither a preset nor a model on a hub.",
            "Write OWNER/NAME, OWNER/NAME:QUANT or OWNER/NAME:FILE, or one of {choices}.",
            value=text,
            choices=", ".join(p.name for p in PRESETS),
        )
    if rest.lower().endswith(".gguf"):
        return (Source(repo, file=rest),)
    return (Source(repo, quant=rest.upper()),)
