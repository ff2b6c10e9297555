"""A Hugging Face-style hub, through huggingface_hub: the only importer of it.

What is there, what the hub says of it, and bytes from a place on. Only `pull` comes here, so
nothing else ever opens a connection. Traps of huggingface_hub 2.4 that end here:

- it reads its settings once, on import: telemetry (which also asks the hub for a list of agents
  to look for) and xet are switched off before that; HF_ENDPOINT is handed over with every call.
- its log writes what a server says raw to stderr, X-HF-Warning among it: silenced.
- hf_hub_download() throws a half-fetched file away when it fails, sleeps out a 429 without a
  word, and does not go on after a connection that was reset: so only the session, the headers and
  the errors are its own; resuming is fetch.py's.
- 401 means a private repository, a gated one, or none at all; over plain http it is not told
  apart from other refusals: what counts here is the status and X-Error-Code.

Knows HTTP by its status codes; no disk, no GGUF.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from echo.errors import HubError, UsageError
from echo.shelf.digests import is_digest
from echo.shelf.refusals import refusal

DEFAULT = "https://huggingface.co"
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a repository. path: there; bytes -1 and digest "" where the hub is silent."""

    path: str
    bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository as the hub describes it now. commit: of the newest version; license: its
    name there, "" where none is named; gated: its makers ask for consent first."""

    name: str
    commit: str
    license: str
    gated: bool
    files: tuple[RemoteFile, ...]


class CutError(Exception):
    """The connection failed while bytes were coming, or before the first; worth another try."""


class Hub:
    """The hub that HF_ENDPOINT names; the token comes from HF_TOKEN or a `hf auth login`."""

    def __init__(self, env: Mapping[str, str], timeout: float = TIMEOUT_S) -> None:
        self.endpoint = _checked((env.get("HF_ENDPOINT") or DEFAULT).rstrip("/"))
        os.environ.update(HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_XET="1")
        self.timeout = timeout  # seconds without a byte
        from huggingface_hub import HfApi, errors, file_download, utils

        utils.logging.set_verbosity(logging.CRITICAL + 1)
        self._api: Any = HfApi(endpoint=self.endpoint)
        self._errors: Any = errors
        self._files: Any = file_download
        self._utils: Any = utils

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._utils.close_session()

    def look(self, name: str) -> Repo:
        """What the hub says of a repository. Raises HubError."""
        try:
            with self._mapped(name):
                found = self._api.model_info(name, files_metadata=True, timeout=self.timeout)
            return Repo(
                name=name,  # a new name is redirected to, and the old one is what was asked for
                commit=str(found.sha or "main"),
                license=_license(found),
                gated=bool(found.gated),
                files=tuple(_file(each) for each in found.siblings or ()),
            )
        except (ValueError, TypeError, KeyError, AttributeError) as exc:  # no JSON, or not this
            raise HubError(
                "The hub does not speak as a hub does: {reason}.",
                "Name another hub with HF_ENDPOINT.",
                reason=type(exc).__name__,
            ) from exc

    def ask(self, repo: Repo, file: RemoteFile) -> RemoteFile:
        """The same file with what the hub says when it is asked for it: size and digest.

        Raises HubError, also when listing and answer disagree or neither names a digest.
        """
        with self._mapped(repo.name, file.path):
            found = self._files.get_hf_file_metadata(
                self._url(repo, file), timeout=self.timeout, endpoint=self.endpoint
            )
        etag = str(found.etag or "").lower()
        digest = etag if is_digest(etag) else file.digest
        size = file.bytes if found.size is None else int(found.size)
        same = len(digest) != len(file.digest) or digest == file.digest
        if not same or (file.bytes >= 0 and size != file.bytes):
            raise HubError(
                "The hub says two different things of {file}.",
                "Try again later; the file may be being replaced.",
                file=file.path,
            )
        if size < 0 or not is_digest(digest):
            raise HubError(
                "The hub names no size or digest for {file}, so it could not be checked.",
                "Choose another hub with HF_ENDPOINT, or fetch the file by hand into models/.",
                file=file.path,
            )
        return RemoteFile(file.path, size, digest)

    @contextmanager
    def read(
        self, repo: Repo, file: RemoteFile, start: int
    ) -> Iterator[tuple[int, Iterator[bytes]]]:
        """The file's bytes from start on, or from 0 where the hub cannot skip: where, and pieces.

        Raises CutError when the connection fails or the hub stumbles, HubError when it says no;
        while the pieces are read too.
        """
        headers = {**self._utils.build_hf_headers(), "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        try:
            with (
                self._mapped(repo.name, file.path),
                self._utils.get_session().stream(
                    "GET", self._url(repo, file), headers=headers, timeout=self.timeout
                ) as answer,
            ):
                self._utils.hf_raise_for_status(answer)
                yield _begin(answer, start), answer.iter_bytes()
        except HubError as exc:
            if exc.params.get("passing"):
                raise CutError(str(exc.params.get("reason", exc))) from exc
            raise

    def _url(self, repo: Repo, file: RemoteFile) -> str:
        url: str = self._files.hf_hub_url(
            repo.name, file.path, revision=repo.commit, endpoint=self.endpoint
        )
        return url

    @contextmanager
    def _mapped(self, repo: str, file: str = "") -> Iterator[None]:
        """huggingface_hub's and httpx' errors as ours; what a caller's own code raises passes."""
        try:
            yield
        except self._errors.HfHubHTTPError as exc:
            raise refusal(exc.response, self.endpoint, repo, file) from exc
        except self._errors.OfflineModeIsEnabled as exc:
            raise HubError(
                "HF_HUB_OFFLINE is set, so no hub is asked.", "Unset it and pull again."
            ) from exc
        except self._errors.HFValidationError as exc:
            raise HubError(
                "{repo} cannot be the name of a model on a hub.",
                "Write it as the hub does: OWNER/NAME.",
                repo=repo,
            ) from exc
        except self._errors.HTTPError as exc:  # httpx' own base: the connection, not the answer
            raise HubError(
                "{endpoint} cannot be reached: {reason}.",
                "Check the network, or name another hub with HF_ENDPOINT; what is here already "
                "is kept.",
                endpoint=self.endpoint,
                reason=(str(exc).splitlines() or [""])[0].rstrip(".") or type(exc).__name__,
                passing=True,
            ) from exc


def _checked(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            "HF_ENDPOINT is no address of a hub: {value}.",
            "Write it like https://huggingface.co, or unset it.",
            value=endpoint,
        )
    return endpoint


def _file(sibling: Any) -> RemoteFile:
    size = sibling.size if sibling.size is not None else -1
    digest = str((sibling.lfs.sha256 if sibling.lfs else sibling.blob_id) or "").lower()
    return RemoteFile(str(sibling.rfilename), int(size), digest if is_digest(digest) else "")


def _license(found: Any) -> str:
    """The licence as the repository's card names it, else as its tags do."""
    card = found.card_data or {}
    named = card.get("license")
    said = ", ".join(map(str, named)) if isinstance(named, list) else str(named or "")
    if said == "other" and card.get("license_name"):
        said = str(card.get("license_name"))
    tags = (str(tag) for tag in found.tags or ())
    said = said or next((t.partition(":")[2] for t in tags if t.startswith("license:")), "")
    link = card.get("license_link")
    return f"{said} ({link})" if said and link else said


def _begin(answer: Any, start: int) -> int:
    """Where the bytes of an answer begin."""
    if answer.status_code == 200:
        return 0
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    if answer.status_code == 206 and found and int(found[1]) == start:
        return start
    raise HubError(
        "The hub does not speak as a hub does: {reason}.",
        "Name another hub with HF_ENDPOINT.",
        reason=f"{answer.status_code} {answer.headers.get('Content-Range', '')}".strip(),
    )
