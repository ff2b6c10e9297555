"""Korean words → facts. The forms are rules/korean.txt; here is what forms cannot say: whose fact
it is in a clause that names nobody, and which words are of a kind. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from echo.facts import clauses, hangul, kotimes
from echo.facts.form import MARKS, ME, Rule, bare, book, group, words_of
from echo.nouns import Fact

_TOKEN = re.compile(r"[가-힣A-Za-z0-9]+")
_LONGEST = 12  # syllables of the longest word of a kind
_AFTER = frozenset(  # how what stands behind such a word may begin: particles and endings
    "은는이가를을도의랑한에께네만로으야인임예입고였셔세님처부까하해된됐라래와과보마씩중다거지란조"
)
_ALONE = words_of(
    "|은|는|이|가|를|을|도|의|랑|이랑|한테|에게|만|네|이야|이고|인데|하고|과|와|이라|이셔|"
    "께서|이는|이가|으로|로|에|있어"
)
_DRUG = re.compile(  # how generic names end (WHO, the use of stems)
    r"[가-힣]+(?:사르탄|디핀|트립탄|그란|로이드|스타틴|포민|세틴|졸람|제팜|실린|마이신|프릴|"
    r"프라졸|록신|디파민|글립틴|글리플로진|설핀|티라민|옥세틴)"
)
_FILL = re.compile(
    r"(?<![^\s,.!?~])(?:진짜로?|정말로?|너무|엄청|완전|되게|좀|많이|아주|참|매우|무척|꽤|은근|"
    r"특히|원래|그냥|요즘|요새|지금은|지금|아직도?|"
    r"계속|사실은?|이제는?|이젠|막|드디어|역시|당연히|솔직히|약간|조금|살짝|벌써|올해|심하게|"
    r"오래|일단|아예|전혀|절대|다|혼자|같이|둘이|셋이|"
    r"훨씬|더|일부러|특별히|개인적으로|평소에|대체로|거의|어쩌다|나름|현재|새로|방금|아까|오늘|"
    r"작년에|올해는|작년부터|최근에|어릴 때부터|"
    r"어렸을 때부터|예전부터|전부터|\S+ 전부터|\S{1,4}년째|\S{1,3}년 전에|이번에|아침마다|"
    r"주말마다|밤마다) (?=\S)"
)
_STOPS = re.compile(r"\s*[,.!?~()…]+\s*")  # then \S+ is a word, and no form reaches across
_MENTION = re.compile(
    rf"(?<![^\s,.!?~(])(?P<our>(?:우리|내|제|울|저희)(?: ?집)? ?)?"
    rf"(?P<one>(?:(?:첫째|둘째|셋째|넷째|막내|큰|작은|친|사촌|쌍둥이)[{MARKS}]? )?[가-힣]+(?: "
    rf"[가-힣]+)?[{MARKS}])"
    r"(?P<name> [가-힣]{2,3}(?=(?:이?는|이?가|은) ))?"
    r"(?P<as>이는|이가|이도|는|은|이|가|도|께서는|께서|께선|네는|의|네|들은|들이|인데|"
    r"이고)?(?=[\s,]|$)"
)
_MYSELF = re.compile(
    r"(?<![^\s,.!?~(])(?:나|나는|난|나도|내가|저|저는|전|저도|제가|나만|저만|나 ?역시|"
    r"나는요)(?=[\s,]|$)"
)
_THAT_ONE = re.compile(
    r"(?<![^\s,.!?~(])(?:걔|얘|그 ?친구|그 ?애|걔네|그 ?녀석)(?:는|가|도|은|이)?(?=[\s,]|$)"
)
_STRANGER = re.compile(
    r"(?<![^\s,.!?~(])(?:쟤|그 ?사람|그분|그녀|누가|사람들|남들|애들|다들|"
    r"[가-힣]{1,6}(?:님|씨|선배|후배|과장|부장|팀장|사장|대리|교수|이웃|동료|손님|아저씨|아줌마|"
    r"주인|작가|가수|배우|감독|대통령|아이돌|"
    r"연예인|유튜버|기사|사수|옆집|누군가|동기))(?:는|은|이|가|도|께서)(?=[\s,]|$)"
)
_NAMED = re.compile(
    r"(?<![^\s,.!?~(])(?P<one>[가-힣]{1,3}이|[김이박최정강조윤장임한오서신권황안송홍]?"
    r"[지민서준현우영수진은혜윤하연재호성경정희미선주아유예채원빈훈석태승찬건율린소람솔혁욱환]{2}"
    r")는(?=\s)"
)
_BEING = re.compile(r"(?<![^\s,.!?~(])(?P<one>[가-힣]{2,4}?)(?:이는|이가|는|가)(?=\s)")
_NO_BEING = words_of(
    "아이|어린이|나이|사이|회사|지수|정도|예정|원래|하루|주소|수영|우유|경주|진주|여기|거기|"
    "이거|그거|우리|내년|올해|아까|오늘|내일|지금|이제|사실|본가|친구|사람|얘|걔|누구|애|"
    "저희|자기|벌써|때|작년|다음|남자|여자"
)
_COMPANY = re.compile(rf"[가-힣]+[{MARKS}]? ?[가-힣]*(?:이랑|랑|하고|과|와|한테|를|을) ")
_ASKED_MYSELF = re.compile(
    r"(좋아하는 [가-힣]+)\? (?:음+ |아 |어 |글쎄 )?([가-힣A-Za-z]+)(?=[.,!\s]|$)"
)
_BECAUSE = re.compile(
    r"(?:있|좋|아프|많|높|나|생|걸)\S*서 .*(?:못|안) ?(?:먹|드|마)|때문에 .*(?:못|안) ?(?:먹|드|마)"
)
_LONG = 12  # words
_FELT = ("likes", "dislikes")
_FEELS = re.compile(  # somebody likes: 이 and 가 stand behind who does, 을 and 를 behind what
    r"(?:.*\s)?(?!고양이|떡볶이|오이|놀이|먹이|구이|볶이)[가-힣]{2,}(?:이가|이|가)(?: \S+)?? "
    r"(?:좋아[하해함한]|싫어[하해함])"
)
_OURS = re.compile(r"(?<!\S)(?:내|제|우리|나의)(?=\s)")
_THEIRS = re.compile(r"[가-힣]{2,}(?:이|의|님|네)? 생[일신]")
_OWN = ("family", "friend", "partner")  # always the speaker's, whoever stands before
_BORN = ("첫째", "둘째", "셋째", "넷째", "막내", "큰", "작은", "친", "사촌", "쌍둥이")
_UNKNOWN = "?"
_CARRIED = ("age", "name", "birthday")  # may be told of whom the clause before was about


def mark(text: str) -> str:
    """The text with a mark behind every word of a kind that rules ask for."""
    words = book("korean").words
    made: list[str] = []
    done = 0
    for token in _TOKEN.finditer(text):
        start = token.start()
        if start < done:
            continue
        for length in range(min(_LONGEST, len(text) - start), 0, -1):
            end = start + length
            kind = words.get(text[start:end])
            if kind and _ends(text, start, end):
                made += (text[done:end], kind)
                done = end
                break
        else:
            if drug := _DRUG.match(token[0]):
                done_at = start + drug.end()
                made += (text[done:done_at], book("korean").marks["DRUG"])
                done = done_at
    return "".join((*made, text[done:]))


def _ends(text: str, start: int, end: int) -> bool:
    """Does a word end here, so that what follows is a particle, an ending or nothing?"""
    token = _TOKEN.match(text, end)
    rest = token[0] if token else ""
    return rest in _ALONE if end - start == 1 else not rest or rest[0] in _AFTER


@dataclass
class _Said:
    """Whom one turn has spoken of: the last one, and those who were given a name in it."""

    last: str = ""
    names: set[str] = field(default_factory=set)


def find(text: str) -> Iterator[Fact]:
    """The facts that a Korean turn tells, in the order of its clauses."""
    text = _ASKED_MYSELF.sub(r"\1는 \2", clauses.plain(text))
    said = _Said()
    for plain, unreal in clauses.korean(text):
        changed = clauses.changed(plain, "ko")
        short = _STOPS.sub("\n", _FILL.sub("", _FILL.sub("", plain)))
        clause = kotimes.mark(mark(short))
        for rule in book("korean").near(clause):
            if unreal and "sure" not in rule.flags:
                continue
            for match in rule.pattern.finditer(clause):
                for fact in _facts(rule, clause, match, said):
                    if fact.relation in ("name", "friend"):
                        said.names.add(fact.value)
                        said.last = fact.value if fact.relation == "friend" else said.last
                    yield replace(fact, instead=True) if changed else fact
        said.last = _spoken_of(clause) or said.last


def _facts(rule: Rule, clause: str, match: re.Match[str], said: _Said) -> Iterator[Fact]:
    told = group(match, "v")
    led = "lead" in rule.flags
    whose = group(match, "who")
    if "mention" in rule.flags:
        whose = _spoken_of(clause[: match.start()]) or said.last
    elif not whose:
        before = clause[: match.start("v")] + (told.rpartition(" ")[0] + " " if led else "")
        whose = _whose(before, rule.relation, said)
    if not whose or (whose == ME and _of_another(rule, clause, match)):
        return
    values = hangul.split(told) if "each" in rule.flags else [told]
    if other := group(match, "w"):
        values.append(other)
    if rule.relation == "dislikes" and _BECAUSE.search(clause[: match.end()]):
        return  # what one may not eat
    for value in values:
        kept = hangul.trim(rule.relation, value, led=led)
        if kept and kept != _one(whose):
            denied = "no" in rule.flags or bool(group(match, "no"))
            yield Fact(
                _one(whose), rule.relation, kept, denied, group(match, "when"), rule.confidence
            )


def _of_another(rule: Rule, clause: str, match: re.Match[str]) -> bool:
    """Do words that name nobody in particular say that it is somebody else's?"""
    before = clause[: match.start("v")]
    mine = _MYSELF.search(before) or _OURS.search(clause)
    if "lead" in rule.flags:
        said = group(match, "v")
        if not _MYSELF.search(before + said) and len(clause.split()) > _LONG:
            return True  # who talks long without a word of themselves talks of something else
        return rule.relation in _FELT and _FEELS.match(match[0]) is not None
    if rule.relation == "age":
        return not mine and (len(clause.split()) > 4 or "개월" in match["v"])
    if rule.relation == "birthday":
        return not mine and bool(_THEIRS.search(clause[: match.end()]))
    if rule.relation == "partner":
        return not mine and bool(_BEING.search(before))
    return False


def _spoken_of(words: str) -> str:
    """The last kin, friend or pet that is named in these words."""
    kinds = _beings()
    found = [m for m in _MENTION.finditer(words) if m["one"][-1] in kinds]
    return _one(found[-1]["one"]) if found else ""


def _one(words: str) -> str:
    """Kin or pet as said, without a word before it that is no part of it (하시고 아빠)."""
    said = bare(words)
    first, blank, last = said.partition(" ")
    whole = not blank or said in book("korean").words or first in _BORN
    return said if whole else last


def _beings() -> frozenset[str]:
    marks = book("korean").marks
    return frozenset(marks[kind] for kind in ("KIN", "SWEET", "PET"))


def _whose(before: str, relation: str, said: _Said) -> str:
    """Whose fact it is, from the words before its value; "" when it is a stranger's."""
    if relation in _OWN:
        return ME
    whose, place = "", -1
    for match in _MYSELF.finditer(before):
        whose, place = ME, match.end()
    for match in _THAT_ONE.finditer(before):
        if match.end() > place:
            whose, place = said.last or _UNKNOWN, match.end()
    for one, end in _subjects(before, relation, said):
        if end > place:
            whose, place = one, end
    stranger = max((m.end() for m in _STRANGER.finditer(before)), default=-1)
    if stranger > place or whose == _UNKNOWN:
        return ""
    if not whose and relation in _CARRIED and said.last:
        return said.last
    return whose or ME


def _subjects(before: str, relation: str, said: _Said) -> Iterator[tuple[str, int]]:
    """Those who are the subject of what follows, with where they were named."""
    kinds = _beings()
    for match in _MENTION.finditer(before):
        particle = match["as"] or ""
        first = not before[: match.start()].strip(" ,") and not _COMPANY.match(before)
        named = bool(match["our"]) or particle not in ("", "의") or first
        if match["one"][-1] in kinds and named and particle != "의":
            if relation in ("plan", "appointment") and _then_me(before[match.end() :]):
                continue
            yield _one(match["one"]), match.end()
    for pattern in (_NAMED, *((_BEING,) if relation == "age" else ())):
        for match in pattern.finditer(before):
            if match["one"] not in _NO_BEING:
                yield match["one"], match.end()
    for match in re.finditer(r"(?<![^\s,.])([가-힣]{2,4})(?:이가|이는|가|는|은|이)(?=\s)", before):
        if match[1] in said.names:
            yield match[1], match.end()


def _then_me(between: str) -> bool:
    """Another clause came between somebody and a plan: then it is the speaker's."""
    return any(word.endswith(("서", "데", "니까", "고")) for word in between.split())
