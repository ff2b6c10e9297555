"""Whom a fact is about, whatever they were called: mum, my mother and 어머니 are one. Pure."""

from __future__ import annotations

import re

ME = "me"
_OWNED = re.compile(r"^(?:my|our|우리 ?집?|내|제|울|저희)\s+")
_SAME = {
    word: name
    for name, words in {
        "mother": "mom mum mam mama mommy mummy mother 엄마 어머니 어머님",
        "father": "dad daddy papa father 아빠 아버지 아버님",
        "parents": "parents 부모님",
        "grandmother": "grandma grandmother granny nana nan gran 할머니 친할머니",
        "grandfather": "grandpa grandfather granddad grandad 할아버지 친할아버지",
        "husband": "husband hubby 남편 신랑",
        "wife": "wife 아내 와이프 집사람",
        "boyfriend": "boyfriend bf 남친 남자친구 남자_친구",
        "girlfriend": "girlfriend gf 여친 여자친구 여자_친구",
        "sister": "sister sis 자매 여자형제",
        "older sister":
            "언니 누나 큰언니 큰누나 친언니 친누나 older_sister big_sister elder_sister",
        "brother": "brother bro 형제 남자형제",
        "older brother": "오빠 형 큰오빠 큰형 친오빠 친형 older_brother big_brother elder_brother",
        "younger sister": "여동생 younger_sister little_sister baby_sister",
        "younger brother": "남동생 younger_brother little_brother baby_brother",
        "son": "son 아들", "daughter": "daughter 딸", "aunt": "aunt auntie 이모 고모",
        "uncle": "uncle 삼촌 외삼촌", "cousin": "cousin 사촌", "friend": "friend 친구",
        "cat": "cat kitty kitten 고양이 냥이 반려묘",
        "dog": "dog puppy pup 강아지 개 멍멍이 댕댕이 반려견",
        "hamster": "hamster 햄스터", "rabbit": "rabbit bunny 토끼", "parrot": "parrot 앵무새",
        "turtle": "turtle tortoise 거북이", "goldfish": "goldfish 금붕어",
    }.items()
    for word in words.split()
}  # fmt: skip
_ONLY_ONE = frozenset(("me", "mother", "father", "husband", "wife", "boyfriend", "girlfriend"))


def entity(subject: str) -> str:
    """One name for one subject; what is in no list is called what it was called."""
    said = _OWNED.sub("", " ".join(subject.lower().split()))
    if said in (ME, "나", "저", "i"):
        return ME
    return _SAME.get(said.replace(" ", "_")) or _SAME.get(said) or said


def only_one(name: str) -> bool:
    """Is there but one of that name, so that a second name for it takes the first one's place?"""
    return name in _ONLY_ONE


def is_about(name: str, asked: str) -> bool:
    """Is an entity what was asked about? `sister` asks about an older sister too."""
    return name == asked or name.endswith(f" {asked}")


def named_in(text: str) -> list[str]:
    """The entities whose words stand in a text, in order, each once."""
    found: dict[str, None] = {}
    for word in re.findall(r"[a-z]+|[가-힣]+", text.lower()):
        for length in range(len(word), 0, -1):
            name = _SAME.get(word[:length]) if word[0] >= "가" or length == len(word) else None
            if name and (length > 1 or len(word) <= 2):
                found[name] = None
                break
    return list(found)
