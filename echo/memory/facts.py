"""What turns tell, kept beside them: rows of facts, and the user's word about them as acts.

Facts are found when a turn is stored and whenever its words change, by echo.facts; here they are
rows. Which of them hold is a fold over all (echo.facts.ledger). Everything here runs inside
somebody else's transaction and takes the user's row id.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from echo.facts.find import RULES, find
from echo.facts.ledger import Mend, Told, fold
from echo.memory.rows import chunks, moment, newest
from echo.nouns import Fact, Known

if TYPE_CHECKING:
    from echo.memory.absorb import Fresh

_ACTS = "user = ? and kind in ('facts', 'retract', 'correction')"  # as the index act_facts has it
_MADE_BY = "facts"  # the setting that names the rules the rows were made by
_INSERT = "insert into fact values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PAGE = 5000
_WAITING = "facts after "  # and a user's row: the setting that names the last row looked at


def learn(conn: sqlite3.Connection, user_id: int, first: int, rows: Sequence[Fresh]) -> None:
    """Keep what these new rows tell, of which the first has that id. Only the user's own words."""
    mine = _speaker(conn, user_id)
    if mine is None:
        return
    said = (
        (n, row.text, row.file is not None)
        for n, row in enumerate(rows, first)
        if row.speaker == mine
    )
    made = _rows(user_id, said)
    if made:
        conn.executemany(_INSERT, made)


def revise(conn: sqlite3.Connection, user_id: int, row: int, text: str) -> None:
    """A turn says something else now."""
    conn.execute("delete from fact where occurrence = ?", (row,))
    query = "select speaker, file is not null from occurrence where id = ?"
    speaker, noted = conn.execute(query, (row,)).fetchone() or (None, 0)
    if speaker is not None and speaker == _speaker(conn, user_id):
        conn.executemany(_INSERT, _rows(user_id, [(row, text, bool(noted))]))


def put_off(conn: sqlite3.Connection, user_id: int, first: int) -> None:
    """Rows from here on have not been looked at: `catch_up` or `keep` will."""
    query = "insert or ignore into setting values (?, ?)"
    conn.execute(query, (f"{_WAITING}{user_id}", str(first - 1)))


def waiting(conn: sqlite3.Connection, user_id: int) -> int | None:
    """The last row that has been looked at; None when all have."""
    query = "select value from setting where name = ?"
    row = conn.execute(query, (f"{_WAITING}{user_id}",)).fetchone()
    return None if row is None else int(row[0])


def found(conn: sqlite3.Connection, user_id: int, after: int, until: int) -> list[tuple[Any, ...]]:
    """What the user's own words tell in the rows after … until, as rows of facts."""
    mine = _speaker(conn, user_id)
    if mine is None:
        return []
    return _rows(user_id, _said(conn, user_id, mine, after, until))


def keep(
    conn: sqlite3.Connection, user_id: int, after: int, until: int, rows: Sequence[tuple[Any, ...]]
) -> None:
    """What was found in the rows after … until takes the place of what is known of them."""
    conn.execute(
        "delete from fact where user = ? and occurrence > ? and occurrence <= ?",
        (user_id, after, until),
    )
    conn.executemany(_INSERT, rows)
    query = "update setting set value = ? where name = ?"
    conn.execute(query, (str(until), f"{_WAITING}{user_id}"))


def catch_up(conn: sqlite3.Connection, user_id: int) -> None:
    """Look at every row that was put off."""
    after = waiting(conn, user_id)
    if after is not None:
        until = newest(conn)
        keep(conn, user_id, after, until, found(conn, user_id, after, until))
        conn.execute("delete from setting where name = ?", (f"{_WAITING}{user_id}",))


def up_to_date(conn: sqlite3.Connection) -> bool:
    """Were the rows made by the rules there are?"""
    if not _of_these_rules(conn):
        return False
    late = "select count(*) from setting where name between ? and ?"
    return not conn.execute(late, (_WAITING, f"{_WAITING}~")).fetchone()[0]


def make_anew(conn: sqlite3.Connection) -> None:
    """Look at every row no rule has looked at; at all of them when the rules have changed."""
    if not _of_these_rules(conn):
        conn.execute("delete from fact")
        conn.execute("delete from setting where name between ? and ?", (_WAITING, f"{_WAITING}~"))
        for (user_id,) in conn.execute("select id from user").fetchall():
            put_off(conn, user_id, 1)
        conn.execute("insert or replace into setting values (?, ?)", (_MADE_BY, RULES))
    for (user_id,) in conn.execute("select id from user").fetchall():
        catch_up(conn, user_id)


def _of_these_rules(conn: sqlite3.Connection) -> bool:
    query = "select value from setting where name = ?"
    return bool(conn.execute(query, (_MADE_BY,)).fetchone() == (RULES,))


def _said(
    conn: sqlite3.Connection, user_id: int, mine: int, after: int, until: int
) -> Iterator[tuple[int, str, bool]]:
    """(row, words, are they a note) of what the user said in the rows after … until, by pages."""
    while True:
        page = conn.execute(
            "select o.id, coalesce(o.raw, t.body), o.file is not null from occurrence o"
            " join text t on t.id = o.text"
            " where +o.user = ? and +o.speaker = ? and o.id > ? and o.id <= ?"
            " order by o.id limit ?",
            (user_id, mine, after, until, _PAGE),
        ).fetchall()
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def _rows(user_id: int, said: Iterable[tuple[int, str, bool]]) -> list[tuple[Any, ...]]:
    """Rows of facts of (row, words, are they a note); the same words are read once.

    Notes are many, and few of them tell of who wrote them: they are skimmed.
    """
    told: dict[tuple[str, bool], tuple[Fact, ...]] = {}
    made = []
    for number, text, noted in said:
        facts = told.get((text, noted))
        if facts is None:
            facts = told[text, noted] = find(text, skim=noted)
        made += [_row(user_id, number, fact) for fact in facts]
    return made


def _row(user_id: int, occurrence: int, fact: Fact) -> tuple[Any, ...]:
    return (
        user_id, occurrence, fact.subject, fact.relation, fact.value, fact.negated, fact.when,
        fact.instead, fact.confidence,
    )  # fmt: skip


def _speaker(conn: sqlite3.Connection, user_id: int) -> int | None:
    """The row under which the user speaks; None while they have not."""
    row = conn.execute(
        "select p.id from user u join speaker p on p.user = u.id and p.name = u.name"
        " where u.id = ?",
        (user_id,),
    ).fetchone()
    return None if row is None else int(row[0])


# ── asking ───────────────────────────────────────────────────────────────────────────────────


def known(
    conn: sqlite3.Connection, user_id: int, relations: Collection[str] = ()
) -> tuple[Known, ...]:
    """What holds and what once held, oldest first; of these relations, or of all."""
    return fold([*_found(conn, user_id, relations), *_proposed(conn, user_id, relations)],
                _mends(conn, user_id))  # fmt: skip


def _found(conn: sqlite3.Connection, user_id: int, relations: Collection[str]) -> Iterator[Told]:
    names = tuple(relations)
    some = f" and f.relation in ({','.join('?' * len(names))})" if names else ""
    for ref, at, zone, *fact in conn.execute(
        "select o.ref, o.at, o.zone, f.subject, f.relation, f.value, f.negated, f.said_when,"  # noqa: S608
        " f.confidence, f.instead from fact f join occurrence o on o.id = f.occurrence"
        f" where f.user = ? and o.gone is null{some}",
        (user_id, *names),
    ):
        subject, relation, value, negated, when, confidence, instead = fact
        yield Told(
            Fact(subject, relation, value, bool(negated), when, confidence, bool(instead)),
            ref,
            moment(at, zone),
        )


def _proposed(conn: sqlite3.Connection, user_id: int, relations: Collection[str]) -> Iterator[Told]:
    """What a brain has read out of turns: acts of the journal, for it would not say it again."""
    said: dict[str, list[Any]] = {}
    for body in _bodies(conn, user_id, "facts"):
        if body.get("facts"):
            said[str(body["ref"])] = body["facts"]
    for marks, some in chunks(said):
        for ref, at, zone in conn.execute(
            "select ref, at, zone from occurrence where user = ? and gone is null"  # noqa: S608
            f" and ref in ({marks})",
            (user_id, *some),
        ).fetchall():
            for fact in said[ref]:
                if not relations or fact["relation"] in relations:
                    yield Told(of_json(fact), ref, moment(at, zone))


def _mends(conn: sqlite3.Connection, user_id: int) -> list[Mend]:
    rows = conn.execute(
        f"select kind, body, at, zone from act where {_ACTS} and kind <> 'facts'",  # noqa: S608
        (user_id,),
    )
    made = []
    for kind, body, at, zone in rows:
        said = json.loads(body)
        told = said.get("upto")  # what was told by then is meant, even if it lay ahead
        upto = moment(max(at, told if isinstance(told, int) else at), zone)
        made.append(Mend(kind, str(said["fact"]), upto, str(said.get("value", ""))))
    return made


def _bodies(conn: sqlite3.Connection, user_id: int, kind: str) -> Iterator[Mapping[str, Any]]:
    query = f"select body from act where {_ACTS} and kind = ?"  # noqa: S608 - fixed text
    for (body,) in conn.execute(query, (user_id, kind)).fetchall():
        yield json.loads(body)


def looked_at(conn: sqlite3.Connection, user_id: int) -> set[str]:
    """The turns of which a brain has been asked."""
    return {str(body["ref"]) for body in _bodies(conn, user_id, "facts")}


def silent(conn: sqlite3.Connection, user_id: int) -> Iterator[tuple[str, str]]:
    """(ref, words) of the user's turns that the rules found nothing in, newest first."""
    mine = _speaker(conn, user_id)
    yield from conn.execute(
        "select o.ref, coalesce(o.raw, t.body) from occurrence o join text t on t.id = o.text"
        " where o.user = ? and o.speaker = ? and o.gone is null"
        " and o.id not in (select occurrence from fact where user = ?) order by o.at desc, o.id",
        (user_id, mine, user_id),
    ).fetchall()


def as_json(fact: Fact) -> dict[str, Any]:
    """A fact in an act of the journal."""
    kept = {"subject": fact.subject, "relation": fact.relation, "value": fact.value}
    return {**kept, "negated": fact.negated, "when": fact.when, "confidence": fact.confidence}


def of_json(said: Mapping[str, Any]) -> Fact:
    """The fact of an act of the journal."""
    return Fact(
        str(said["subject"]), str(said["relation"]), str(said["value"]),
        bool(said.get("negated")), str(said.get("when", "")), float(said.get("confidence", 0.5)),
    )  # fmt: skip
