"""What a hub's refusal means to a person, from its status and X-Error-Code. Knows no network."""

from __future__ import annotations

from typing import Any

from echo.errors import HubError

# "Invalid username or password." is what the hub says of a model that is not there
BAD_CREDENTIALS = "Invalid credentials in Authorization header"
PASSING = (408, 500, 502, 503, 504)  # worth another try in a moment


def refusal(answer: Any, endpoint: str, repo: str, file: str) -> HubError:
    """The error for an answer (status_code, headers) to a question about repo, and file if any.

    Its params hold passing=True where the same question may succeed in a moment.
    """
    status, code = answer.status_code, answer.headers.get("X-Error-Code", "")
    page = f"{endpoint}/{repo}"
    if status == 429:
        return _too_many(answer)
    if code == "GatedRepo" or (status == 403 and not code):
        return HubError(
            "{repo} is gated: its makers ask for your consent first.",
            "Agree on {page}, make a token there, set HF_TOKEN and pull again.",
            repo=repo,
            page=page,
        )
    if status == 401 and answer.headers.get("X-Error-Message", "") == BAD_CREDENTIALS:
        return HubError(
            "The hub does not accept your token.",
            "Make a new one on {page} and set HF_TOKEN, or unset it.",
            page=f"{endpoint}/settings/tokens",
        )
    if code in ("EntryNotFound", "RevisionNotFound") or (status == 404 and file and not code):
        return HubError(
            "{repo} has no file {file}.",
            "See what there is on {page}.",
            repo=repo,
            file=file,
            page=page,
        )
    if status in (401, 404):
        return HubError(
            "The hub has no model {repo}, or shows it only to those who may see it.",
            "Check the name; for a private or gated one set HF_TOKEN.",
            repo=repo,
        )
    return HubError(
        "The hub answers with an error: {status}.",
        "Try again in a while; what is here already is kept.",
        status=status,
        passing=status in PASSING,
    )


def _too_many(answer: Any) -> HubError:
    wait = answer.headers.get("Retry-After", "")
    if wait.isascii() and wait.isdigit():
        return HubError(
            "The hub asks you to wait: too many questions.",
            "Pull again in {seconds} seconds; what is here already is kept.",
            seconds=int(wait),
        )
    return HubError(
        "The hub asks you to wait: too many questions.",
        "Pull again in a few minutes, or with a token in HF_TOKEN; what is here already is kept.",
    )
