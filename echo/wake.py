"""The composition root: a home and its settings become a Session that is ready to talk.

The only file that knows every room. It opens memory, replays what is new, settles who Echo is,
loads the brains one after the other, and hands the pieces to each other; it decides nothing a
room could decide. Progress goes out as Waking values.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from echo.being import identity as being
from echo.being import manifest
from echo.being.bond import Bond
from echo.being.bond import replay as bond_of
from echo.config import Config, zone
from echo.errors import DamagedError, ManifestError, UsageError
from echo.feeling.reader import read
from echo.home import Home, filesystem, is_network
from echo.i18n import Words, catalogue, msgid
from echo.insight.days import tell_days
from echo.memory.presence import Presence
from echo.memory.rebuild import Opening, Rebuilt, rebuild
from echo.memory.replay import replay
from echo.memory.store import Store
from echo.mind.cast import Cast
from echo.mind.session import Chance, Self, Session
from echo.nouns import Identity, Lang, Replay, Waking
from echo.workers import Workers

Progress = Callable[[Waking], None]
Clock = Callable[[], datetime]
HEALING = msgid(
    "The memory file was damaged. It is put aside and made anew from your journal and day files; "
    "nothing that is in them is lost."
)
RESUME_WITHIN = timedelta(hours=6)  # a longer silence begins a new conversation
RESUME_EXCHANGES = 6
BOND_TURNS = 200  # the mood's half-life makes older turns weigh nothing


@dataclass(frozen=True, slots=True)
class Booted:
    """What one boot did: lines read, who Echo is, whether the manifest says something new."""

    replay: Replay
    identity: Identity
    manifest_differs: bool


def system_clock(where: tzinfo) -> Clock:
    """The wall clock, in the home's time zone."""
    return lambda: datetime.now(where)


def open_store(home: Home, config: Config, presence: Presence = "shared") -> Store:
    """The memory of this home, ready for use."""
    return Store.open(
        presence=presence,
        database=home.database,
        journal=home.memory,
        zone=zone(config),
        part_lines=config.memory.part_lines,
        network=is_network(filesystem(home.root)),
    )


def rebuilt(home: Home, config: Config, progress: Progress) -> Rebuilt:
    """The memory made anew from the journal and the day files; the old one is put aside."""
    how = Opening(
        home.database,
        home.memory,
        zone(config),
        config.echo.user,
        part_lines=config.memory.part_lines,
        network=is_network(filesystem(home.root)),
    )
    return rebuild(how, lambda p: progress(Waking("replay", p.done, p.file)))


@dataclass(frozen=True, slots=True)
class BootOptions:
    """full: read everything again; year: of day files that name none; adopt: take the manifest
    as it now reads into the identity."""

    full: bool = False
    year: int | None = None
    adopt: bool = False


def boot(
    home: Home, config: Config, store: Store, progress: Progress, options: BootOptions | None = None
) -> Booted:
    """Replay memory and manifest: day files into the store, declarations into the identity."""
    options = options or BootOptions()
    user = config.echo.user
    with Workers() as workers:  # started when there is much to read
        report = replay(
            store,
            home.memory,
            user,
            zone=zone(config),
            year=options.year,
            full=options.full,
            workers=workers,
            progress=lambda p: progress(
                Waking("replay", p.done, p.file, "", p.lines, p.files, p.files_total)
            ),
        )
        tell_days(store, user, home.memory, zone=zone(config), workers=workers)
    now = system_clock(zone(config))()
    identity, differs = _identity(home, config, store, now, options.adopt)
    return Booted(report, identity, differs)


def deepen(
    home: Home,
    config: Config,
    store: Store,
    progress: Progress,
    *,
    words: Words,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[int, int]:
    """Have self read facts out of turns that no rule found any in; (turns, facts). Resumable."""
    from echo.casting import load_cast
    from echo.mind.reading import read_facts

    cast = load_cast(home, config, progress, stop=stop, words=words)
    try:
        return read_facts(
            store, config.echo.user, cast.main(), stop=stop,
            progress=lambda done: progress(Waking("self", done, "--deep")),
        )  # fmt: skip
    finally:
        for brain in set(cast.brains.values()):
            brain.close()


def _identity(
    home: Home, config: Config, store: Store, now: datetime, adopt: bool
) -> tuple[Identity, bool]:
    versions = store.identities()
    try:
        declared = manifest.read(home.manifest)
    except ManifestError:
        if versions:  # who Echo is does not hang on a file that went missing
            return versions[-1], True
        raise
    if not versions:
        newest = being.first(declared, now)
        store.adopt(config.echo.user, newest)
        return newest, False
    newest = versions[-1]
    if adopt and being.differs(newest, declared):
        if declared.origin and declared.origin != config.echo.user:
            raise UsageError(
                "Only the origin, {origin}, may change who Echo is.",
                "manifest/origin_id.txt names the origin.",
                origin=declared.origin,
            )
        newest = being.adopt(newest, declared, "adopted at boot", now)
        store.adopt(config.echo.user, newest)
    return newest, being.differs(newest, declared)


def _prepare() -> None:
    """Read what finds facts and what finds inventions, while the brains load."""
    from echo.facts import find
    from echo.mind.grounds import judge

    find.prepare()
    judge.prepare()


def wake(
    home: Home,
    config: Config,
    *,
    lang: Lang,
    progress: Progress,
    stop: Callable[[], bool] = lambda: False,
    clock: Clock | None = None,
) -> Session:
    """A session ready to talk. Brains that fail are reported and left out; the rest carries on."""
    from echo.casting import load_cast, warm

    threading.Thread(target=_prepare, name="words", daemon=True).start()
    where = zone(config)
    clock = clock or system_clock(where)
    progress(Waking("memory", 0.0))
    store, booted = _remembered(home, config, progress, words=catalogue(lang))
    try:
        cast = load_cast(home, config, progress, stop=stop, words=catalogue(lang))
        warm(home, cast, booted.identity, stop)
    except BaseException:
        store.close()
        raise
    who = Self(
        config.echo.user,
        lang,
        booted.identity,
        where,
        config.recall.limit,
        config.recall.tokens,
        config.recall.grounded == "strict",
    )
    chance = Chance(clock, new_ref, random.Random(secrets.randbits(64)))  # noqa: S311
    return _begin(who, store, cast, chance, config)


def _remembered(
    home: Home, config: Config, progress: Progress, *, words: Words
) -> tuple[Store, Booted]:
    """Memory with what is new in it; a damaged one is put aside and made anew, and that is said."""
    try:
        return _memory(home, config, progress)
    except DamagedError:
        progress(Waking("memory", 0.0, error=words(HEALING)))
        rebuilt(home, config, progress)
        return _memory(home, config, progress)


def _memory(home: Home, config: Config, progress: Progress) -> tuple[Store, Booted]:
    store = open_store(home, config)
    try:
        store.mend(config.echo.user)
        return store, boot(home, config, store, progress)
    except BaseException:
        store.close()
        raise


def new_ref() -> str:
    """A name for one occurrence that nothing else will ever have: 60 random bits."""
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    return "".join(secrets.choice(alphabet) for _ in range(12))


def _begin(who: Self, store: Store, cast: Cast, chance: Chance, config: Config) -> Session:
    now = chance.clock()
    session = f"{now:%Y%m%d-%H%M%S}"
    earlier = store.exchanges(
        who.user, session=store.last_session(who.user), limit=RESUME_EXCHANGES
    )
    fresh = not earlier or now - earlier[-1].reply.at > RESUME_WITHIN
    if config.chat.resume and not fresh:
        session = earlier[-1].words.session
    begun = Session(who, store, cast, chance, session=session, bond=_bond(store, who.user))
    begun.mode = config.chat.mode
    if config.chat.resume and not fresh:
        begun.resume(earlier)
    return begun


def _bond(store: Store, user: str) -> Bond:
    turns = list(store.turns(user, speaker=user, limit=BOND_TURNS, newest_first=True))
    return bond_of((turn.at, read(turn.text)) for turn in reversed(turns))
