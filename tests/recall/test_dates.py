"""Which days words mean; Saturday 21 November 2026 is today."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo.recall.dates import read
from echo.recall.days import tokens

TODAY = date(2026, 11, 21)

MEANT: tuple[tuple[str, str, str], ...] = (
    ("오늘 뭐 했지", "2026-11-21", "2026-11-21"),
    ("어제 먹은 것", "2026-11-20", "2026-11-20"),
    ("그저께", "2026-11-19", "2026-11-19"),
    ("사흘 전에", "2026-11-18", "2026-11-18"),
    ("10일 전", "2026-11-11", "2026-11-11"),
    ("지난주에 만난 사람", "2026-11-09", "2026-11-15"),
    ("이번 주", "2026-11-16", "2026-11-21"),
    ("지난달", "2026-10-01", "2026-10-31"),
    ("작년", "2025-01-01", "2025-12-31"),
    ("재작년에", "2024-01-01", "2024-12-31"),
    ("지난 봄", "2026-03-01", "2026-05-31"),
    ("작년 여름에", "2025-06-01", "2025-08-31"),
    ("지난 겨울에", "2025-12-01", "2026-02-28"),
    ("3월 2일에", "2026-03-02", "2026-03-02"),
    ("2024년 3월 2일", "2024-03-02", "2024-03-02"),
    ("2024년 3월", "2024-03-01", "2024-03-31"),
    ("작년 5월", "2025-05-01", "2025-05-31"),
    ("지난 5월", "2026-05-01", "2026-05-31"),
    ("두 달 전", "2026-09-01", "2026-09-30"),
    ("yesterday", "2026-11-20", "2026-11-20"),
    ("the day before yesterday", "2026-11-19", "2026-11-19"),
    ("last week", "2026-11-09", "2026-11-15"),
    ("last May", "2026-05-01", "2026-05-31"),
    ("last December", "2025-12-01", "2025-12-31"),
    ("in March 2024", "2024-03-01", "2024-03-31"),
    ("on 7 May 2023", "2023-05-07", "2023-05-07"),
    ("May 7th, 2023", "2023-05-07", "2023-05-07"),
    ("last spring", "2026-03-01", "2026-05-31"),
    ("two months ago", "2026-09-01", "2026-09-30"),
    ("3 days ago", "2026-11-18", "2026-11-18"),
    ("in 2022", "2022-01-01", "2022-12-31"),
    ("2023-05-08", "2023-05-08", "2023-05-08"),
    ("last year", "2025-01-01", "2025-12-31"),
    ("지난 주말", "2026-11-14", "2026-11-15"),
    ("월요일에", "2026-11-16", "2026-11-16"),
    ("올봄에", "2026-03-01", "2026-05-31"),
    ("올겨울", "2025-12-01", "2026-02-28"),
    ("작년 추석에", "2025-10-04", "2025-10-08"),
    ("2024년 크리스마스", "2024-12-25", "2024-12-25"),
    ("설날", "2026-02-15", "2026-02-19"),
    ("3월 말에", "2026-03-21", "2026-03-31"),
    ("작년 초에", "2025-01-01", "2025-05-02"),
    ("작년 3월 2일", "2025-03-02", "2025-03-02"),
    ("작년 이맘때", "2025-11-07", "2025-12-05"),
    ("this time last year", "2025-11-07", "2025-12-05"),
    ("작년 연말", "2025-12-01", "2025-12-31"),
    ("연초에", "2026-01-01", "2026-01-31"),
    ("3/2에", "2026-03-02", "2026-03-02"),
    ("요즘", "2026-10-22", "2026-11-21"),
)


@pytest.mark.parametrize(("words", "first", "last"), MEANT)
def test_words_mean_days(words: str, first: str, last: str):
    """The first span is the nearest one meant."""
    found, _ = read(words, TODAY)
    assert (found[0].first.isoformat(), found[0].last.isoformat()) == (first, last)


@pytest.mark.parametrize(
    "words",
    [
        "고양이 이름",
        "may I ask",
        "we march on",
        "13월 40일",
        "내일 봄",
        "봄이",
        "I fall a lot",
        "일이 많다",
        "한 번",
    ],
)
def test_words_that_only_look_like_dates_mean_none(words: str):
    """ "봄이" may be a name, "may" a verb; 봄 alone is any spring and so is let through below."""
    found, _ = read(words, TODAY)
    if words in ("내일 봄", "봄이"):
        assert all(span.first.month == 3 for span in found)
    else:
        assert found == ()


def test_a_month_without_a_year_comes_round_every_year():
    found, _ = read("3월에 뭐 했지", TODAY)
    assert [span.first.year for span in found[:3]] == [2026, 2025, 2024]


def test_date_words_leave_the_question():
    """They are looked up as days, not as words."""
    assert read("어제 먹은 김치", TODAY)[1].split() == ["먹은", "김치"]


@given(st.text(), st.dates())
def test_no_text_and_no_day_breaks_it(text: str, today: date):
    """Spans never reach past today, nor end before they begin."""
    found, rest = read(text, today)
    assert all(span.first <= span.last <= today for span in found)
    assert len(rest) >= len(text) or not found
    assert len(tokens(found)) <= 62


@given(st.sampled_from([words for words, *_ in MEANT] + ["3월", "겨울", "on Monday"]), st.dates())
def test_every_phrase_can_be_said_on_any_day(words: str, today: date):
    """29 February, 1 January, the year 1: no day of the calendar is special."""
    for span in read(words, today)[0]:
        assert span.first <= span.last <= today
