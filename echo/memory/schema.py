"""What the database looks like, as numbered migrations. Knows no values and no queries.

    user ─┬─ text ──── occurrence ─┬─ exchange      words, reply
          ├─ speaker ──┤           └─ act           what the journal holds or has yet to hold
          ├─ session ──┤
          ├─ file ─────┘           identity         one line of versions per home
          └─ tombstone                              digests of what the user had forgotten

A text row is a sentence once per user (key: blake2b-128 of NFC with folded white space); an
occurrence is one time somebody said it. Times are microseconds since 1970 in UTC beside the
offset of the clock they were read from, in seconds. file.at, zone: line 0 of the file as first
read; file.holes: lines of it were forgotten. occurrence.kept: what the journal's newest record
says of a turn: 0 nothing, its file is its record; 1 said; 2 gone. Each user has an index of
their own (index.py), so that neither hits nor statistics of one user can be seen by another.
A fact is what one occurrence tells, found by rules (facts.py makes them anew when the rules have
changed); which of them hold is no column but a fold (echo/facts/ledger.py).

A migration that has been released is never edited; a later one mends it. Each statement stands
alone: sqlite3's executescript would commit the transaction around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "0001_memory",
        (
            "create table user (id integer primary key, name text not null unique)",
            """create table speaker (
                id integer primary key, user integer not null references user, name text not null,
                unique (user, name))""",
            """create table session (
                id integer primary key, user integer not null references user, name text not null,
                unique (user, name))""",
            """create table text (
                id integer primary key, user integer not null references user,
                key blob not null, body text not null,
                unique (user, key))""",
            """create table file (
                id integer primary key, user integer not null references user,
                path text not null, kind text not null, encoding text not null default '',
                dev integer not null default 0, inode integer not null default 0,
                size integer not null default 0, mtime integer not null default 0,
                offset integer not null default 0, lines integer not null default 0,
                prefix blob, done integer not null default 0, reason text not null default '',
                unique (user, path))""",
            """create table occurrence (
                id integer primary key, user integer not null references user,
                ref text not null, text integer not null references text, raw text,
                at integer not null, zone integer not null,
                speaker integer not null references speaker,
                session integer not null references session,
                status text not null default 'complete'
                    check (status in ('pending', 'complete', 'interrupted')),
                file integer references file, line integer, gone integer,
                unique (user, ref))""",
            "create index occurrence_at on occurrence (user, at)",
            "create index occurrence_session on occurrence (session)",
            "create index occurrence_text on occurrence (text)",
            "create index occurrence_file on occurrence (file, line) where file is not null",
            """create table exchange (
                id integer primary key, user integer not null references user,
                words integer not null unique references occurrence,
                reply integer references occurrence,
                session integer not null references session,
                status text not null
                    check (status in ('pending', 'complete', 'interrupted')),
                details text not null default '{}',
                part_ref text, part_at integer, part_zone integer, part_text text)""",
            "create index occurrence_gone on occurrence (user) where gone is not null",
            "create index exchange_session on exchange (session)",
            "create index exchange_pending on exchange (user) where status = 'pending'",
            """create table act (
                id integer primary key, user integer not null references user,
                ref text not null, kind text not null, at integer not null, zone integer not null,
                first integer, last integer, exchange integer references exchange,
                body text not null default '', written integer not null default 0,
                unique (user, ref))""",
            "create index act_unwritten on act (user) where written = 0",
            """create table identity (
                version integer primary key, digest text not null, text text not null,
                parent text not null, reason text not null,
                at integer, zone integer)""",
            "create table setting (name text primary key, value text not null) without rowid",
        ),
    ),
    (
        "0002_rights",
        (
            """create table tombstone (
                user integer not null references user, kind text not null, digest blob not null,
                primary key (user, kind, digest)) without rowid""",
            "alter table file add column at integer",
            "alter table file add column zone integer",
            "alter table file add column holes integer not null default 0",
            "alter table occurrence add column kept integer not null default 0",
            """update occurrence set kept = case when gone is not null then 2 else 1 end
                where gone is not null or file is null""",
            "update act set kind = 'import' where kind = 'turns'",
        ),
    ),
    (
        "0003_facts",
        (
            """create table fact (
                id integer primary key, user integer not null references user,
                occurrence integer not null references occurrence,
                subject text not null, relation text not null, value text not null,
                negated integer not null, said_when text not null, instead integer not null,
                confidence real not null)""",
            "create index fact_relation on fact (user, relation)",
            "create index fact_occurrence on fact (occurrence)",
            """create index act_facts on act (user)
                where kind in ('facts', 'retract', 'correction')""",
        ),
    ),
)


def migrations() -> Migrations:
    """The steps, as the set that sqlite-utils applies and records."""
    from sqlite_utils import Migrations

    made = Migrations("echo")
    for name, statements in STEPS:
        made(name=name)(_Step(statements))
    return made


class _Step:
    """One migration: its statements in order."""

    __name__ = "step"

    def __init__(self, statements: Sequence[str]) -> None:
        self._statements = statements

    def __call__(self, db: Database, /) -> None:
        for statement in self._statements:
            db.execute(statement)
