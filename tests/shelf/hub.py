"""A hub that speaks Hugging Face's protocol on this machine: an API and, elsewhere, the bytes.

Two servers, so that the address the API sends one to is another origin, as with the real hub's
storage: what the client may not carry over there (its token) can be seen. Real sockets; faults are
told to it beforehand: cut connections, wrong bytes, refusals, storage that cannot skip.
"""

from __future__ import annotations

import hashlib
import json
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "5" * 40


@dataclass(frozen=True)
class Request:
    """What a client asked. where: "hub" or "blobs"."""

    where: str
    method: str
    path: str
    headers: Mapping[str, str]


@dataclass
class Repo:
    """A repository. files: path -> content; huge: path -> a size that is only announced."""

    files: dict[str, bytes]
    license: str = "apache-2.0"
    gated: str | bool = False
    card: dict[str, object] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    lfs: bool = True
    huge: dict[str, int] = field(default_factory=dict)

    def digest(self, path: str) -> str:
        content = self.files.get(path, b"")
        if self.lfs:
            return hashlib.sha256(content).hexdigest()
        blob = b"blob %d\0" % len(content) + content
        return hashlib.sha1(blob, usedforsecurity=False).hexdigest()

    def size(self, path: str) -> int:
        return self.huge.get(path, len(self.files.get(path, b"")))


class HubServer:
    """The hub and its storage. Set the faults before the client comes.

    cuts: bytes after which each connection for bytes is cut, the first one first; then none is.
    refuse_after_cut: what everything is answered once a connection was cut.
    reset: cut by a reset (RST) instead of a plain end. spoil: bytes sent instead of a file's.
    refuse: status and headers for everything whose path begins with a prefix. says: what is sent
    for a path instead. notes: headers of every answer. skips: does storage know Range. stall: hang
    instead of cutting.
    """

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.requests: list[Request] = []
        self.cuts: list[int] = []
        self.refuse_after_cut: tuple[int, dict[str, str]] | None = None
        self.reset = False
        self.stall = False
        self.spoil: dict[str, bytes] = {}
        self.refuse: dict[str, tuple[int, dict[str, str]]] = {}
        self.says: dict[str, bytes] = {}
        self.notes: dict[str, str] = {}
        self.skips = True
        self.sent = 0  # bytes of files
        self.url = self.blobs = ""
        self.closing = threading.Event()

    def asked(self, where: str, method: str = "GET") -> list[Request]:
        return [r for r in self.requests if (r.where, r.method) == (where, method)]


@contextmanager
def serving() -> Iterator[HubServer]:
    """A hub that runs while the block does."""
    state = HubServer()
    servers = [_server(state, "hub", _Api), _server(state, "blobs", _Blobs)]
    state.url, state.blobs = (f"http://127.0.0.1:{s.server_address[1]}" for s in servers)
    threads = [threading.Thread(target=s.serve_forever, args=(0.01,)) for s in servers]
    for thread in threads:
        thread.start()
    try:
        yield state
    finally:
        state.closing.set()
        for server in servers:
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()


def _server(state: HubServer, where: str, handler: type[_Handler]) -> ThreadingHTTPServer:
    made = type(handler.__name__, (handler,), {"state": state, "where": where})
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    server.daemon_threads = True
    server.block_on_close = False
    return server


class _Handler(BaseHTTPRequestHandler):
    state: HubServer
    where: str
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Silent: what was asked is in state.requests."""

    def do_HEAD(self) -> None:
        self._asked("HEAD")

    def do_GET(self) -> None:
        self._asked("GET")

    def _asked(self, method: str) -> None:
        path = unquote(urlsplit(self.path).path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.state.requests.append(Request(self.where, method, path, headers))
        for prefix, (status, extra) in self.state.refuse.items():
            if path.startswith(prefix):
                self.answer(status, {"X-Error-Code": "", **extra}, b'{"error": "no"}')
                return
        if path in self.state.says:
            self.answer(200, {"Content-Type": "text/html"}, self.state.says[path])
            return
        self.reply(path, headers)

    def reply(self, path: str, headers: Mapping[str, str]) -> None:
        raise NotImplementedError

    def answer(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {**headers, **self.state.notes}.items():
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _Api(_Handler):
    """/api/models/OWNER/NAME and /OWNER/NAME/resolve/REVISION/FILE."""

    def reply(self, path: str, headers: Mapping[str, str]) -> None:
        if path.startswith("/api/models/"):
            self._info(path.removeprefix("/api/models/"))
            return
        name, found, rest = path.removeprefix("/").partition("/resolve/")
        repo = self.state.repos.get(name)
        revision, _, file = rest.partition("/")
        if not found or repo is None:
            self.answer(404, {"X-Error-Code": "RepoNotFound"})
        elif revision not in (COMMIT, "main"):
            self.answer(404, {"X-Error-Code": "RevisionNotFound"})
        elif file not in repo.files:
            self.answer(404, {"X-Error-Code": "EntryNotFound"})
        else:
            etag = "X-Linked-Etag" if repo.lfs else "ETag"
            self.answer(302, {
                "Location": f"{self.state.blobs}/{name}/{file}?signed=1",
                "X-Repo-Commit": COMMIT,
                etag: f'"{repo.digest(file)}"',
                "X-Linked-Size": str(repo.size(file)),
            })  # fmt: skip

    def _info(self, name: str) -> None:
        repo = self.state.repos.get(name)
        if repo is None:
            self.answer(404, {"X-Error-Code": "RepoNotFound"}, b'{"error": "Repository not found"}')
            return
        told = {
            "id": name, "modelId": name, "sha": COMMIT, "private": False, "gated": repo.gated,
            "tags": repo.tags, "cardData": {"license": repo.license, **repo.card}
            if repo.license else None,
            "siblings": [self._sibling(repo, path) for path in repo.files],
        }  # fmt: skip
        self.answer(200, {"Content-Type": "application/json"}, json.dumps(told).encode())

    @staticmethod
    def _sibling(repo: Repo, path: str) -> dict[str, object]:
        told: dict[str, object] = {"rfilename": path, "size": repo.size(path)}
        if repo.lfs:
            told["lfs"] = {"sha256": repo.digest(path), "size": repo.size(path), "pointerSize": 134}
            told["blobId"] = "0" * 40
        else:
            told["blobId"] = repo.digest(path)
        return told


class _Blobs(_Handler):
    """The bytes, from where Range says."""

    def reply(self, path: str, headers: Mapping[str, str]) -> None:
        owner, name, *rest = path.removeprefix("/").split("/")
        file = "/".join(rest)
        content = self.state.spoil.get(file, self.state.repos[f"{owner}/{name}"].files[file])
        wanted = headers.get("range", "")
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.state.skips else 0
        if start >= len(content) > 0:
            self.answer(416, {"Content-Range": f"bytes */{len(content)}"})
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self._send(content[start:])

    def _send(self, body: bytes) -> None:
        cut = self.state.cuts.pop(0) if self.state.cuts else len(body)
        self.wfile.write(body[:cut])
        self.state.sent += len(body[:cut])
        if cut >= len(body):
            return
        if self.state.refuse_after_cut:
            self.state.refuse["/"] = self.state.refuse_after_cut
        if self.state.stall:
            self.state.closing.wait(20)
        self.close_connection = True
        if self.state.reset:
            self.wfile.flush()
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
