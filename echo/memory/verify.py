"""Do the database, its index and the journal say the same? Reads all three, changes none.

A finding is a value: where, what is wrong, what to do next. Knows tables, the index and the
journal's records.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from echo.errors import StoreError
from echo.i18n import msgid
from echo.memory import edits, index, journal, ledger, quarantine
from echo.memory.absorb import key_of
from echo.memory.database import damaged, mapped, wal_alone
from echo.memory.journal import Record
from echo.memory.rows import COLUMNS, JOINED, chunks, turn_of
from echo.memory.store import Store

REBUILD = msgid("`fillin memory rebuild` makes it anew from the journal and your day files.")
RESTORE = msgid("Restore this file from a backup; what the database knows of it is not lost.")
LEAVE = msgid("`fillin memory rebuild` writes it to the journal again.")
SAMPLE = 500  # rows whose tokens are looked up in the index
SHOWN = 20  # findings of one sort that are named one by one


@dataclass(frozen=True, slots=True)
class Finding:
    """where: a file, or a part of the database; what: a sentence with {named} fields of params."""

    where: str
    what: str
    next: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Report:
    """What was looked at, how much of it, and what was wrong."""

    counts: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.findings

    def add(self, where: str, what: str, next_: str = REBUILD, **params: object) -> None:
        """One finding; of one sort only the first are named."""
        alike = sum(f.what == what for f in self.findings)
        if alike < SHOWN:
            self.findings.append(Finding(where, what, next_, params))

    def count(self, name: str, n: int) -> None:
        """So much was looked at."""
        self.counts[name] = self.counts.get(name, 0) + n


def verify(open_store: Callable[[], Store], database: Path, memory: Path) -> Report:
    """Everything against everything. Raises StoreError only when nothing could be asked at all."""
    report = Report()
    journals = ledger.users(memory)
    if wal_alone(database):  # SQLite deletes it even where it may only read
        _damaged(report, database)
        return report
    if not database.exists():  # to look makes none
        _unknown(report, journals)
        return report
    _file(report, database)
    if report.ok:
        try:
            with open_store() as store:
                known = store.users()
                for user in known:
                    _user(report, store, memory, user)
            _unknown(report, [user for user in journals if user not in known])
        except StoreError as exc:
            report.add(database.name, exc.message, exc.hint, **exc.params)
    return report


def _damaged(report: Report, database: Path) -> None:
    found = damaged(database)
    report.add(database.name, found.message, REBUILD, **found.params)


def _unknown(report: Report, users: Sequence[str]) -> None:
    """Whose journals a database knows nothing of: it was lost, or is not the one they grew with."""
    for user in users:
        report.add("database", msgid("it knows nobody called {user}, whose journal is here"),
                   user=user)  # fmt: skip


def _file(report: Report, database: Path) -> None:
    """SQLite's own checks, on a connection that cannot write."""
    try:
        with mapped(database):
            conn = quarantine.reader(database)
            try:
                for (said,) in conn.execute("pragma integrity_check(20)"):
                    if said != "ok":
                        what = msgid("SQLite's integrity check says: {reason}")
                        report.add(database.name, what, reason=said)
                for table, row, *_ in conn.execute("pragma foreign_key_check"):
                    what = msgid("row {row} of table {table} points to nothing")
                    report.add(database.name, what, row=row, table=table)
            finally:
                conn.close()
    except StoreError as exc:
        report.add(database.name, exc.message, REBUILD, **exc.params)


def _user(report: Report, store: Store, memory: Path, user: str) -> None:
    with store.database.read() as conn:
        user_id = store.names.find(conn, user)
        _texts(report, conn, user_id)
        _index(report, conn, user_id)
        _journal(report, conn, user_id, (memory, user))


# ── the rows and their index ─────────────────────────────────────────────────────────────────


def _texts(report: Report, conn: sqlite3.Connection, user_id: int) -> None:
    """Words whose digest does not fit were changed by something that is not Echo."""
    count = 0
    for row, key, body in conn.execute("select id, key, body from text where user = ?", (user_id,)):
        count += 1
        if key_of(body) != key:
            what = msgid("the words of text {row} are not what was written")
            report.add("database", what, row=row)
    report.count("texts", count)


def _index(report: Report, conn: sqlite3.Connection, user_id: int) -> None:
    if index.is_damaged(conn, user_id):
        report.add("index", msgid("its own tables do not agree with each other"))
        return
    there = index.rows_of(conn, user_id)
    missing: list[int] = []
    rows = conn.execute(
        "select o.id, coalesce(o.raw, t.body) from occurrence o join text t on t.id = o.text"
        " where o.user = ? and o.gone is null order by o.id",
        (user_id,),
    ).fetchall()
    missing = [row for row, text in rows if row not in there and text.strip()]
    living = {row for row, _ in rows}
    sample = {row: text for row, text in rows[:: max(1, len(rows) // SAMPLE)] if row in there}
    for row in index.not_found(conn, user_id, sample):
        report.add("index", msgid("turn {row} is not found by its own words"), row=row)
    if missing:
        report.add("index", msgid("{n} turns are not in the index"), n=len(missing))
    if there - living:
        n = len(there - living)
        report.add("index", msgid("{n} entries of the index belong to no turn"), n=n)
    report.count("occurrences", len(rows))
    report.count("indexed", len(there & living))


# ── the journal ──────────────────────────────────────────────────────────────────────────────


def _journal(
    report: Report, conn: sqlite3.Connection, user_id: int, whose: tuple[Path, str]
) -> None:
    memory, user = whose
    book = ledger.Ledger()
    batch: list[Record] = []
    edited = edits.refs(conn, user_id)
    for record in ledger.records(memory, user, book.damaged):
        book.records[record.kind, record.id] += 1
        if record.kind in (journal.SAID, journal.GONE):
            batch.append(record)
            if len(batch) >= 900:
                _turns(report, conn, user_id, batch, edited)
                batch = []
        elif record.kind == journal.EXCHANGE:
            _exchange(report, conn, user_id, record)
    _turns(report, conn, user_id, batch, edited)
    for place in book.damaged:
        report.add(place, msgid("a damaged line in the journal"), RESTORE)
    _acts(report, conn, user_id, book)
    said = book.ids(journal.SAID, journal.GONE)
    unsaid = [
        ref
        for (ref,) in conn.execute(
            "select o.ref from occurrence o left join exchange e on e.words = o.id"
            " where o.user = ? and o.kept > 0 and o.file is null"
            " and coalesce(e.status, '') <> 'pending'",
            (user_id,),
        )
        if ref not in said
    ]
    for ref in unsaid:
        report.add("journal", msgid("turn {ref} is not in the journal"), LEAVE, ref=ref)
    report.count("records", book.records.total())


def _turns(
    report: Report, conn: sqlite3.Connection, user_id: int, batch: list[Record], edited: set[str]
) -> None:
    """Turns of the journal that the database has not, or has otherwise."""
    known = {}
    for marks, some in chunks(record.id for record in batch):
        query = f"select {COLUMNS} from {JOINED} where o.user = ? and o.ref in ({marks})"  # noqa: S608
        known.update({row[0]: turn_of(row) for row in conn.execute(query, (user_id, *some))})
    for record in batch:
        turn = known.get(record.id)
        if turn is None:
            what = msgid("turn {ref} is in the journal and not in the database")
            report.add("database", what, ref=record.id)
        elif (turn.speaker, turn.session) != (record.speaker, record.session) or (
            turn.text != record.text and record.id not in edited
        ):
            what = msgid("turn {ref} is one thing in the database and another in the journal")
            report.add("database", what, ref=record.id)


def _exchange(report: Report, conn: sqlite3.Connection, user_id: int, record: Record) -> None:
    """How a reply came about, in the database and in the journal."""
    said = json.loads(record.text)
    found = conn.execute(
        "select e.details from exchange e join occurrence w on w.id = e.words"
        " where w.user = ? and w.ref = ?",
        (user_id, said.pop("words", "")),
    ).fetchone()
    said.pop("reply", None)
    if found is not None and not _says(found[0], said):
        what = msgid("turn {ref} is one thing in the database and another in the journal")
        report.add("database", what, ref=record.id)


def _says(details: str, said: object) -> bool:
    try:
        return bool(json.loads(details) == said)
    except ValueError:
        return False


def _acts(report: Report, conn: sqlite3.Connection, user_id: int, book: ledger.Ledger) -> None:
    wanted = Counter(_expected(conn, user_id))
    for kind, ref in wanted:
        if not book.records[kind, ref]:
            what = msgid("the act {ref} ({kind}) is not in the journal")
            report.add("journal", what, LEAVE, ref=ref, kind=kind)
    for (kind, ref), times in book.records.items():
        if kind != journal.SAID and times > 1:
            what = msgid("the act {ref} ({kind}) is in the journal {n} times")
            report.add("journal", what, ref=ref, kind=kind, n=times)
        if kind != journal.SAID and (kind, ref) not in wanted:
            what = msgid("the act {ref} ({kind}) is in the journal and not in the database")
            report.add("database", what, ref=ref, kind=kind)
    report.count("acts", wanted.total())


def _expected(conn: sqlite3.Connection, user_id: int) -> Iterator[tuple[str, str]]:
    """(kind, id) of the record that each act has."""
    for kind, ref in conn.execute("select kind, ref from act where user = ?", (user_id,)):
        yield kind, ledger.id_of(kind, ref)
