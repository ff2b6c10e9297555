"""What a user may do with their memory, and proof that what was forgotten is gone."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from echo.errors import StoreError
from echo.memory import cleaning, proof, rights
from echo.memory.export import export_markdown, export_sqlite
from echo.memory.importers import Given, bring
from echo.memory.rebuild import rebuild
from echo.memory.replay import replay
from echo.memory.rights import Choice
from echo.memory.store import Store, random_ref
from echo.nouns import Hit, Thought
from tests.memory.homes import NOON, SEOUL, everything, exchange, index_of, opened, turn, write
from tests.memory.test_rebuild import boot, checked, how

SECRET = "비밀번호는 모푸7391이야"
KEPT = "오늘은 산책을 했다"


def open_(home: Path) -> Store:
    return opened(home, new_ref=random_ref)


def told(home: Path) -> None:
    """A secret in a day file, in talk, in thoughts that recalled it, in an import."""
    write(home / "memory/day20260110/part1.txt", f"{KEPT}\n{SECRET}\n{KEPT}\n")
    with open_(home) as store:
        boot(store, home)
        store.finish("me", exchange(1, SECRET, f"{SECRET}라고, 알겠어."))
        known = store.turn("me", "w1")
        assert known is not None
        later = exchange(2, "내가 뭐라고 했지?", "무언가를 말했지.")
        later = type(later)(
            later.words, later.reply, recalls=(Hit(known, 1.0, (("own", 1.0),)),),
            thoughts=(Thought("creation", f"모푸7391… {SECRET}"),), ungrounded=(SECRET,),
        )  # fmt: skip
        store.finish("me", later)


def still(home: Path, *words: str) -> list[str]:
    """Where in the home any of it stands, in any form."""
    found = proof.search(home, proof.pieces(words or (SECRET, "모푸7391")))
    return [name for name, _ in found.found]


# ── seeing and editing ───────────────────────────────────────────────────────────────────────


def test_turns_can_be_chosen_in_every_way(tmp_path: Path):
    with open_(tmp_path) as store:
        store.ingest(
            "me",
            [
                turn("a", "하나  둘", speaker="Anna"),
                turn("b", "Two"),
                turn("c", "셋", after_s=86400),
            ],
            source="x",
        )

        def refs(**choice: object) -> list[str]:
            return [t.ref for t in rights.show(store, "me", Choice(**choice))]  # type: ignore[arg-type]

        assert refs() == ["a", "b", "c"]
        assert refs(ref="b") == ["b"]
        assert refs(speaker="Anna") == ["a"]
        assert refs(text="나 둘") == ["a"]
        assert refs(text="TWO") == ["b"]
        assert refs(since=NOON + timedelta(hours=1)) == ["c"]
        assert refs(until=NOON + timedelta(hours=1)) == ["a", "b"]
        assert [t.ref for t in rights.show(store, "me", Choice(), 1)] == ["a"]
        assert list(rights.show(store, "eve", Choice())) == []


def test_an_edit_replaces_the_words_everywhere_but_in_the_journal(tmp_path: Path):
    """Recall, index and neighbours know the new words only; the old line in its file stays known
    as that turn, however the file grows."""
    path = write(tmp_path / "memory/day20260110/part1.txt", "네\n고양이\n")
    with open_(tmp_path) as store:
        boot(store, tmp_path)
        (ref, other) = (t.ref for t in store.turns("me"))
        assert rights.edit(store, "me", ref, "강아지").text == "강아지"
        with path.open("a") as file:
            file.write("네\n")
        boot(store, tmp_path)
        assert [t.text for t in store.turns("me")] == ["강아지", "고양이", "네"]
        assert index_of(store)["=강아지"] == [ref]
        assert len(index_of(store)["=네"]) == 1
        replay(store, tmp_path / "memory", "me", zone=SEOUL, full=True)
        kept = store.turn("me", ref)
        assert kept is not None
        assert kept.text == "강아지"
        assert store.turn("me", other) is not None
        with pytest.raises(StoreError, match="no turn nobody"):
            rights.edit(store, "me", "nobody", "x")
    journal = "".join(p.read_text() for p in (tmp_path / "memory/me").rglob("part*.txt"))
    assert "\tedit\tme\t" in journal


# ── forgetting ───────────────────────────────────────────────────────────────────────────────


def test_what_is_forgotten_is_nowhere(tmp_path: Path):
    """Not a byte of it: tables, index, free pages, -wal, journal, thoughts that grew from it."""
    told(tmp_path)
    assert len(still(tmp_path)) > 2
    with open_(tmp_path) as store:
        done = rights.forget(store, "me", Choice(text="모푸7391"))
        assert len(done.turns) == 3
        assert still(tmp_path) == ["memory/day20260110/part1.txt"]  # while it is open
        assert [t.text for t in store.turns("me")].count(KEPT) == 2
        assert store.exchanges("me")[-1].recalls == ()
        held = cleaning.holding(store, tmp_path / "memory", "me")
        assert [(h.file.name, h.spans) for h in held] == [("day20260110/part1.txt", ((2, 2),))]
        cleaning.clean(store, "me", held)
    assert still(tmp_path) == []
    assert (tmp_path / "memory/day20260110/part1.txt").read_text() == f"{KEPT}\n\n{KEPT}\n"
    assert checked(tmp_path) == []


@pytest.mark.parametrize("clean", [False, True])
def test_nothing_brings_it_back(tmp_path: Path, clean: bool):
    """Boot, boot --full, a rebuild, a new database, an import of the same words elsewhere."""
    told(tmp_path)
    with open_(tmp_path) as store:
        rights.forget(store, "me", Choice(text="모푸7391"))
        if clean:
            cleaning.clean(store, "me", cleaning.holding(store, tmp_path / "memory", "me"))
        boot(store, tmp_path)
        replay(store, tmp_path / "memory", "me", zone=SEOUL, full=True)
        bring(store, write(tmp_path / "more.txt", f"{SECRET}\n새 줄\n"), Given("me", SEOUL))
        want = everything(store)["turns"]
        assert SECRET not in [t.text for t in store.turns("me")]
        assert "새 줄" in [t.text for t in store.turns("me")]
    rebuild(how(tmp_path))
    with open_(tmp_path) as store:
        assert everything(store)["turns"] == want
    for file in (tmp_path / "memory").glob("echo.db*"):
        file.unlink()
    with open_(tmp_path) as store:
        boot(store, tmp_path)
        assert everything(store)["turns"] == want
        store.begin("me", turn("anew", SECRET, after_s=999))  # but it may be said again
        assert store.turn("me", "anew") is not None


def test_forgetting_one_of_two_leaves_the_other(tmp_path: Path):
    """The same sentence twice in a file, one forgotten, cleaned: refs, counts and growth hold."""
    path = write(tmp_path / "memory/day20260110/part1.txt", "네\n네\n아니\n")
    with open_(tmp_path) as store:
        boot(store, tmp_path)
        first, second, _ = (t.ref for t in store.turns("me"))
        rights.forget(store, "me", Choice(ref=first))
        held = cleaning.holding(store, tmp_path / "memory", "me")
        assert [h.spans for h in held] == [((1, 1),)]
        cleaning.clean(store, "me", held)
        assert path.read_text() == "\n네\n아니\n"
        boot(store, tmp_path)
        assert next(store.turns("me")).ref == second
        with path.open("a") as file:
            file.write("네\n")
        boot(store, tmp_path)
        assert [t.text for t in store.turns("me")] == ["네", "아니", "네"]
        want = everything(store)["turns"]
    rebuild(how(tmp_path))
    with open_(tmp_path) as store:
        assert everything(store)["turns"] == want


@pytest.mark.parametrize(
    ("encoding", "bom"), [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("cp949", b""),
                          ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"),
                          ("utf-16-le", b"")],
)  # fmt: skip
def test_files_are_cleaned_in_their_own_encoding(tmp_path: Path, encoding: str, bom: bytes):
    """A block of a transcript keeps its mark; line ends and mode and time of the file stay."""
    said = f"{SECRET}\r\n나의 말: {SECRET}\r\n그리고 더\r\nChatGPT의 말: 그래\r\n{KEPT}"
    path = write(tmp_path / "memory/day20260110/part1.txt", bom + said.encode(encoding))
    path.chmod(0o640)
    before = path.stat()
    with open_(tmp_path) as store:
        boot(store, tmp_path)
        rights.forget(store, "me", Choice(text="모푸7391"))
        assert still(tmp_path) == ["memory/day20260110/part1.txt"]
        cleaning.clean(store, "me", cleaning.holding(store, tmp_path / "memory", "me"))
        boot(store, tmp_path)
        assert {t.text for t in store.turns("me")} == {f"그래\n{KEPT}"}
    want = f"\r\n나의 말: \r\n\r\nChatGPT의 말: 그래\r\n{KEPT}"
    assert path.read_bytes() == bom + want.encode(encoding)
    assert (path.stat().st_mtime_ns, path.stat().st_mode) == (before.st_mtime_ns, before.st_mode)
    assert still(tmp_path) == []


def test_everything_can_be_forgotten(tmp_path: Path):
    """And of one user only."""
    told(tmp_path)
    with open_(tmp_path) as store:
        store.finish("anna", exchange(5, "안나의 말"))
        rights.forget(store, "me", Choice())
        assert list(store.turns("me")) == []
        assert store.exchanges("me") == ()
        assert store.stats("me").texts == 0
        assert len(list(store.turns("anna"))) == 2
        assert index_of(store) == {}
        assert set(still(tmp_path, SECRET, KEPT)) == {"memory/day20260110/part1.txt"}
        boot(store, tmp_path)
        assert list(store.turns("me")) == []


def test_old_words_of_an_edit_are_forgotten_too(tmp_path: Path):
    """The journal keeps what was said before an edit; a forget takes both, and blocks both."""
    with open_(tmp_path) as store:
        store.finish("me", exchange(1, SECRET))
        rights.edit(store, "me", "w1", "다른 말")
        rights.forget(store, "me", Choice(ref="w1"))
        assert still(tmp_path, SECRET, "다른 말") == []
        bring(store, write(tmp_path / "x.txt", f"{SECRET}\n다른 말\n"), Given("me", SEOUL))
        assert list(store.turns("me")) == []


CRASH = """
import os, sys
from pathlib import Path
from echo.memory import purge, rights
from echo.memory.rights import Choice
from tests.memory.homes import opened
store = opened(Path(sys.argv[1]))
stop = int(sys.argv[2])
def hook(event, args):
    global stop
    if event in ("os.rename", "open"):
        stop -= 1
        if stop == 0:
            os.kill(os.getpid(), 9)
sys.addaudithook(hook)
rights.forget(store, "me", Choice(text="모푸7391"))
print("done")
"""


def test_a_forget_that_is_killed_is_finished_by_the_next(tmp_path: Path):
    """Once the rows are gone the rest follows, whoever opens the memory."""
    from tests.memory.test_faults import start

    for stop in range(1, 60, 3):
        home = tmp_path / str(stop)
        told(home)
        out, _ = start(CRASH, str(home), str(stop)).communicate(timeout=180)
        with open_(home) as store:
            if SECRET not in [t.text for t in store.turns("me")]:
                assert still(home) == ["memory/day20260110/part1.txt"], stop
        assert checked(home) == []
        if "done" in out:
            return
    raise AssertionError("the forget never came to its end")


def test_the_search_knows_every_form(tmp_path: Path):
    """UTF-8, NFD, cp949, UTF-16, escaped JSON of both cases, the journal's own escapes."""
    words = "고양이\t모푸"
    forms = {
        "utf8": "고양이 모푸".encode(),
        "cp949": "고양이 모푸".encode("cp949"),
        "utf16": "고양이 모푸".encode("utf-16"),
        "json": json.dumps({"x": "고양이 모푸"}).encode(),
        "upper": json.dumps("고양이 모푸").upper().replace("\\U", "\\u").encode(),
    }
    for name, data in forms.items():
        write(tmp_path / name, b"\x00\x01" + data + b"!")
    found = proof.search(tmp_path, proof.pieces([words]))
    assert {name for name, _ in found.found} == set(forms)
    assert proof.search(tmp_path, proof.pieces(["없는 말"])).found == ()


def test_a_short_number_within_a_time_or_a_name_is_chance(tmp_path: Path) -> None:
    (tmp_path / "day.txt").write_text("2026-01-10T09:00:00.739145\tk73912xq\n", "utf-8")
    assert proof.search(tmp_path, proof.pieces(["7391"])).found == ()
    (tmp_path / "copy.txt").write_text("code:7391.", "utf-8")
    assert proof.search(tmp_path, proof.pieces(["7391"])).found == (("copy.txt", 1),)


def test_every_piece_is_looked_for(tmp_path: Path):
    """Not a sample of them: of a forgotten day one short line among hundreds is found, in a file
    that is none of Echo's, across the border of two reads, and behind lines that begin alike."""
    lines = [f"오늘은 산책을 하고 {'그리고 또 ' * (i % 9)}{i}번째 글을 썼다" for i in range(300)]
    wanted = proof.pieces([*lines, "짧은 말"])
    assert len(wanted) == 301
    for piece in (lines[0], lines[107], "짧은 말"):
        for name, before in (("a", 0), ("b", (4 << 20) - 11), ("c", (8 << 20) - 3)):
            write(tmp_path / name, b"\x01" * before + piece.encode() + b"!")
            found = proof.search(tmp_path, wanted)
            assert (found.looked_for, found.found) == (301, ((name, 1),))
            (tmp_path / name).unlink()


def test_typed_lines_are_taken_out_of_the_history(tmp_path: Path):
    path = write(
        tmp_path / "history-me",
        f"\n# 2026-03-02 12:00:00\n+{SECRET}\n\n# 2026-03-02 12:01:00\n+안녕\n+둘째 줄\n",
    )
    assert cleaning.clean_history(path, [SECRET]) == 1
    assert path.read_text() == "\n# 2026-03-02 12:01:00\n+안녕\n+둘째 줄\n"


def test_an_answer_goes_and_the_words_stay(tmp_path: Path):
    """A moment after they were said, before the journal has them: it gets them all the same."""
    with open_(tmp_path) as store:
        store.finish("me", exchange(1, KEPT, SECRET))
        rights.forget(store, "me", Choice(ref="r1"))
        assert [t.text for t in store.turns("me")] == [KEPT]
    assert checked(tmp_path) == []
    assert still(tmp_path, SECRET) == []
    rebuild(how(tmp_path))
    with open_(tmp_path) as store:
        assert [t.text for t in store.turns("me")] == [KEPT]


# ── out ──────────────────────────────────────────────────────────────────────────────────────


def test_exports_hold_the_users_own_words_and_nobody_elses(tmp_path: Path):
    """Markdown by day; a database that Echo itself can open."""
    with open_(tmp_path) as store:
        store.finish("me", exchange(1, "내 말\n둘째 줄"))
        store.finish("anna", exchange(2, "남의 비밀"))
        pages = dict(export_markdown(store, "me"))
        assert pages == {
            NOON.date(): "# 2026-03-02\n\n- **me** 12:00: 내 말\n  둘째 줄\n"
            "- **echo** 12:00: 그래.\n"
        }
        target = tmp_path / "out/mine.db"
        export_sqlite(store, "me", target)
        with pytest.raises(StoreError, match="is there already"):
            export_sqlite(store, "me", target)
        want = everything(store)
    assert sorted(p.name for p in target.parent.iterdir()) == ["mine.db"]
    assert "남의".encode() not in target.read_bytes()
    with Store.open(target, journal=None, zone=SEOUL) as copy:
        assert list(copy.turns("me")) == want["turns"]
        assert copy.exchanges("me") == want["exchanges"]
        assert copy.frequency("me", ["둘째"]) == {"둘째": 1}
        assert copy.users() == ("me",)
    with sqlite3.connect(target) as conn:
        assert conn.execute("pragma integrity_check").fetchone() == ("ok",)
    conn.close()
