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
_HAD = {  # who is meant by these words when somebody has them; else they are a job or a dish
    word: name
    for name, words in {
        "boss": "boss manager supervisor 상사 사장 사장님 팀장 팀장님 부장 부장님",
        "colleague": "colleague coworker 동료 회사동료",
        "roommate": "roommate flatmate housemate 룸메 룸메이트",
        "teacher": "teacher 선생님 쌤 담임",
        "neighbour": "neighbour neighbor 이웃 옆집",
        "bird": "bird", "fish": "fish 물고기 열대어", "snake": "snake 뱀",
        "lizard": "lizard gecko 도마뱀 게코",
    }.items()
    for word in words.split()
}  # fmt: skip
_CALLED = _HAD | {  # who is asked about by these words; facts keep what was said
    word: name
    for name, words in {
        "fiance": "fiance fiancé fiancee fiancée 약혼자 예비신랑 예비신부",
        "nephew": "nephew", "niece": "niece 조카딸", "nephew or niece": "조카",
        "younger sibling": "동생 막내동생",
        "grandson": "grandson 손자", "granddaughter": "granddaughter 손녀",
        "mother-in-law": "mother_in_law 시어머니 장모님 장모",
        "father-in-law": "father_in_law 시아버지 장인어른 장인",
        "hedgehog": "hedgehog 고슴도치", "guinea pig": "기니피그", "ferret": "ferret 페럿",
    }.items()
    for word in words.split()
}  # fmt: skip
_WIDER = {  # what may be meant by a word of the other language, which asks for no age
    "older sister": {"sister"}, "younger sister": {"sister", "younger sibling"},
    "older brother": {"brother"}, "younger brother": {"brother", "younger sibling"},
    "younger sibling": {"sister", "brother"},
    "nephew or niece": {"nephew", "niece"},
    "fiance": {"boyfriend", "girlfriend"},
}  # fmt: skip
_MINE = ("my", "our", "우리", "내", "제", "울", "저희", "나의")
_JOINED = re.compile(r"\b(\w+)-in-law\b|\bex-(\w+)|\bstep-(\w+)")
AGED = re.compile(r"\b(older|big|elder|younger|little|baby) (sister|brother)")
_ONLY_ONE = frozenset(("me", "mother", "father", "husband", "wife", "boyfriend", "girlfriend"))


def entity(subject: str) -> str:
    """One name for one subject; what is in no list is called what it was called."""
    said = _OWNED.sub("", " ".join(subject.lower().split()))
    if said in (ME, "나", "저", "i"):
        return ME
    return _SAME.get(said.replace(" ", "_")) or _SAME.get(said) or said


def speaks_of(text: str, subject: str) -> bool:
    """Does a text name a subject by the word it was spoken of: grandparents, 큰딸?"""
    said = _OWNED.sub("", subject.lower())
    for word in re.findall(r"[a-zé]+|[가-힣]+", text.lower()):
        if word.startswith(said) if said[:1] >= "가" else word in (said, f"{said}s"):
            return True
    return False


def only_one(name: str) -> bool:
    """Is there but one of that name, so that a second name for it takes the first one's place?"""
    return name in _ONLY_ONE


def is_about(name: str, asked: str) -> bool:
    """Is an entity what was asked about? `sister` asks about an older sister too, and 누나 about a
    sister of whom no more was said.
    """
    name, asked = (_CALLED.get(one, one) for one in (name, asked))
    if name == asked or name.endswith(f" {asked}"):
        return True
    return asked in _WIDER.get(name, ()) or name in _WIDER.get(asked, ())


def named_in(text: str) -> list[str]:
    """The entities whose words stand in a text, in order, each once: a teacher or a fish only
    when somebody has them ("my teacher").
    """
    found: dict[str, None] = {}
    low = _JOINED.sub(lambda m: m[0].replace("-", "_"), AGED.sub(r"\1_\2", text.lower()))
    before = ""
    for word in re.findall(r"[a-zé_]+|[가-힣]+", low):
        name = _named(word, owned=before in _MINE)
        if name:
            found[name] = None
        before = word
    return list(found)


def _named(word: str, *, owned: bool) -> str:
    """Whom a word names, with whatever particles; "" for nobody."""
    korean = word[0] >= "가"
    for length in range(len(word), 0 if korean else len(word) - 1, -1):
        part = word[:length]
        name = _SAME.get(part) or (_CALLED.get(part) if owned or part not in _HAD else None)
        if name and (length > 1 or len(word) <= 2):
            return name
    return ""
