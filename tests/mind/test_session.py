"""One turn from words to memory, on a real store, with brains that say what they are told to."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from echo.being.bond import Bond
from echo.being.bond import replay as bond_of
from echo.brains.protocol import Ask, Piece, Stop, Usage
from echo.errors import BrainError, EchoError
from echo.feeling.reader import read
from echo.memory.store import Store
from echo.mind import crisis
from echo.mind.cast import Cast, Manner
from echo.mind.session import Chance, Self, Session, _without
from echo.nouns import (
    Delta,
    Event,
    Felt,
    Identity,
    Recalled,
    Replied,
    Thinking,
    Voice,
)
from tests.fakes import ScriptedBrain

SEOUL = ZoneInfo("Asia/Seoul")
READING = {"feeling": "fatigue", "valence": -0.6, "arousal": 0.2, "need": "comfort"}


class World:
    """A store on disk, three scripted brains and a clock that ticks a minute a look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.brains: dict[Voice, ScriptedBrain] = {
            "emotion": ScriptedBrain("e", json.dumps(READING)),
            "creation": ScriptedBrain("c", "차를 한 잔 마시자."),
            "self": ScriptedBrain("s", "고생했어. 쉬어."),
        }
        self._minutes = itertools.count()
        self._refs = itertools.count()

    def clock(self) -> datetime:
        start = datetime(2026, 3, 2, 22, tzinfo=UTC).astimezone(SEOUL)
        return start + timedelta(minutes=next(self._minutes))

    def store(self) -> Store:
        return Store.open(
            self.folder / "memory" / "echo.db", journal=self.folder / "memory", zone=SEOUL
        )

    def session(
        self,
        name: str = "one",
        brains: dict[Voice, ScriptedBrain] | None = None,
        *,
        strict: bool = False,
    ) -> Session:
        who = Self("me", "ko", Identity(1, "d", "너는 에코야."), SEOUL, strict=strict)
        manner = Manner(max_tokens=64, budget_s=5.0, seed=1)
        cast = Cast(
            self.brains if brains is None else brains,
            {"emotion": manner, "creation": manner, "self": manner},
            {},
        )
        chance = Chance(self.clock, lambda: f"r{next(self._refs)}", random.Random(1))
        return Session(who, self.store(), cast, chance, session=name, bond=Bond())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def never() -> bool:
    return False


def say(session: Session, words: str, stop: Stop = never) -> list[Event]:
    return list(session.turn(words, stop))


def exchange_of(events: list[Event]) -> Replied:
    assert isinstance(events[-1], Replied)
    return events[-1]


def test_the_events_come_in_order_and_add_up(world: World) -> None:
    events = say(world.session(), "오늘 너무 지쳤어")
    kinds = [type(e) for e in events]
    assert kinds[:2] == [Recalled, Felt]
    assert kinds.count(Thinking) == 2
    assert max(i for i, k in enumerate(kinds) if k is Thinking) < kinds.index(Delta)
    reply = exchange_of(events).exchange
    assert "".join(e.text for e in events if isinstance(e, Delta)) == reply.reply.text
    assert reply.reading is not None
    assert (reply.reading.feeling, reply.reading.source) == ("fatigue", "brain")


def test_self_is_given_both_thoughts_after_the_words(world: World) -> None:
    """The order in the newest message is what the KV cache lives on."""
    say(world.session(), "오늘 너무 지쳤어")
    content = world.brains["self"].history[0].messages[-1].content
    marks = [content.index(m) for m in ("[기억]", "[기분]", "[지금]", "[말]", "[느낌]", "[생각]")]
    assert marks == sorted(marks)
    assert "차를 한 잔 마시자." in content


def test_self_reads_ahead_exactly_what_it_is_asked_later(world: World) -> None:
    """What was primed must be a prefix of what is spoken to, or priming is work thrown away."""
    say(world.session(), "오늘 너무 지쳤어")
    primed, asked = world.brains["self"].primed[0], world.brains["self"].history[0].messages
    assert asked[:-1] == primed[:-1]
    assert asked[-1].content.startswith(primed[-1].content)


def test_history_is_append_only(world: World) -> None:
    session = world.session()
    say(session, "안녕")
    say(session, "내 고양이 이름은 모푸야")
    first, second = (a.messages for a in world.brains["self"].history)
    assert second[: len(first)] == first
    assert second[len(first)].role == "assistant"


def test_the_words_are_stored_before_anyone_thinks(world: World) -> None:
    """Kill -9 while a brain thinks must not cost the words."""
    session = world.session()
    turn = session.turn("잊지 마", never)
    next(turn)
    other = world.store()
    assert [t.text for t in other.turns("me")] == ["잊지 마"]
    turn.close()
    other.close()


def test_a_turn_cut_short_is_kept_as_interrupted(world: World) -> None:
    """Ctrl-C: the stop comes after the first word; the word stays."""
    world.brains["self"].enqueue("하나 둘 셋 넷")
    heard: list[Event] = []
    session = world.session()
    for event in session.turn("세어 줘", lambda: Delta in map(type, heard)):
        heard.append(event)  # noqa: PERF402 - stop() looks at it while it grows
    assert session.last is not None
    assert session.last.reply.status == "interrupted"
    assert session.last.reply.text == "하나"
    (kept,) = session.store.exchanges("me")
    assert (kept.reply.text, kept.reply.status) == ("하나", "interrupted")


def test_a_closed_generator_still_finishes_the_exchange(world: World) -> None:
    """The terminal went away in mid-sentence: what was said so far is in memory."""
    session = world.session()
    turn = session.turn("안녕", never)
    for event in turn:
        if isinstance(event, Delta):
            break
    assert isinstance(turn, Iterator)
    turn.close()  # type: ignore[attr-defined]
    (kept,) = session.store.exchanges("me")
    assert kept.reply.status == "interrupted"
    assert kept.reply.text == "고생했어."


def test_tomorrow_it_is_recalled_and_reaches_the_prompt(world: World) -> None:
    session = world.session("one")
    say(session, "내 고양이 이름은 모푸야")
    session.close()
    for brain in world.brains.values():
        brain.closed = False
    later = world.session("two")
    events = say(later, "내 고양이 이름 기억나?")
    assert isinstance(events[0], Recalled)
    assert events[0].recollection.known
    assert "모푸" in world.brains["self"].history[-1].messages[-1].content


def test_what_stands_in_the_context_is_not_recalled_again(world: World) -> None:
    session = world.session()
    say(session, "오늘 한강에서 자전거를 탔어")
    events = say(session, "한강 자전거 재미있었어")
    assert isinstance(events[0], Recalled)
    assert events[0].recollection.hits == ()


def test_a_fact_told_in_the_conversation_stands_beside_its_question(world: World) -> None:
    """Else the prompt would say that it was never told."""
    session = world.session()
    say(session, "내 고양이 이름은 모푸야")
    events = say(session, "내 고양이 이름은 뭐야")
    assert isinstance(events[0], Recalled)
    assert events[0].recollection.known
    assert [hit.turn.text for hit in events[0].recollection.hits] == ["내 고양이 이름은 모푸야"]


def test_recalled_text_is_not_stored_again(world: World) -> None:
    """A hundred turns about one thing must not grow copies of it."""
    session = world.session("one")
    say(session, "내 고양이 이름은 모푸야")
    for number in range(5):
        say(world.session(f"later {number}"), "고양이 이름 기억나?")
    texts = [t.text for t in session.store.turns("me", speaker="me")]
    assert texts.count("내 고양이 이름은 모푸야") == 1
    assert not any("[기억]" in t.text for t in session.store.turns("me"))


@pytest.mark.parametrize("mode", ["solo", "auto"])
def test_modes_ask_fewer_voices(world: World, mode: str) -> None:
    session = world.session()
    session.mode = mode  # type: ignore[assignment]
    say(session, "안녕")
    assert not world.brains["creation"].history
    assert len(world.brains["self"].history) == 1


@pytest.mark.parametrize("voice", ["emotion", "creation"])
def test_a_failed_thought_is_left_out_and_named(world: World, voice: Voice) -> None:
    world.brains[voice].enqueue(BrainError("out of memory"))
    reply = exchange_of(say(world.session(), "안녕")).exchange
    assert reply.reply.text == "고생했어. 쉬어."
    (left,) = [t for t in reply.thoughts if t.left_out]
    assert (left.voice, left.left_out) == (voice, "out of memory")
    assert reply.reading is not None


def test_an_emotion_that_is_no_json_is_left_out(world: World) -> None:
    world.brains["emotion"].enqueue("sad, I think")
    reply = exchange_of(say(world.session(), "오늘 너무 지쳤어")).exchange
    assert reply.reading is not None
    assert reply.reading.source == "reader"
    assert any(t.voice == "emotion" and t.left_out for t in reply.thoughts)


def test_when_self_fails_another_voice_speaks(world: World) -> None:
    world.brains["self"].enqueue(BrainError("broken"))
    world.brains["creation"].enqueue("생각.", "내가 대신 말할게.")
    reply = exchange_of(say(world.session(), "안녕")).exchange
    assert reply.reply.text == "내가 대신 말할게."
    assert ("self", "broken") in [(t.voice, t.left_out) for t in reply.thoughts]


def test_when_nobody_can_speak_the_words_are_kept(world: World) -> None:
    for brain in world.brains.values():
        brain.enqueue(*[BrainError("gone")] * 3)
    session = world.session()
    with pytest.raises(BrainError) as caught:
        say(session, "들려?")
    assert "gone" in str(caught.value)
    (kept,) = session.store.exchanges("me")
    assert (kept.words.text, kept.reply.status) == ("들려?", "interrupted")


def test_no_brain_at_all_is_one_sentence(world: World) -> None:
    with pytest.raises(EchoError):
        say(world.session(brains={}), "들려?")


def test_a_brain_that_says_nothing_is_passed_over(world: World) -> None:
    class Silent(ScriptedBrain):
        def speak(self, ask: Ask, stop: Stop) -> Iterator[Piece | Usage]:
            yield Usage(1, 1, 0, "stop")

    brains: dict[Voice, ScriptedBrain] = {**world.brains, "self": Silent()}
    world.brains["creation"].enqueue("생각.", "여기 있어.")
    reply = exchange_of(say(world.session(brains=brains), "안녕")).exchange
    assert reply.reply.text == "여기 있어."


def test_a_novel_is_stored_whole_and_clipped_for_the_prompt(world: World) -> None:
    novel = "그날 밤은 길었다. " * 5000
    session = world.session()
    exchange_of(say(session, novel))
    asked = world.brains["self"].history[0]
    assert world.brains["self"].count(asked.messages) < world.brains["self"].context
    (kept,) = session.store.exchanges("me")
    assert kept.words.text == novel


def test_history_is_trimmed_before_the_context_is_full(world: World) -> None:
    brain = ScriptedBrain("small", "그래 알았어 좋아", context=300)
    session = world.session(brains={"self": brain})
    for number in range(30):
        say(session, f"말 {number}")
    sizes = [brain.count(a.messages) for a in brain.history]
    assert max(sizes) < 300
    assert min(sizes[5:]) > sizes[0]  # history is kept at all


def test_crisis_is_answered_by_hand_and_help_named_once(world: World) -> None:
    session = world.session()
    first = exchange_of(say(session, "그냥 죽고 싶어")).exchange.reply
    second = exchange_of(say(session, "정말 죽고 싶다고")).exchange.reply
    assert "109" in first.text
    assert first.status == "complete"
    assert second.text == crisis.AGAIN["ko"]
    assert not world.brains["self"].history


def test_a_claim_is_left_out_as_a_word_not_within_others() -> None:
    assert _without("You had 15 cats and 5 dogs", ["5"]) == "You had 15 cats and \n dogs"
    assert _without("banana", ["an"]) == "banana"
    assert _without("나무 옆에 나", ["나"]) == "나무 옆에 \n"


INVENTED = "너 작년에 부산에서 수술받았다고 했잖아."


def test_an_invented_memory_is_marked(world: World) -> None:
    world.brains["self"].enqueue(INVENTED)
    session = world.session()
    made = exchange_of(say(session, "오늘 너무 지쳤어")).exchange
    assert made.reply.text == INVENTED
    assert made.ungrounded
    kept = session.store.exchanges("me")[-1]
    assert kept.ungrounded == made.ungrounded


def test_an_invented_memory_said_twice_is_marked_twice(world: World) -> None:
    """In one conversation, and after it is opened again: saying it made it no truer."""
    for _ in range(3):
        world.brains["self"].enqueue(INVENTED)
    session = world.session()
    first = exchange_of(say(session, "오늘 너무 지쳤어")).exchange
    again = exchange_of(say(session, "그랬나?")).exchange
    assert again.ungrounded == first.ungrounded != ()
    session.resume(session.store.exchanges("me"))
    assert exchange_of(say(session, "잘 모르겠네")).exchange.ungrounded == first.ungrounded


def test_an_invented_memory_that_is_recalled_another_day_supports_nothing(world: World) -> None:
    world.brains["self"].enqueue(INVENTED, INVENTED)
    first = exchange_of(say(world.session("one"), "오늘 너무 지쳤어")).exchange
    later = exchange_of(say(world.session("two"), "부산에서 수술받았다고 했던가?")).exchange
    recalled = {turn.ref for hit in later.recalls for turn in (hit.turn, *hit.near)}
    assert first.reply.ref in recalled
    assert "작년에" in "".join(later.ungrounded)


def test_nor_in_the_turn_after_the_one_that_recalled_it(world: World) -> None:
    world.brains["self"].enqueue(INVENTED, INVENTED, INVENTED)
    say(world.session("one"), "오늘 너무 지쳤어")
    session = world.session("two")
    say(session, "부산에서 수술받았다고 했던가?")
    assert "작년에" in "".join(exchange_of(say(session, "그랬나?")).exchange.ungrounded)


def test_what_was_told_of_another_stays_out_of_the_prompt_of_a_question(world: World) -> None:
    """Asked for the hamster's name, no brain is shown the cat's."""
    say(world.session("one"), "내 고양이 이름은 모푸야")
    asked = exchange_of(say(world.session("two"), "내 햄스터 이름은 뭐야?")).exchange
    assert not asked.recalls
    assert "모푸" not in world.brains["self"].history[-1].messages[-1].content
    told = exchange_of(say(world.session("three"), "내 고양이 이름은 뭐야?")).exchange
    assert told.recalls
    assert "모푸" in world.brains["self"].history[-1].messages[-1].content


def test_strict_asks_once_more_without_what_was_never_told(world: World) -> None:
    """Nobody sees the first answer; the second request begins as the first did."""
    world.brains["self"].enqueue(INVENTED, "많이 지쳤겠다.")
    session = world.session(strict=True)
    events = say(session, "오늘 너무 지쳤어")
    made = exchange_of(events).exchange
    assert "".join(e.text for e in events if isinstance(e, Delta)) == "많이 지쳤겠다."
    assert (made.reply.text, made.ungrounded) == ("많이 지쳤겠다.", ())
    first, second = (ask.messages[-1].content for ask in world.brains["self"].history)
    assert second.startswith(first)
    assert "부산" in second[len(first) :]
    say(session, "고마워")
    assert world.brains["self"].history[-1].messages[-3].content == second  # as it was evaluated


@pytest.mark.parametrize("again", ["", BrainError("The brain is closed.")])
def test_strict_keeps_the_first_answer_when_there_is_no_second(
    world: World, again: str | Exception
) -> None:
    for brain in world.brains.values():
        brain.default = ""
    world.brains["self"].enqueue(INVENTED, again)
    world.brains["emotion"].default = json.dumps(READING)
    events = say(world.session(strict=True), "오늘 너무 지쳤어")
    made = exchange_of(events).exchange
    assert made.reply.text == INVENTED
    assert made.ungrounded


def test_strict_asks_no_more_of_what_was_told(world: World) -> None:
    session = world.session(strict=True)
    say(session, "우리 고양이 이름은 모푸야")
    world.brains["self"].enqueue("모푸구나. 기억할게.")
    made = exchange_of(say(session, "고양이 이름 기억해?")).exchange
    assert made.reply.text == "모푸구나. 기억할게."
    assert len(world.brains["self"].history) == 2


def test_the_live_bond_is_the_replayed_bond(world: World) -> None:
    """The law: memory alone gives the bond back."""
    session = world.session()
    for words in ("오늘 너무 슬퍼", "그래도 괜찮아", "고마워 정말 행복해"):
        say(session, words)
    turns = session.store.turns("me", speaker="me")
    assert bond_of((t.at, read(t.text)) for t in turns) == session.bond


def test_the_language_of_the_answer_follows_the_words(world: World) -> None:
    session = world.session()
    assert exchange_of(say(session, "hello there")).exchange.lang == "en"
    assert exchange_of(say(session, "123")).exchange.lang == "en"
    assert exchange_of(say(session, "ㅋㅋ")).exchange.lang == "ko"


def test_a_greeting_is_true(world: World) -> None:
    session = world.session()
    assert "Hello" in session.greeting(lambda text: text)
    say(session, "나 내일 면접이야")
    assert session.greeting(lambda text: text) == "I am here."
