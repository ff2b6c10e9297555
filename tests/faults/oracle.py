"""acknowledged ⊆ stored ⊆ acknowledged + in flight, in a sound file and a whole journal."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from echo.memory import facts, index
from echo.memory.intake import DAMAGED
from echo.memory.replay import replay
from echo.memory.store import Store
from tests.faults.driver import WORKS, Said
from tests.memory.homes import SEOUL, index_of, opened


def allowed(work: str, output: str) -> tuple[set[Said], set[Said]]:
    """(what was acknowledged, what may be there besides) after the driver said `output`.

    A reply that was kept in part gives way to the whole one.
    """
    steps = list(WORKS[work]())
    done = {int(line[4:]) for line in output.splitlines() if line.startswith("ack ")}
    tried = sum(line.startswith(("ack ", "err ")) for line in output.splitlines())
    sure = {said for n in done for said in steps[n].adds}
    maybe = {said for step in steps[: tried + 1] for said in step.adds}
    if work == "talk":
        for n in range(0, len(steps), 3):
            part, whole = steps[n + 1].adds, steps[n + 2].adds
            if n + 2 in done or whole & maybe:
                sure -= part
    return sure, maybe


def wrong(home: Path, sure: set[Said], maybe: set[Said], *, torn: bool = False) -> list[str]:
    """What is not as it must be; nothing when all is well.

    torn: sectors of what was not synced may be missing, so a line of the journal may be damaged;
    what it said must stand there again.
    """
    found: list[str] = []
    with opened(home, part_lines=7) as store:
        store.mend("me")
        found += unsound(store)
        said = Counter((t.speaker, t.text) for t in store.turns("me") if t.text)
        found += [f"lost: {s}" for s in sure - said.keys()]
        found += [f"from nowhere: {s}" for s in said.keys() - maybe]
        found += [f"{n} times: {s}" for s, n in said.items() if n > 1]
        replay(store, home / "memory", "me", zone=SEOUL)  # a boot that was killed goes on
        found += [f"read {n} times: {line}" for line, n in read(store, home).items() if n != 1]
        before = state(store)
    for file in (home / "memory").glob("echo.db*"):
        file.unlink()
    with opened(home, part_lines=7) as store:
        report = replay(store, home / "memory", "me", zone=SEOUL)
        skipped = [s for s in report.skipped if not (torn and s.reason == DAMAGED)]
        found += [f"journal: {s.file}: {s.reason}" for s in skipped]
        after = state(store)
    found += [
        f"the journal brings back other {name}" for name in before if before[name] != after[name]
    ]
    return found


def read(store: Store, home: Path) -> Counter[str]:
    """How often memory holds each line of the day files; all of them are different."""
    files = (home / "memory").glob("day*/part*.txt")
    lines = [line for file in files for line in file.read_text().splitlines()]
    kept = Counter(turn.text for turn in store.turns("me"))
    return Counter({line: kept[line] for line in lines})


def unsound(store: Store) -> list[str]:
    """What SQLite, the foreign keys, the index and the facts say against the file."""
    found = []
    with store.database.read() as conn:
        whole = conn.execute("pragma integrity_check").fetchone()[0]
        if whole != "ok":
            found.append(f"integrity: {whole}")
        if conn.execute("pragma foreign_key_check").fetchall():
            found.append("a row points to nothing")
        users = conn.execute("select id from user").fetchall()
    if users:
        before = index_of(store)
        with store.writing() as conn:
            index.rebuild(conn, users[0][0])
        if index_of(store) != before:
            found.append("the index is stale")
        known = store.known("me")
        with store.writing() as conn:
            conn.execute("delete from setting where name = 'facts'")
            facts.make_anew(conn)
        if store.known("me") != known:
            found.append("facts are missing or doubled")
    return found


def state(store: Store) -> dict[str, object]:
    """What must come back from journal and day files alone."""
    return {
        "turns": sorted(store.turns("me"), key=lambda t: (t.at, t.ref)),
        "exchanges": sorted(store.exchanges("me", limit=10_000), key=lambda e: e.words.ref),
        "identities": store.identities(),
    }
