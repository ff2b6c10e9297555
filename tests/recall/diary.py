"""A small diary and what is asked of it; written before recall was tried on it.

(days before NOW, speaker, text, ref) and (question, ref that must be among the first three).
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from echo.nouns import ECHO

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=ZoneInfo("Asia/Seoul"))

LINES: tuple[tuple[int, str, str, str], ...] = (
    (400, "me", "고양이를 데려왔다. 이름은 모푸라고 지었다.", "cat"),
    (400, ECHO, "모푸, 예쁜 이름이네요.", "cat-reply"),
    (330, "me", "한강에서 자전거를 타다가 넘어졌다.", "bike"),
    (300, "me", "동생이 부산으로 이사 갔다.", "move"),
    (263, "me", "벚꽃 보러 진해에 다녀왔다.", "blossom"),
    (240, "me", "My sister Anna got a job at the library.", "anna"),
    (200, "me", "치과에서 사랑니를 뽑았다.", "tooth"),
    (180, "me", "회사 그만두고 싶다는 생각을 했다.", "quit"),
    (150, "me", "We watched the meteor shower from the roof.", "meteor"),
    (120, "me", "할머니 제사라서 대구에 내려갔다.", "grandma"),
    (90, "me", "꿈에 할아버지가 나왔다.", "dream"),
    (60, "me", "I started learning the cello in September.", "cello"),
    (40, "me", "매운 떡볶이를 먹고 배가 아팠다.", "spicy"),
    (30, "me", "집에 곰팡이가 생겨서 벽지를 새로 발랐다.", "mould"),
    (20, "me", "I am allergic to walnuts, found out the hard way.", "walnut"),
    (10, "me", "민수랑 다퉜는데 아직 화해 못 했다.", "fight"),
    (7, "me", "친구 결혼식에서 축가를 불렀다.", "wedding"),
    (2, "me", "운전면허 시험에 떨어졌다.", "licence"),
    (1, "me", "감기 기운이 있어서 종일 누워 있었다.", "cold"),
    (1, "me", "내 고양이 이름 기억나?", "asked"),
    (0, "me", "오늘은 도서관에서 책을 세 권 빌렸다.", "books"),
)

ASKED: tuple[tuple[str, str], ...] = (
    ("내 고양이 이름 기억나?", "cat"),
    ("고양이의 이름이 뭐였지", "cat"),
    ("자전거 타다 다친 게 언제였지?", "bike"),
    ("동생은 어디로 이사했어?", "move"),
    ("작년에 자전거", "bike"),
    ("지난 봄에 어디 갔었지?", "blossom"),
    ("where does Anna work?", "anna"),
    ("What job did my sister get?", "anna"),
    ("사랑니 언제 뽑았더라", "tooth"),
    ("meteor showers", "meteor"),
    ("what instrument am I learning?", "cello"),
    ("제사는 어디서 지냈어", "grandma"),
    ("꿈", "dream"),
    ("집에 생긴 문제", "mould"),
    ("떡볶이먹고 어땠지", "spicy"),
    ("am I allergic to anything?", "walnut"),
    ("민수와 무슨 일이 있었지?", "fight"),
    ("지난주에 누구 결혼식이었지", "wedding"),
    ("그저께 무슨 시험 봤지?", "licence"),
    ("어제 뭐 했지?", "cold"),
    ("yesterday", "cold"),
    ("운전 면허", "licence"),
    ("도서관에서빌린 책", "books"),
)

NEVER_TOLD: tuple[str, ...] = (
    "내 강아지 이름이 뭐야?",
    "지난 여름 제주도 여행 숙소 이름이 뭐였지?",
    "What is the name of my piano teacher?",
    "아버지 생신이 언제지?",
    "Which university did Thomas graduate from?",
    "내 자동차 번호 기억해?",
)
