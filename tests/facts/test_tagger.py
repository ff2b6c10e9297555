"""What finds facts beside the rules: how words are read, where values end, whose they are."""

from __future__ import annotations

import pytest

from echo.facts import gate
from echo.facts.edges import Span, whole
from echo.facts.find import by_rules, find
from echo.facts.owners import Mention, called, mentions, when
from echo.facts.tokens import read, split
from echo.nouns import Lang
from tests.facts.turns import TURNS, cases

DATA = TURNS.parent


def told(text: str) -> set[tuple[str, str, str, bool]]:
    return {(f.subject, f.relation, f.value, f.negated) for f in find(text)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("집은 일산인데", ["집", "은", "일산", "인데"]),
        ("고양이 키워", ["고양이", "키워"]),
        ("수진이는 용접해", ["수진", "이는", "용접", "해"]),
        ("Anna's in Leeds, 41.", ["Anna", "'s", "in", "Leeds", ",", "41", "."]),
        ("", []),
    ],
)
def test_what_is_bound_to_a_word_is_a_token_of_its_own(text: str, words: list[str]) -> None:
    assert [token.text for token in split(text)] == words


def test_a_thing_of_two_words_is_of_one_kind() -> None:
    reading = read("I've got a bearded dragon", "en")
    place = reading.words.index("bearded")
    assert "PET" in reading.kinds[place]
    assert "PET" in reading.kinds[place + 1]


@pytest.mark.parametrize(
    ("text", "relation", "first", "all_of_it", "lang"),
    [
        ("grew up in Beckley, West Virginia", "origin", "Beckley", "Beckley, West Virginia", "en"),
        ("my mum is from St Lucia", "origin", "Lucia", "St Lucia", "en"),
        ("MRI for the knee on Tuesday", "appointment", "MRI", "MRI for the knee", "en"),
        ("아내가 임신 5개월이야", "health", "임신", "임신 5개월", "ko"),
        ("I like tea", "likes", "tea", "tea", "en"),
    ],
)
def test_a_value_is_taken_whole(
    text: str, relation: str, first: str, all_of_it: str, lang: Lang
) -> None:
    reading = read(text, lang)
    place = next(i for i, token in enumerate(reading.tokens) if token.text == first)
    (span,) = whole(reading, [Span(relation, place, place, 0.9)], lang)
    assert text[reading.tokens[span.first].start : reading.tokens[span.last].end] == all_of_it


def test_who_may_be_meant_is_named_by_kin_by_name_or_by_the_tagger() -> None:
    text = "my little sister Priya hates coriander"
    reading = read(text, "en")
    value = Span("dislikes", 5, 5, 0.9)
    found = [called(text, reading, one) for one in mentions(reading, [], value)]
    assert any("Priya" in words for words in found)
    assert any("sister" in words for words in found)
    assert mentions(reading, [Span("who", 1, 2, 0.8)], value)[0] == Mention(1, 2, "who")


def test_the_time_of_a_plan_is_that_of_its_sentence() -> None:
    text = "I have an interview on Tuesday at 3pm. see you in June"
    reading = read(text, "en")
    assert when(text, reading, Span("appointment", 3, 3, 0.9)).startswith("on Tuesday")


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("혈압약 끊었어", ("me", "medicine", "혈압약", True)),
        ("남편이 해군이라 반년은 집에 없어", ("남편", "work", "해군", False)),
        ("my brother's out in Perth with the kids", ("brother", "home", "Perth", False)),
        ("flat's in Walthamstow, shoebox but it's mine", ("me", "home", "Walthamstow", False)),
        ("I quit my job at the bakery", ("me", "workplace", "bakery", True)),
    ],
)
def test_what_no_rule_says_is_found(text: str, fact: tuple[str, str, str, bool]) -> None:
    assert fact in told(text)


@pytest.mark.parametrize(
    "text",
    [
        "should I get a dog?",
        "강아지 키울까?",
        "오늘 비 온다",
        "so tired",
        "ㅋㅋㅋ",
        "!!!",
        " \n ",
        "😀",
    ],
)
def test_what_tells_nothing_tells_nothing(text: str) -> None:
    assert find(text) == ()


def test_the_same_words_tell_the_same() -> None:
    text = "내 동생 민수는 부산에서 용접해. 나는 수원 살아"
    assert find(text) == find(text)


def test_a_skimmed_text_is_read_closely_only_where_rules_find_something() -> None:
    closely = "flat's in Walthamstow, shoebox but it's mine"
    assert not by_rules(closely, "en")
    assert find(closely, skim=True) == ()
    plain = "my cat is called Biscuit"
    assert find(plain, skim=True) == find(plain) != ()


def test_the_gate_lets_through_what_tells_and_little_else() -> None:
    """On turns that nothing was set on, and on the notes of a diary that tell nothing."""
    told = [
        c for name in ("turns.jsonl", "turns_2.jsonl") for c in cases(DATA / name) if c["facts"]
    ]
    passed = sum(gate.passes(c["text"], c["lang"]) for c in told)
    assert passed >= 0.9 * len(told)
    notes = [c for c in cases(DATA / "turns_dev.jsonl") if c["style"] == "notes" and not c["facts"]]
    assert len(notes) > 1000
    assert sum(gate.passes(c["text"], c["lang"]) for c in notes) < 0.5 * len(notes)
