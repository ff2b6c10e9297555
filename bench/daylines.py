"""Day files to measure with: mixed Korean and English, deterministic by seed.

    python -m bench.daylines DIR --lines 10000 [--seed 1] [--days 30] [--part-lines 5000]

Writes DIR/dayYYYYMMDD/partN.txt. About one line in eight repeats an earlier sentence word for
word, as people do; the others are put together from people, places, things, feelings and
numbers, so that most are new and words come back with a long tail.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path


def _words(text: str, mark: str | None = None) -> tuple[str, ...]:
    return tuple(text.split(mark))


PEOPLE_KO = _words(
    "민수 지연 엄마 아빠 수진이 현우 할머니 팀장님 동생 예린 도윤 서준 하은 이모 선생님"
)
PEOPLE_EN = _words("Anna|Tom|my sister|Dad|the neighbour|Sam|Julia|my boss|Grandma|Leo|Mira", "|")
PLACES_KO = _words(
    "카페 회사 도서관 한강 시장 병원 학교 공원 부산 제주 지하철역 헬스장 바다 서점 옥상"
)
PLACES_EN = _words("cafe office library river market clinic school park Busan gym beach bookshop")
THINGS_KO = _words(
    "커피 김치찌개 책 영화 노래 자전거 고양이 우산 노트북 사진 편지 떡볶이 약 화분 운동화 일기"
    " 기타 발표 시험 보고서 월세 이사 면접 생일 선물 치과 강아지 산책 라면 여행"
)
THINGS_EN = _words(
    "coffee soup novel movie song bike cat umbrella laptop photo letter dumplings medicine plant"
    " shoes diary guitar talk exam report rent move interview birthday gift dentist dog walk trip"
)
FEEL_KO = _words(
    "기분이 좋았다|조금 우울했다|마음이 편해졌다|너무 피곤했다|괜히 화가 났다|설렜다|불안했다"
    "|웃음이 났다 ㅋㅋㅋ|눈물이 났다 ㅠㅠ|별생각이 없었다|고마웠다|외로웠다|뿌듯했다|긴장됐다",
    "|",
)
FEEL_EN = _words(
    "I felt happy|I was a bit down|it calmed me|I was so tired|I got angry for no reason"
    "|I was excited|I felt anxious|I laughed a lot|I cried a little|I did not think much of it"
    "|I was grateful|I felt lonely|I was proud|I was nervous",
    "|",
)
SHORT = _words(
    "ㅋㅋㅋ|응|오늘도 피곤하다|좋은 아침|good night|ok|밥 먹었다|비가 온다|so tired|고마워", "|"
)


def _korean(r: random.Random) -> str:
    who, where, what = r.choice(PEOPLE_KO), r.choice(PLACES_KO), r.choice(THINGS_KO)
    felt, some = r.choice(FEEL_KO), r.randrange(2, 400)
    return r.choice(
        (
            f"오늘 {where}에서 {who} 만났는데 {what} 얘기를 {some}분이나 했다. {felt}.",
            f"{who}한테 {what} 받았다. {felt}",
            f"{some % 12 + 1}시에 {where} 가는 길에 {what} 때문에 {felt}",
            f"내일은 {where}에서 {what} 준비해야 한다. {who}에게 {some}번 물어봤다",
            f"{what} 값이 {some}00원이라니. {who}도 놀랐다. {felt}.",
            f"{who}의 {what}, {r.choice(THINGS_KO)}, 그리고 {where}. {felt}",
        )
    )


def _english(r: random.Random) -> str:
    who, where, what = r.choice(PEOPLE_EN), r.choice(PLACES_EN), r.choice(THINGS_EN)
    felt, some = r.choice(FEEL_EN), r.randrange(2, 400)
    return r.choice(
        (
            f"Met {who} at the {where} and we talked about the {what} for {some} minutes, {felt}.",
            f"{who} gave me a {what}. {felt[0].upper()}{felt[1:]}.",
            f"On the way to the {where} at {some % 12 + 1}, {felt} because of the {what}.",
            f"Tomorrow I have to get the {what} ready at the {where}; asked {who} {some} times.",
            f"The {what} costs {some} dollars now. {who} could not believe it.",
        )
    )


def _mixed(r: random.Random) -> str:
    who, what, felt = r.choice(PEOPLE_KO), r.choice(THINGS_EN), r.choice(FEEL_EN)
    return f"{who}랑 {what} 얘기하다가 {felt}, {r.randrange(1, 500)}번째 {r.choice(THINGS_KO)}"


def lines(seed: int) -> Iterator[str]:
    """Lines without end; the same seed gives the same ones."""
    r = random.Random(seed)
    earlier: list[str] = []
    while True:
        roll = r.random()
        if roll < 0.05:
            line = r.choice(SHORT)
        elif roll < 0.12 and earlier:
            line = r.choice(earlier)
        else:
            make = r.choices((_korean, _english, _mixed), (6, 3, 1))[0]
            line = make(r)
            if len(earlier) < 5000:
                earlier.append(line)
            else:
                earlier[r.randrange(5000)] = line
        yield line


def write(folder: Path, count: int, *, seed: int, days: int, part_lines: int) -> int:
    """count lines over so many days; returns how many files."""
    rest = islice(lines(seed), count)
    per_day = -(-count // days)
    first = date(2024, 1, 1)
    files = 0
    for d in range(days):
        day = list(islice(rest, per_day))
        for part in range(0, len(day), part_lines):
            path = (
                folder
                / f"day{first + timedelta(days=d):%Y%m%d}"
                / f"part{part // part_lines + 1}.txt"
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(day[part : part + part_lines]) + "\n", encoding="utf-8")
            files += 1
    return files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("dir", type=Path)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--part-lines", type=int, default=5000)
    args = parser.parse_args()
    files = write(args.dir, args.lines, seed=args.seed, days=args.days, part_lines=args.part_lines)
    print(f"{args.lines} lines in {files} files under {args.dir}")


if __name__ == "__main__":
    main()
