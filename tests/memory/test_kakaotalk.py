"""KakaoTalk's exports: every platform's form, who said what when, and what is nobody's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from echo.memory.chats.notices import is_media, is_system
from echo.memory.importers import Given, Imported, bring, sniff
from echo.memory.store import Store
from tests.memory.homes import SEOUL, opened, write

ME = Given("me", SEOUL)
KIM = Given("me", SEOUL, "김철수")

WINDOWS = """\ufeff친구들 님과 카카오톡 대화\r
저장한 날짜 : 2024-12-10 09:00:00\r
\r
--------------- 2024년 12월 9일 월요일 ---------------\r
이영희님이 들어왔습니다.\r
[김철수] [오전 12:05] 자정이 지났네\r
[이영희] [오후 12:30] 점심 먹자\r
둘째 줄\r
\r
넷째 줄\r
[김철수] [오후 2:30] 사진\r
[[팀] 박] [오후 2:31] [이영희] [오후 1:00]에 말했어\r
이영희님이 나갔습니다.\r
--------------- 2024년 12월 10일 화요일 ---------------\r
[김철수] [오전 8:00] ㅋㅋ\r
[김철수] [오전 8:00] ㅋㅋ\r
[김철수] [오전 8:01] 삭제된 메시지입니다.\r
"""
ENGLISH = """John with KakaoTalk Chats
Date Saved : 2024-12-10 09:00:00

--------------- Monday, December 9, 2024 ---------------
[John] [12:05 AM] late
[Jane] [12:30 PM] lunch
she left.
[John] [2:30 PM] Photo
John left this chatroom.
"""
ANDROID = """홍길동 님과 카카오톡 대화
저장한 날짜 : 2025년 10월 10일 오후 1:00

2025년 10월 10일 오전 10:09
2025년 10월 10일 오전 10:09, 김철수 : 안녕 : 콜론
둘째
2025년 10월 10일 오전 10:10, 홍길동님이 나갔습니다.
2025년 10월 10일 오전 12:00, 회원님 : 자정

2025년 10월 11일 오후 12:00
2025년 10월 11일 오후 12:00, 홍길동 : 이모티콘
"""
IOS = """홍길동 님과 카카오톡 대화
저장한 날짜 : 2025. 10. 23. 오후 1:00

2025년 10월 23일 목요일
2025. 10. 23. 오전 11:44, 김철수 : 글
2025. 10. 23. 오전 11:44: 홍길동님이 들어왔습니다.
2025. 10. 23. 오후 12:01, 홍길동 : 사진 3장
2025. 10. 23. 오후 12:02, 홍길동 :
2025. 10. 23. 오후 12:03, 홍길동 : 응
"""
IOS_EN = """KakaoTalk Chats with Jane
Date Saved : Oct 23, 2025 at 1:00\u202fPM

Thursday, October 23, 2025
Oct 23, 2025 at 11:44\u202fAM, Jane : hi
Oct 23, 2025, 12:01 p.m., John : there
October 23, 2025 at 13:05, Jane : over
two lines
23 Oct 2025 at 1:06 PM, Jane : Sticker
"""
MAC = '''Date,User,Message
2024-12-09 00:05:11,"김철수","안녕, 여러분"
2024-12-09 00:05:12,"이영희","첫 줄
둘째 ""줄""

2024-12-09 00:00:00,""가짜"",""행"""
2024-12-09 00:06:00,"이영희","이영희님이 나갔습니다."
2024-12-09 00:06:01,"김철수","이영희님이 나갔습니다."
2024-12-09 00:06:02,"김철수","사진"
2024-12-09 00:07:00,"이영희","닫지 않은
2024-12-09 00:08:00,"김철수","그 다음"
2024-13-09 00:08:00,"김철수","없는 달"
'''


def said(tmp_path: Path, content: str | bytes, given: Given = ME, name: str = "a.txt"):
    """(made, [(time, speaker, text)]) of what came into a fresh memory, in order."""
    path = write(tmp_path / name, content)
    assert sniff(path) == "kakaotalk"
    with opened(tmp_path / "home") as store:
        made = bring(store, path, given)
        told = [(f"{t.at:%m-%d %H:%M}", t.speaker, t.text) for t in store.turns("me")]
    return made, told


def test_windows(tmp_path: Path):
    """Bars give the day; joins, pictures and deletions are nobody's words; brackets in names."""
    made, told = said(tmp_path, WINDOWS, KIM)
    assert told == [
        ("12-09 00:05", "me", "자정이 지났네"),
        ("12-09 12:30", "이영희", "점심 먹자\n둘째 줄\n\n넷째 줄"),
        ("12-09 14:31", "[팀] 박", "[이영희] [오후 1:00]에 말했어"),
        ("12-10 08:00", "me", "ㅋㅋ"),
        ("12-10 08:00", "me", "ㅋㅋ"),
    ]
    assert made.skipped == []
    assert made.notices == 2


def test_windows_in_english(tmp_path: Path):
    """An ordinary sentence that ends a message is not taken for an announcement."""
    _, told = said(tmp_path, ENGLISH)
    assert told == [("12-09 00:05", "John", "late"), ("12-09 12:30", "Jane", "lunch\nshe left.")]


def test_android(tmp_path: Path):
    """회원님 is how a phone calls its owner; the header is no message."""
    _, told = said(tmp_path, ANDROID)
    assert told == [
        ("10-10 00:00", "me", "자정"),
        ("10-10 10:09", "김철수", "안녕 : 콜론\n둘째"),
    ]


def test_ios(tmp_path: Path):
    _, told = said(tmp_path, IOS)
    assert told == [("10-23 11:44", "김철수", "글"), ("10-23 12:03", "홍길동", "응")]


def test_ios_in_english(tmp_path: Path):
    """With the narrow space that newer phones put before AM and PM, and a 24-hour clock."""
    _, told = said(tmp_path, IOS_EN)
    assert told == [
        ("10-23 11:44", "Jane", "hi"),
        ("10-23 12:01", "John", "there"),
        ("10-23 13:05", "Jane", "over\ntwo lines"),
    ]


def test_mac(tmp_path: Path):
    """A row that is never closed costs itself only; what somebody says of others stays."""
    made, told = said(tmp_path, MAC, KIM, "a.csv")
    assert told == [
        ("12-09 00:05", "me", "안녕, 여러분"),
        ("12-09 00:05", "이영희", '첫 줄\n둘째 "줄"\n\n2024-12-09 00:00:00,"가짜","행"'),
        ("12-09 00:06", "me", "이영희님이 나갔습니다."),
        ("12-09 00:08", "me", "그 다음"),
    ]
    assert [s.file for s in made.skipped] == ["a.csv:10", "a.csv:12"]


def test_a_dry_run_names_the_speakers(tmp_path: Path):
    made = bring(None, write(tmp_path / "a.txt", WINDOWS), ME)
    assert made.as_json() == {
        "format": "kakaotalk",
        "turns": 5,
        "speakers": {"김철수": 3, "이영희": 1, "[팀] 박": 1},
        "from": "2024-12-09T00:05:00+09:00",
        "to": "2024-12-10T08:00:00+09:00",
        "skipped": [],
    }


def brought(store: Store, path: Path, given: Given = ME) -> Imported:
    return bring(store, path, given)


@pytest.mark.parametrize("text", [WINDOWS, ANDROID, IOS, IOS_EN, MAC])
def test_a_longer_export_under_another_name_adds_its_end_only(tmp_path: Path, text: str):
    """Also when the second time the owner says who they are."""
    lines = text.splitlines(keepends=True)
    with opened(tmp_path) as store:
        brought(store, write(tmp_path / "old.txt", "".join(lines[: len(lines) * 2 // 3])))
        old = {t.ref: t for t in store.turns("me")}
        brought(store, write(tmp_path / "new.txt", text), KIM if "김철수" in text else ME)
        brought(store, write(tmp_path / "again.txt", text))
        now = list(store.turns("me"))
        assert bring(None, tmp_path / "new.txt", ME).turns == len(now)
        assert {t.ref: t for t in now if t.ref in old} == old


def test_windows_in_cp949_and_a_file_of_two_encodings(tmp_path: Path):
    """Old exports are cp949; joined with a newer one each line says its own encoding."""
    old = WINDOWS.lstrip("\ufeff").encode("cp949")
    _, told = said(tmp_path, old)
    assert len(told) == 5
    _, told = said(tmp_path / "2", old + WINDOWS.encode().replace(b"2024", b"2023"))
    assert len(told) == 10
    made, told = said(tmp_path / "3", old + b"[x] [\xff\xff] \x80\n" + WINDOWS.encode())
    assert len(told) == 5
    assert [s.reason for s in made.skipped] == ["neither UTF-8 nor cp949 text"]


def test_a_session_is_a_day_in_a_room(tmp_path: Path):
    with opened(tmp_path) as store:
        brought(store, write(tmp_path / "a.txt", WINDOWS))
        sessions = {t.session for t in store.turns("me")}
        assert sessions == {"kakaotalk:친구들:2024-12-09", "kakaotalk:친구들:2024-12-10"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2025년 13월 10일 오전 10:09, 김 : 없는 달", "a date that is in no calendar"),
        ("2025년 1월 10일 오전 10:69, 김 : 없는 분", "a date that is in no calendar"),
        ("2025년 2월 29일 24:30, 김 : 없는 날", "a date that is in no calendar"),
    ],
)
def test_a_date_in_no_calendar_is_reported(tmp_path: Path, line: str, reason: str):
    """With its line; the words under it go to nobody else, the rest still comes in."""
    text = f"2025년 1월 1일 오전 9:00, 김 : 앞\n{line}\n이어서\n2025년 1월 2일 오전 9:00, 김 : 뒤\n"
    made, told = said(tmp_path, text)
    assert [(s.file, s.reason) for s in made.skipped] == [("a.txt:2", reason)]
    assert [text for *_, text in told] == ["앞", "뒤"]


def test_a_message_before_any_bar_is_reported(tmp_path: Path):
    text = "방 님과 카카오톡 대화\n저장한 날짜 : 2024-12-10 09:00:00\n[김] [오후 1:00] 언제\n"
    made, told = said(tmp_path, text)
    assert [s.reason for s in made.skipped] == ["a message with no date above it"]
    assert told == []


def test_a_speaker_called_echo_is_not_echo(tmp_path: Path):
    """Echo's own words are told by that name."""
    _, told = said(tmp_path, "2025년 1월 1일 오전 9:00, echo : 나야\n")
    assert told == [("01-01 09:00", "echo (chat)", "나야")]


@pytest.mark.parametrize(
    "text",
    [
        "사진", "사진 12장", "동영상", "이모티콘", "음성메시지", "<사진 읽지 않음>", "Photo",
        "3 photos", "파일: 보고서.pdf", "연락처: 홍길동", "보이스톡 해요", "보이스톡 3:21",
        "Emoticons", "삭제된 메시지입니다.", "This message was deleted.", "a1b2c3.jpg",
        "Voice Call",
    ],
)  # fmt: skip
def test_placeholders(text: str):
    assert is_media(text)


@pytest.mark.parametrize(
    "text",
    [
        "사진 보내줘",
        "사진첩",
        "동영상 봤어?",
        "파일",
        "Photo of me",
        "보이스톡 할래?",
        "이모티콘 샀어",
    ],
)
def test_words_that_only_begin_like_placeholders(text: str):
    assert not is_media(text)


def test_announcements():
    assert is_system("이영희님이 박민수님을 초대했습니다.")
    assert is_system("이영희님이 박민수님, 최씨님을 초대하였습니다.")
    assert is_system("John invited Jane.")
    assert not is_system("she left.")
    assert not is_system("she invited me.")
    assert not is_system("선생님이 숙제를 냈습니다.")
