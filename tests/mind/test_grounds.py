"""What a reply may rest on, what may be invented in it, and where the line is drawn."""

from __future__ import annotations

from datetime import date

import pytest

from echo.mind.grounds.asked import asked
from echo.mind.grounds.claims import candidates
from echo.mind.grounds.figures import figures, spans_between, unit_of
from echo.mind.grounds.forms import paired
from echo.mind.grounds.judge import is_plain, ungrounded
from echo.mind.grounds.support import Support

MARCH = date(2026, 3, 2)
CAT = Support(
    ("우리 고양이 모푸가 오늘 왼쪽 다리를 절뚝거렸어", "모푸 왜 이러지"),
    (("우리 고양이 모푸가 오늘 왼쪽 다리를 절뚝거렸어", MARCH),),
    date(2026, 3, 16),
)
DOG = Support(
    ("We adopted Biscuit, she is four. The vet is on the 8th.", "Biscuit is tired"),
    (("We adopted Biscuit, she is four. The vet is on the 8th.", MARCH),),
    date(2026, 3, 16),
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("고양이 두 마리랑 스물세 살", [2, 23]),
        ("이십오 년 만에 삼백 킬로", [25, 300]),
        ("twenty-three cats, 1,200 of them, twice", [23, 1200, 2]),
        ("33,050 words, 76.9 kilos", [33050, 76.9]),
        ("엿새 전, 열흘 만에, 하루 종일", [6, 10]),
        ("그 일 이후로 사이가 좋아", []),
        ("네 이야기, 두고 가, 네 방은, 둘 다", []),
        ("2억 3천, 3만5천원, 41만 원", [230_000_000, 35_000, 410_000]),
        ("네 볼, 열네 명, 셋이서, 삼십만 원", [4, 14, 3, 300_000]),
        ("£213k for a dozen, two hundred and forty people", [213_000, 12, 240]),
        ("after the 18.5.", [18.5]),
        ("만이천 원, 만 8천 원, 삼만오천 원", [12_000, 18_000, 35_000]),
        ("석 달, 넉 달, 칠십에, 일흔", [3, 4, 70, 70]),
        ("삼백이십 달라더라, 수리비 백사십. 이천에 가서 천이 예쁘다", [320, 140]),
        ("Seven thousand two hundred, two thousand four hundred and five", [7200, 2405]),
    ],
)
def test_numbers_in_words_and_digits(text: str, numbers: list[int]):
    assert sorted(number for _, number in figures(text)) == sorted(numbers)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("100킬로", "80키로"), ("£5", "5 quid"), ("7pm", "7 o'clock"), ("세 사람", "3명"),
        ("10 mins", "ten minutes"), ("30%", "30 percent"), ("석 달", "3개월"),
        ("2차", "두 번"), ("사흘", "3일"), ("at 2.", "2pm"), ("11.4 m", "11.4 metres"),
        ("18불", "18달러"),
    ],
)  # fmt: skip
def test_a_unit_is_one_however_it_is_written(one: str, other: str):
    units = [[unit_of(text, *span) for span, _ in figures(text)] for text in (one, other)]
    assert units[0] == units[1] != [""]


def test_an_hour_is_not_a_span_of_hours():
    assert unit_of("11시", 0, 2) != unit_of("11시간", 0, 2)
    assert unit_of("at 7 on Monday", 3, 4) == unit_of("7pm", 0, 1)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("실 몇볼이랬지", {"count", "recall"}),
        ("누가 간식 가져왔지", {"who"}),
        ("where is rome", {"where"}),
        ("how many rads do i have", {"count", "mine"}),
        ("which eye was it again", {"what", "recall"}),
        ("just got home", {"none"}),
        ("비 온다", {"none", "short"}),
    ],
)
def test_what_is_asked_is_told_without_a_question_mark(words: str, named: set[str]):
    assert named <= set(asked(words))


@pytest.mark.parametrize(
    ("told", "words", "reply", "wrong"),
    [
        ("My sister moved to Leeds. My brother moved to York.", "how is she",
         "Your sister likes York, then.", "York"),
        ("Ambre has the snacks, Tibor the flags", "who brought the snacks", "Tibor did.", "Tibor"),
        ("규민이 족보 구해옴. 소희는 커피 삼", "족보 누가 구했지", "소희가 구했어.", "소희가"),
    ],
)  # fmt: skip
def test_what_was_told_of_another_may_be_invented(told: str, words: str, reply: str, wrong: str):
    support = Support((told, words), ((told, MARCH),), MARCH, words)
    marks = {reply[c.start : c.end]: c.marks for c in candidates(reply, support)}
    assert marks[wrong]["swap"] == 1.0


def test_what_goes_with_what_was_told_is_no_candidate():
    told = "My sister moved to Leeds. My brother moved to York."
    support = Support((told, "and she?"), ((told, MARCH),), MARCH, "and she?")
    assert not list(candidates("Your sister moved to Leeds.", support))


def test_a_weekday_that_only_the_days_name_may_be_invented():
    told = "spanish class mondays at 6"
    support = Support((told, "what day is class"), ((told, MARCH),), date(2026, 3, 4))
    marks = {tuple(c.marks) for c in candidates("It's on Wednesday.", support)}
    assert any("t_follows" in one for one in marks)  # the fourth of March is one
    assert not list(candidates("It's on Monday.", support))


def test_spans_are_rounded_either_way():
    found = spans_between(MARCH, date(2026, 3, 16))
    assert 14 in found["day"]
    assert found["week"] == {2, 3}
    assert found["year"] == {0, 1}


@pytest.mark.parametrize(
    ("support", "word", "known"),
    [
        (CAT, "모푸는", True),
        (CAT, "절뚝거린다고", True),
        (CAT, "강아지가", False),
        (DOG, "Biscuit's", True),
        (DOG, "adopting", True),
        (DOG, "kidneys", False),
    ],
)
def test_words_are_known_in_any_form(support: Support, word: str, known: bool):
    assert support.knows(word) is known


def test_numbers_follow_from_numbers_and_days():
    assert CAT.counts(14, "일") == "span"  # days since
    assert CAT.counts(14, "명") == "follows"
    assert DOG.counts(4, "") == "said"
    assert DOG.counts(4, "dollar") == "bare"  # what was four was said of none
    assert DOG.counts(8, "") == "said"
    assert DOG.counts(57, "") == "new"


def _told(*lines: tuple[str, date], words: str = "", hours: tuple[int, ...] = ()) -> Support:
    texts = (*(text for text, _ in lines), words)
    return Support(texts, lines, date(2026, 5, 30), words, hours)


@pytest.mark.parametrize(
    ("told", "number", "unit", "how"),
    [
        ("120통 중 47통이 비었어", 73, "통", "reckoned"),
        ("고추 30주 토마토 12주 가지 6주 심었다", 48, "주", "reckoned"),
        ("여왕벌 스무 마리, 마리당 3만원", 600_000, "원", "reckoned"),
        ("sold for 180 euro, he wants ten percent", 18, "euro", "reckoned"),
        ("보증금 500에서 1500", 10_000_000, "원", "reckoned"),
        ("오늘로 16주", 27, "주", "span"),  # eleven weeks ago
        ("sober since 1999", 27, "year", "span"),
        ("수학 3 떴어", 3, "명", "bare"),
        ("a mug for £8.50", 50, "", "said"),
        ("수리비 백사십", 1_400_000, "원", "said"),
        ("120통 중 47통이 비었어", 74, "통", "new"),
    ],
)
def test_what_is_reckoned_from_what_was_said(told: str, number: float, unit: str, how: str):
    assert _told((told, date(2026, 3, 14))).counts(number, unit) == how


def test_the_hour_a_line_was_heard_at_is_known():
    line = ("오늘 새벽까지 일했다", date(2026, 5, 29))
    assert _told(line, hours=(22, 2)).counts(2, "시") == "span"
    assert _told(line, hours=(22,)).counts(2, "시") != "span"


def test_how_many_is_answered_by_days_to_come():
    line = ("the wedding is 17 june", MARCH)
    assert _told(line, words="how many days left").counts(18, "") == "span"
    assert _told(line, words="so tired").counts(18, "") == "follows"


@pytest.mark.parametrize(
    ("told", "reply", "wrong"),
    [
        ("최종 발표 8월 21일이래", "21일 금요일.", False),
        ("최종 발표 8월 21일이래", "21일 목요일.", True),
        ("돌잔치가 유월 십삼일이라네", "6월 13일, 토요일이지.", False),
        ("the viva is 26 june", "On the 26th, a Friday.", False),
        ("the viva is 26 june", "On the 26th, a Thursday.", True),
    ],
)
def test_a_weekday_beside_a_day_must_be_that_days(told: str, reply: str, wrong: bool):
    support = _told((told, date(2026, 5, 20)), words="언제였지")
    marks = [one.marks for one in candidates(reply, support)]
    assert any("t_weekday" in one for one in marks) is wrong


@pytest.mark.parametrize(
    ("told", "reply"),
    [
        ("편의점 점장형이 버스 태워줌", "점장 형이지."),  # said as one word
        ("오징어가 영 안나와", "안 나오더니."),
        ("보컬 B 댄스 A", "B였으니까."),
        ("할머니가 떡을 줬어", "할머니께서 주신 떡."),
        ("친구한테 말했어", "친구한텐."),
        ("we drive mon and thu, pushed from feb", "Mondays and Thursdays, from February."),
        ("my mother knows", "Your mother'll know."),
        ("둘째랑 싸웠어", "둘이 싸웠구나."),
    ],
)
def test_what_was_said_in_another_form_is_no_candidate(told: str, reply: str):
    assert [reply[one.start : one.end] for one in candidates(reply, _told((told, MARCH)))] == []


def test_a_word_that_retells_what_was_said_is_marked_so():
    support = _told(("취객이 와서 소리 질렀어", MARCH))
    marks = {"손님": False, "술꾼이": True, "사과가": False}
    for word, is_so in marks.items():
        found = [one.marks for one in candidates(f"그 {word} 또 왔어?", support)]
        assert any("retold" in one for one in found) is is_so, word


def test_sums_of_broken_numbers_follow():
    support = Support(("체중 76.9킬로, 목표는 72킬로",))
    assert support.counts(4.9, "킬로") == "reckoned"
    assert support.counts(148.9, "명") == "sum"
    assert support.counts(5.1, "킬로") == "new"


@pytest.mark.parametrize(
    ("told", "time", "held"),
    [
        ("수술은 3월 10일이야", "화요일이지", True),  # the tenth is a Tuesday
        ("수술은 3월 10일이야", "목요일이지", False),
        ("금요일까지 내야 해", "금요일까지 내는 거지", True),
        ("모임은 1월 11일 토요일", "1월 18일 토요일이지", False),
        ("8월에 만료야", "7월에 만료라며", False),
        ("이사했어", "이틀 전에 이사했다며", True),
    ],
)
def test_a_day_by_its_name_or_number_must_be_that_day(told: str, time: str, held: bool):
    support = Support((told,), ((told, MARCH),), date(2026, 3, 4))
    assert [one != "new" for _, one in support.times(time)] == [held]


def test_what_stands_in_a_words_place_is_seen():
    support = Support(("나이트 움직이는 게 제일 재밌대", "엄마가 데리러 부르셨어"))
    reply = "룩 움직이는 게 제일 재밌다며. 엄마가 불러 주셨지."
    marks = {reply[c.start : c.end]: c.marks for c in candidates(reply, support)}
    assert marks["룩"]["instead"] == 1.0
    assert marks["불러"]["begins"] > 0.5  # 부르셨어, in another form


def test_a_noun_of_one_syllable_is_known_with_its_particle():
    assert Support(("이마에 물 닿는데",)).knows("물이")
    assert not Support(("물어봤어",)).knows("물이")


def test_two_marks_together_are_a_mark():
    assert paired({"past": 1.0, "name": 1.0, "is: 룩": 0.6, "if": 0.0}) == {
        "past": 1.0, "name": 1.0, "is: 룩": 0.6, "if": 0.0, "name & past": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("3월 2일에 말했잖아", True),
        ("5월 9일에 말했잖아", False),
        ("2주 전에", True),
        ("작년에", False),
    ],
)
def test_times_are_those_a_line_was_heard_on(text: str, held: bool):
    assert [one != "new" for _, one in CAT.times(text)] == [held]


def test_a_number_said_of_something_else_may_be_invented():
    two = Support(
        ("하루에 두 시간씩 공부해", "세 명이서"), (("하루에 두 시간씩 공부해", MARCH),), MARCH
    )
    found = {c.marks.get("n_loose") for c in candidates("매일 세 시간씩 한다며.", two)}
    assert 1.0 in found
    assert not any("number" in c.marks for c in candidates("하루에 두 시간씩이지.", two))


def test_words_of_one_kind_and_of_one_line():
    support = Support(("언니는 첼로를 켜", "동생은 부산에 살아"))
    marks = {c.marks.get("same_kind", 0.0) > 0 for c in candidates("바이올린 켠다며.", support)}
    assert marks == {True}
    assert support.together(["언니", "첼로"]) == 1.0
    assert support.together(["언니", "부산"]) == 0.5
    assert support.together([]) == 0.0


def test_another_of_the_same_kind_is_told():
    found = {CAT_REPLY[c.start : c.end]: c.marks for c in candidates(CAT_REPLY, CAT)}
    assert found["오른쪽"]["other_of_class"] == 1.0
    assert "모푸" not in found


CAT_REPLY = "모푸 오른쪽 다리 때문에 그러잖아."


@pytest.mark.parametrize(
    ("reply", "support"),
    [
        ("모푸 지난번에 부산에서 수술받았다고 했잖아.", CAT),
        ("You told me last spring that your sister moved to Lisbon.", DOG),
    ],
)
def test_an_invented_story_is_marked(reply: str, support: Support):
    assert ungrounded(reply, support)


@pytest.mark.parametrize(
    ("reply", "support"),
    [
        ("모푸가 왼쪽 다리를 절뚝거렸다고 했지.", CAT),
        ("따뜻한 물로 씻고 오늘은 일찍 눕자.", CAT),
        ("네 강아지 이름은 아직 듣지 못했어.", CAT),
        ("Biscuit is four, so rest is good for her.", DOG),
        ("Take a warm shower and lie down early.", DOG),
        ("", DOG),
    ],
)
def test_what_was_told_and_plain_advice_are_not_marked(reply: str, support: Support):
    assert ungrounded(reply, support) == ()


@pytest.mark.parametrize(
    ("reply", "source", "expected"),
    [
        ("네 고양이 이름은 모푸라고 들었어.", "고양이 이름은 모푸야", ()),
        ("3월 2일에 들었어.", "", ()),
        ("3월 4일에 들었어.", "", ("3월 4일",)),
        ("You said you met Anna in Rome.", "I met Anna", ("Rome",)),
        ('I remember, you said "the sea".', "lake", ("the sea",)),
        ("I remember March 2 well.", "it was then", ()),
    ],
)
def test_claims_of_memory_need_a_source(reply: str, source: str, expected: tuple[str, ...]):
    """Times, quotations and names in a sentence that says it remembers."""
    support = Support((source,), ((source, MARCH),), date(2026, 11, 21))
    found = ungrounded(reply, support)
    assert len(found) == len(expected)
    assert all(one in other for one, other in zip(expected, found, strict=True))


def test_a_name_is_a_plain_claim_only_where_a_memory_is_spoken_of():
    support = Support(("I met Anna",), (), MARCH)
    plain = {
        reply: [reply[c.start : c.end] for c in candidates(reply, support) if is_plain(c)]
        for reply in (
            "Trains go to Rome.",
            "I remember you were in Rome.",
            "Do you remember? Rome.",
        )
    }
    assert list(plain.values()) == [[], ["Rome"], []]


@pytest.mark.parametrize(
    "text",
    [
        "내 생일은 2월 29일이야",
        "1" * 5000,
        "on the 31st",
        "³² ٣ 12월 31일",
        "내일 보자, next month",
    ],
)
def test_odd_dates_and_numbers_end_no_turn(text: str):
    """The day after a leap day there is none for years; Python refuses numbers of 5,000 digits."""
    support = Support((text,), ((text, date(2024, 3, 1)), (text, date(9999, 12, 31))), MARCH)
    assert support.counts(57, "") == "new"
    ungrounded(f"작년에 {text}라고 말했잖아. You said {text} last year.", support)
