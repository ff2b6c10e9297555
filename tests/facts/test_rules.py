"""Forms of both languages, and what only looks like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo.facts.entities import entity
from echo.facts.find import LONGEST, RELATIONS, by_rules, find
from echo.facts.form import ME, book
from echo.text import language

TOLD = [
    ("안녕 나는 지수라고 해", "me", "name", "지수"),
    ("우리 고양이 이름은 모푸야", "고양이", "name", "모푸"),
    ("나 부산에 혼자 살아", "me", "home", "부산"),
    ("언니는 은행원이야", "언니", "work", "은행원"),
    ("땅콩 알레르기가 심해", "me", "allergy", "땅콩"),
    ("엄마 생신은 음력 3월 14일이야", "엄마", "birthday", "음력 3월 14일"),
    ("난 비 오는 날 산책하는 거 좋아해", "me", "likes", "산책하는 거"),
    ("오이는 못 먹어", "me", "dislikes", "오이"),
    ("일본어 배우고 있어", "me", "language", "일본어"),
    ("남편은 삼성전자 다녀", "남편", "workplace", "삼성전자"),
    ("제일 좋아하는 계절은 가을이야", "me", "favourite", "가을"),
    ("My name is Sam, by the way", "me", "name", "Sam"),
    ("our dog is called Rex", "dog", "name", "Rex"),
    ("I live in Leeds with two friends", "me", "home", "Leeds"),
    ("My older sister works at the post office", "older sister", "workplace", "post office"),
    ("I'm severely allergic to peanuts", "me", "allergy", "peanuts"),
    ("I really love hiking in the rain", "me", "likes", "hiking in the rain"),
    ("I can't stand cilantro", "me", "dislikes", "cilantro"),
    ("My dad was diagnosed with gout", "dad", "health", "gout"),
    ("I've been learning Welsh", "me", "language", "Welsh"),
    ("my favorite color is teal", "me", "favourite", "teal"),
    ("I’m 27", "me", "age", "27"),
    ("my sister Anna came over today", "sister", "name", "Anna"),
    ("everyone calls me Boz", "me", "name", "Boz"),
    ("me and Kwame have been together six years", "me", "partner", "Kwame"),
    ("fav band is Slowdive", "me", "favourite", "Slowdive"),
    ("im Bolivian btw", "me", "origin", "Bolivian"),
    ("내일 면접 있어", "me", "appointment", "면접"),
    ("내 동생 민수가 왔어", "동생", "name", "민수"),
    ("딸내미 이름이 서아야", "딸내미", "name", "서아"),
    ("나 순대국 광팬", "me", "likes", "순대국"),
]
NOT_TOLD = [
    "오늘 진짜 피곤하다", "나도 고양이 키우고 싶다", "내 이름 알아?", "친구가 부산에 산대",
    "예전에 대구에 살았어",
    "만약 내가 미국에 살면 어떨까", "걔는 서울대 다녀", "이 노래 좋다", "드라마 주인공이 의사야",
    "내일은 좀 쉬어야지", "my Apple Watch died", "our Monday meeting was awful",
    "면접 얘기 그만하자", "너는 커피 좋아해?", "병원 다녀왔어", "네, 알겠어요",
    "I wish I spoke French", "If I had a cat I would name it Mochi", "I used to live in Rome",
    "My friend says she lives in Berlin", "I love you", "I love it when it rains",
    "I'm going to bed", "she lives in Paris", "In the movie I am a nurse", "Do I like tea?",
    "I had a great day", "", "?", "ㅋㅋㅋㅋ",
]  # fmt: skip


@pytest.mark.parametrize(("text", "subject", "relation", "value"), TOLD)
def test_told(text: str, subject: str, relation: str, value: str) -> None:
    ruled = by_rules(text, language(text))
    for facts in (ruled, find(text)):
        found = [(fact.subject, fact.relation) for fact in facts if value in fact.value]
        assert (subject, relation) in found, facts


@pytest.mark.parametrize("text", NOT_TOLD)
def test_not_told(text: str) -> None:
    """Of others, and of what is over, something may be told (her Berlin, no more Rome)."""
    assert by_rules(text, language(text)) == ()
    assert not [fact for fact in find(text) if fact.subject == ME and not fact.negated]


def test_a_denial_is_a_fact_that_is_denied() -> None:
    assert [fact.negated for fact in find("I'm not allergic to nuts")] == [True]
    assert [fact.negated for fact in find("나 견과류 알레르기 없어")] == [True]


def test_when_is_kept_as_it_was_said() -> None:
    (fact,) = find("I have a dentist appointment on Tuesday at 3pm")
    assert (fact.relation, fact.when) == ("appointment", "on Tuesday at 3pm")


@given(st.text(max_size=200))
def test_any_text_gives_facts_of_known_relations_or_none(text: str) -> None:
    for fact in find(text):
        assert fact.relation in RELATIONS
        assert fact.value
        assert fact.value == fact.value.strip()
        assert not any(0xE000 <= ord(char) <= 0xE3FF for char in fact.value if char not in text)


def test_a_pasted_page_tells_nothing() -> None:
    assert find("My name is Sam. " * LONGEST) == ()


@pytest.mark.parametrize("name", ["english", "korean"])
def test_every_form_of_the_books_is_a_pattern(name: str) -> None:
    rules = book(name)
    assert {rule.relation for rule in rules.rules} <= set(RELATIONS)
    assert all(rule.pattern.groupindex.get("v") or "x" in rule.pattern.groupindex
               or "l" in rule.pattern.groupindex for rule in rules.rules)  # fmt: skip
    assert rules.asked


def test_one_entity_by_all_its_names() -> None:
    assert entity("my mum") == entity("엄마") == entity("우리 어머니") == "mother"
    assert entity("나") == entity("me")
    assert entity("도롱뇽") == "도롱뇽"
