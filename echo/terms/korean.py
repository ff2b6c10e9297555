"""A Korean run of syllables by the stems it may stand for. Pure; no dictionary, no tagger.

Both sides of the index use the same function, so a stem need not be what a grammar would write,
only the same for every form of a word: 춥다, 추웠어, 추운 → 추우; 들었다, 듣는 → 드.
Endings are taken off by their letters (NFD), the longest first, then contracted vowels are undone
and the finals that irregular verbs lose (ㄷ ㄹ ㅅ ㅎ, and ㅂ to 우) are dropped. Two words that
fall together cost a little precision; a form that is not found costs the memory.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from echo.text import AFTER_CLOSED, AFTER_OPEN, WHOLE


def _words(text: str) -> tuple[str, ...]:
    """The words of a list, the longest first."""
    return tuple(sorted(text.split(), key=lambda word: (-len(word), word)))


_FIRST = 0xAC00
_FINALS = {"ㄴ": "\u11ab", "ㄹ": "\u11af", "ㅁ": "\u11b7", "ㅂ": "\u11b8"}

# after a stem, or after the past tense; ㄴ ㄹ ㅁ ㅂ at the front stand below the last syllable
_ENDINGS = _words(
    "다 는다 ㄴ다 ㄴ다고 는다고 ㄴ다며 는다며 ㄴ다는 는다는 ㄴ대 는대 ㄴ다던 ㄴ다면 는다면"
    " 고 고서 고는 고도 아서 어서 여서 서 아도 어도 도 아야 어야 야 지 지만 지는"
    " 지도 지를 지요 죠 면 으면 면서 으면서 며 으며 니까 으니까 니 으니 려고 으려고 려는 으려는"
    " 려던 으려던 러 으러 는데 은데 ㄴ데 던데 던 더라 더라고 더니 더라도 는 은 ㄴ ㄹ 을 ㄹ까"
    " 을까 ㄹ게 을게 ㄹ래 을래 ㄹ지 을지 는지 은지 ㄴ지 던지 기 기가 기는 기로 기도 기를 기에 길"
    " 음 음을 음이 ㅁ 게 게끔 도록 자 자고 자마자 네 네요 나 나요 냐 냐고 거나 거든 거든요"
    " 습니다 ㅂ니다 습니까 ㅂ니까 아요 어요 여요 요 세요 으세요 다가 다고 다는 다며 다면 다니"
    " 구나 는구나 군 길래 라고 라는 으라고 잖아 잖아요 을걸 ㄹ걸 는걸 ㄴ걸 은걸 는거 는게 는건"
    " ㄴ게 은게 ㄴ거 은거 ㄹ게요 을게요 ㄹ때 을때 ㄴ적 은적 는중 려면 으려면 랬 으랬 자며 자는"
    " 고나서 아 어 여 았 었 였"
)
_SUFFIXES = ("당하", "시키", "스럽", "스러", "하", "되", "돼")  # of nouns: 이사하다 → 이사


def _letters(ending: str) -> str:
    final = _FINALS.get(ending[0])
    return unicodedata.normalize("NFD", ending[1:] if final else ending).join((final or "", ""))


_BY_LENGTH = tuple(sorted({_letters(e) for e in _ENDINGS}, key=lambda e: (-len(e), e)))
_TAKEN_OFF = re.compile(f"(?:{'|'.join(_BY_LENGTH)})$")
_OPENED = {"ㅘ": "ㅗ", "ㅝ": "ㅜ", "ㅕ": "ㅣ", "ㅙ": "ㅚ", "ㅓ": "ㅡ"}  # 와 → 오, 써 → 쓰
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_LOST = (7, 8, 19, 27)  # finals ㄷ ㄹ ㅅ ㅎ
_RIEUL, _BIEUP = 8, 17
_NEVER_VERBS = ("를", "에서", "에게", "한테", "으로", "까지", "부터", "처럼", "마다", "밖에", "과")
_PARTICLES = _words(
    "이었더라 이라고는 이라고 이라는 이라서 이랑은 이었지 이었어 이었는데 이었다 이었고 이었던"
    " 이었나 이었니 이에요 이랑 이나마 이나 이면 이고 이며 이지만 이든 인데 인지 인가 이란 이라"
    " 이야 에서는 에서도 에서의 에서만 에서부터 에게서 에게는 에게도 한테서 한테는 한테도 께서는"
    " 으로는 으로도 으로만 으로부터 하고는 하고도 하고만 였더라 였는데 였다 였고 였던 였나 였니"
    " 였지 였어 예요 입니다 에서 에게 한테 께서 부터 까지 처럼 보다 마다 밖에 조차 으로 로는"
    " 로도 로부터 라고 라는 라서 라도 랑은 랑도 하고 에는 에도 에만 엔 과는 와는 과도 와도 만큼"
    " 만은 만이 만을 까지도 까지는 부터는 께 랑 란 과 와 은 는 이 가 을 를 의 에 도 만 로 씨는"
    " 씨가 씨"
)
_AFTER_CLOSED = AFTER_CLOSED | {"으로", "이랑", "이나", "이고"}
_AFTER_OPEN = AFTER_OPEN | {"랑", "로", "란"}
_WHOLE = (*WHOLE, "벌이", "구이")
_PLURAL, _HONOUR = "들", "님"
_EU = "ㅍㅃ"  # 아파 → 아프, 바빠 → 바쁘


@lru_cache(1 << 15)  # a pure function of a word; people say the same words again and again
def stems(run: str) -> tuple[str, ...]:
    """The stems of a run of Hangul syllables, at least one: as a noun, and as a verb if it may be.

    고양이는 → 고양이; 먹었지 → 먹; 이사했다 → 이사; 차를 → 차; 춥고 → 추우; 친구들과 → 친구.
    """
    verb = "" if run.endswith(_NEVER_VERBS) else _verb(run)
    alone = run[0] if len(run) == 2 and _particle_of_one(run) else ""
    return tuple(dict.fromkeys(filter(None, (_noun(run), alone, verb))))


def _noun(run: str) -> str:
    """Without its particles: 고양이에게도 → 고양이에게 → 고양이."""
    if len(run) == 2:  # a particle, or the end of the word (회의)? Both are kept
        return run
    noun = _bare(run)
    if noun != run:
        noun = _bare(noun)
    for ending in (_PLURAL, _HONOUR):
        if len(noun) > 2:
            noun = noun.removesuffix(ending)
    return noun


def _bare(word: str) -> str:
    if word.endswith(_WHOLE):
        return word
    for particle in _PARTICLES:
        stem = word.removesuffix(particle)
        if stem == word or len(stem) < (2 if len(particle) == 1 else 1):
            continue
        if particle[0] == "이" and (stem + "이").endswith(_WHOLE):  # 고양이랑
            return stem + "이"
        final = (ord(stem[-1]) - _FIRST) % 28
        if particle == "로" and final == _RIEUL:  # 서울로
            return stem
        if particle not in (_AFTER_OPEN if final else _AFTER_CLOSED):
            return stem
    return word


def _particle_of_one(run: str) -> bool:
    """A noun of one syllable with its particle: 집에, 꿈을, 차를."""
    closed = (ord(run[0]) - _FIRST) % 28 > 0
    return run[1] in ("에도의" + ("은을과" if closed else "는를와"))


def _verb(run: str) -> str:
    """The stem of a run read as a verb or adjective; "" when nothing tells that it is one."""
    rest = unicodedata.normalize("NFC", _TAKEN_OFF.sub("", unicodedata.normalize("NFD", run), 1))
    if not rest or not all("가" <= letter <= "힣" for letter in rest):
        rest = run
    past = _past(rest)
    if past == run and not _contracted(run):
        return ""
    return _plain(past)


def _past(rest: str) -> str:
    """Without the past tense: 먹었 → 먹, 갔 → 가. A tense of its own (갔었) comes off as well."""
    for _ in range(2):
        initial, vowel, final = _parts(rest[-1])
        if _INITIALS[initial] == "ㅇ" and _VOWELS[vowel] in "ㅏㅓㅕ" and len(rest) > 1 and (
            final == 20 or final == 0
        ):  # fmt: skip
            rest = rest[:-1]
        elif final == 20:
            return rest[:-1] + _syllable(initial, vowel, 0)
        else:
            return rest
    return rest


def _contracted(run: str) -> bool:
    """Does it end as a verb does that took in its ending: 해, 가, 봐, 마셔?"""
    _, vowel, final = _parts(run[-1])
    return (final == 0 and _VOWELS[vowel] in "ㅘㅝㅕㅙ") or run[-1] == "해"


def _plain(stem: str) -> str:
    """One form for all that a stem may look like."""
    stem = _opened(stem)
    for suffix in _SUFFIXES:
        if stem.endswith(suffix) and len(stem) - len(suffix) >= 2:
            return stem.removesuffix(suffix)
    initial, vowel, final = _parts(stem[-1])
    if final == _BIEUP:  # 춥 → 추우, as in 추운
        return stem[:-1] + _syllable(initial, vowel, 0) + "우"
    if final in _LOST:
        return stem[:-1] + _syllable(initial, vowel, 0)
    return stem[:-1] + "우" if stem in ("도오", "고오") else stem  # 도와 → 도우, as in 도운


def _opened(stem: str) -> str:
    """The vowel under a contraction: 봐 → 보, 걸려 → 걸리, 몰라 → 모르, 아파 → 아프."""
    initial, vowel, final = _parts(stem[-1])
    if final:
        return stem
    if stem[-1] == "해":
        return stem[:-1] + "하"
    before = _parts(stem[-2]) if len(stem) > 1 else (0, 0, 0)
    if stem[-1] in "라러" and before[2] == 8:
        return stem[:-2] + _syllable(before[0], before[1], 0) + "르"
    if _VOWELS[vowel] == "ㅏ" and len(stem) > 1 and _INITIALS[initial] in _EU:
        return stem[:-1] + _syllable(initial, _VOWELS.index("ㅡ"), 0)
    open_ = _OPENED.get(_VOWELS[vowel], _VOWELS[vowel])
    return stem[:-1] + _syllable(initial, _VOWELS.index(open_), 0)


def _parts(syllable: str) -> tuple[int, int, int]:
    code = ord(syllable) - _FIRST
    return code // 588, code % 588 // 28, code % 28


def _syllable(initial: int, vowel: int, final: int) -> str:
    return chr(_FIRST + initial * 588 + vowel * 28 + final)
