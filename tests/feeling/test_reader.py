"""The first reading: what words weigh, with negation, in both languages."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo.feeling.lexicon import emoticons, english, korean
from echo.feeling.reader import read, read_all, reading
from echo.nouns import FEELINGS, NEEDS, Mood
from tests.feeling.sentences import ENGLISH, KOREAN

EDGE = 0.1  # |valence| under this is neither pleasant nor unpleasant


@pytest.mark.parametrize(("text", "sign", "feeling"), KOREAN + ENGLISH)
def test_a_sentence_reads_as_a_person_reads_it(text: str, sign: int, feeling: str):
    """The tables were written before the rules."""
    mood = read(text)
    assert (mood.valence > EDGE) - (mood.valence < -EDGE) == sign
    if feeling:
        assert reading(mood, text).feeling == feeling


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "…", "123 456", "!!!", "ㅋㅋㅋㅋ", ":)", "ㅠㅠ 😭"]
)
def test_a_line_without_words_is_neutral(text: str):
    """Emoticons alone are right two times in three: not enough to colour a day by."""
    assert read(text) == Mood()


@pytest.mark.parametrize(
    ("plain", "bright", "dark"),
    [
        ("밥 먹었어", "밥 먹었어 ㅎㅎ", "밥 먹었어 ㅠㅠ"),
        ("I had lunch", "I had lunch :)", "I had lunch :("),
    ],
)
def test_an_emoticon_colours_the_words_beside_it(plain: str, bright: str, dark: str):
    """Beside words it tells how they were meant."""
    assert read(dark).valence < read(plain).valence < read(bright).valence


POSITIVE = ["happy", "good", "wonderful", "proud", "relaxed"]
NEGATIVE = ["sad", "terrible", "lonely", "angry", "worried"]


@given(st.sampled_from(POSITIVE + NEGATIVE), st.sampled_from(["not", "never", "isn't"]))
def test_english_negation_flips(word: str, negator: str):
    """The law behind the rules: a negated word weighs to the other side, and less."""
    plain, negated = read(f"it is {word}").valence, read(f"it is {negator} {word}").valence
    assert plain * negated < 0
    assert abs(negated) < abs(plain)


STEMS = ["행복하", "기쁘", "좋", "힘들", "슬프", "외롭", "무섭", "답답하", "편안하"]


@given(
    st.sampled_from(STEMS),
    st.sampled_from(["지 않아", "지 못해", "지가 않네", "지는 않았어", "진 않아", "지않아"]),
)
def test_korean_negation_after_the_stem_flips(stem: str, ending: str):
    """-지 않-, with particles between and without the space people forget."""
    plain, negated = read(f"오늘은 {stem}네").valence, read(f"오늘은 {stem}{ending}").valence
    assert plain * negated < 0


@pytest.mark.parametrize("stem", ["좋아", "힘들어", "슬퍼", "무서워", "행복해"])
@pytest.mark.parametrize("negator", ["안 ", "안", "하나도 안 ", "별로 안 "])
def test_korean_negation_before_the_stem_flips(stem: str, negator: str):
    assert read(stem).valence * read(negator + stem).valence < 0


def test_an_ending_that_only_sounds_like_a_negation_does_not_flip():
    """힘들지만 is no negation of 힘들-; 불안 holds 안."""
    assert read("힘들지만 해냈다").evidence[0][1] < 0
    assert read("불안 좋아하는 사람 없다").evidence[0][1] < 0


def test_boosters_and_shouting_count():
    assert read("너무 힘들어").valence < read("힘들어").valence
    assert read("조금 힘들어").valence > read("힘들어").valence
    assert read("I am very happy").valence > read("I am happy").valence
    assert read("I am HAPPY").valence > read("I am happy").valence
    assert read("I am happy!!!").valence > read("I am happy").valence


def test_a_compound_noun_is_not_the_feeling_inside_it():
    """아파트 is no pain, 영화나 no anger, 이미지 친구 no fatigue."""
    for text in ("아파트로 이사했다", "영화나 보자", "이미지 친구", "전화내용을 적었다"):
        assert read(text).valence == 0, text


def test_evidence_names_the_words_that_moved_it():
    """/why and `insight` show them; whole words, as they were written."""
    assert read("어제는 슬펐는데 오늘은 행복하다").evidence[0][0] == "슬펐는데"
    assert [word for word, _ in read("I'm fed up and tired").evidence] == ["fed up", "tired"]


def test_read_all_gives_one_mood_a_line():
    lines = ["좋다", "", "bad day", "ㅋㅋ"]
    assert read_all(lines) == [read(line) for line in lines]


@given(st.text())
def test_any_text_is_read_within_bounds(text: str):
    """Nothing a person can paste makes the reader fail or leave its scale."""
    mood = read(text)
    assert -1 <= mood.valence <= 1
    assert 0 <= mood.arousal <= 1
    assert all(name in FEELINGS and 0 < score <= 1 for name, score in mood.feelings)
    assert all(word and -1 <= weight <= 1 for word, weight in mood.evidence)
    taken = reading(mood, text)
    assert taken.feeling in FEELINGS
    assert taken.need in NEEDS
    assert taken.source == "reader"


@given(
    st.lists(
        st.sampled_from([*POSITIVE, *NEGATIVE, "행복", "우울", "ㅠㅠ", ":)", "안", "not", "table"])
    )
)
def test_capital_letters_of_a_whole_line_change_no_sign(words: list[str]):
    """All capitals is a way of typing, not a feeling."""
    plain, loud = read(" ".join(words)).valence, read(" ".join(words).upper()).valence
    assert plain * loud >= 0


def test_needs_are_guessed_from_how_it_is_said():
    """The need decides what Echo offers when no brain reads it."""
    expected = {
        "너무 힘든데 어떻게 하면 좋을까": "advice",
        "I'm so sad, what should I do?": "advice",
        "오늘 너무 슬펐어": "comfort",
        "시험에 합격했어": "celebration",
        "내 고양이 이름이 뭐야?": "information",
        "아무도 없어서 외로워": "company",
    }
    assert {text: reading(read(text), text).need for text in expected} == expected


def test_the_lists_are_what_they_say():
    """Every entry names a feeling we know and stays on its scale; Korean has 250 stems or more."""
    entries = {**korean().entries, **emoticons().entries, **english().words}
    for form, entry in entries.items():
        assert entry.feeling in (*FEELINGS, ""), form
        assert -1 <= entry.valence <= 1, form
        assert 0 <= entry.arousal <= 1, form
    assert len(korean().entries) >= 250
    assert set("abcdefgh") <= {word[0] for word in english().words} <= {*string.ascii_lowercase}


def test_every_korean_form_is_found_by_its_own_pattern():
    """A form hidden behind a shorter one of its row would never be read."""
    forms = korean()
    hidden = [form for form in forms.entries if not forms.pattern.match(form)]
    assert hidden == []
