"""The few small programs creation knows by heart, and how people ask for them."""

# ruff: noqa: E501 — tables of sentences are read more easily unwrapped

from __future__ import annotations

PROGRAMS = {
    "hello": 'print("Hello, world!")',
    "guess": (
        "import random\n\nsecret = random.randint(1, 100)\nwhile True:\n    guess = int(input(\"? \"))\n"
        "    if guess == secret:\n        print(\"Yes!\")\n        break\n"
        "    print(\"higher\" if guess < secret else \"lower\")"
    ),
    "timer": (
        "import time\n\nfor left in range(int(input(\"seconds? \")), 0, -1):\n    print(left)\n"
        "    time.sleep(1)\nprint(\"done\")"
    ),
    "todo": (
        "items = []\nwhile True:\n    item = input(\"to do: \")\n    if not item:\n        break\n"
        "    items.append(item)\nfor n, item in enumerate(items, 1):\n    print(n, item)"
    ),
    "dice": "import random\n\nprint(random.randint(1, 6))",
    "sum": "total = 0\nfor n in range(1, 101):\n    total += n\nprint(total)",
    "gugu": "for a in range(2, 10):\n    for b in range(1, 10):\n        print(a, \"x\", b, \"=\", a * b)",
    "fizz": (
        "for n in range(1, 101):\n    word = \"Fizz\" * (n % 3 == 0) + \"Buzz\" * (n % 5 == 0)\n    print(word or n)"
    ),
    "words": "text = input(\"text: \")\nprint(len(text.split()), \"words\")",
    "password": (
        "import secrets\nimport string\n\nletters = string.ascii_letters + string.digits\n"
        "print(\"\".join(secrets.choice(letters) for _ in range(12)))"
    ),
}  # fmt: skip
ASKS = {
    "ko": {
        "hello": "(헬로 월드|hello world|인사를 출력하는|화면에 인사하는)",
        "guess": "(숫자 맞히기|숫자 맞추기|업다운|숫자 알아맞히기)( 게임|)",
        "timer": "(타이머|초 세는|카운트다운)",
        "todo": "(할 일 목록|투두 리스트|할일 적는)",
        "dice": "(주사위|주사위 굴리는|주사위 던지기)",
        "sum": "(1부터 100까지 더하는|합계 구하는|백까지 합을 구하는)",
        "gugu": "(구구단|구구단 출력하는)",
        "fizz": "(피즈버즈|fizzbuzz)",
        "words": "(단어 세는|단어 수 세는|글자 세는)",
        "password": "(비밀번호 만드는|비밀번호 생성|무작위 비밀번호)",
    },
    "en": {
        "hello": "(hello world|a hello world program|something that prints hello)",
        "guess": "(a number guessing game|a guess the number game|a guessing game)",
        "timer": "(a timer|a countdown|a countdown timer)",
        "todo": "(a to-do list|a todo list program|a small todo app)",
        "dice": "(a dice roller|a dice program|something that rolls a die)",
        "sum": "(the sum of 1 to 100|a program that adds 1 to 100|a sum program)",
        "gugu": "(a multiplication table|times tables)",
        "fizz": "(fizzbuzz|fizz buzz)",
        "words": "(a word counter|something that counts words)",
        "password": "(a password generator|a random password maker)",
    },
}
FRAMES = {
    "ko": (
        "{x} (코드|프로그램|파이썬 코드) (짜줘|만들어줘|써줘|작성해줘|하나만 짜줘|부탁해)",
        "파이썬으로 {x} (거|코드|프로그램) (만들어줘|짜줘|써 줘)",
        "{x} (코드|프로그램) 어떻게 짜?",
    ),
    "en": (
        "(write|make|code|give me) {x}( in python|)",
        "can you (write|code|make) {x}( in python|)?",
        "python code for {x}( please|)",
        "write me {x}",
        "how do I code {x}?",
    ),
}
SAYS = {
    "ko": ("이렇게 해 봤어.", "여기 있어. 파이썬이야.", "짧게 써 봤어."),
    "en": ("Here it is, in Python.", "I wrote it short.", "Try this."),
}
