"""Which facts a question asks for: by its relation, and by whom it is about. Pure.

Knows the facts it is given, not where they are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from echo.facts.entities import AGED, ME, entity, is_about, named_in, speaks_of
from echo.nouns import Known, Turn
from echo.text import bare, is_stop
from echo.text import key as text_key

_RELATIONS: Mapping[str, tuple[str, ...]] = {  # relations, the likeliest first → what asks for them
    "name friend partner pet": (
        r"\bname[ds]?\b|\bcalled\b|\bwho(?:'s| is) my\b",
        "이름|뭐라고 불러|성함",
    ),
    "birthday": (r"\bbirthday\b|\bbday\b|\bborn\b", "생일|생신|태어난 날"),
    "age": (r"\bhow old\b|\bmy age\b", "몇 ?살|나이|연세"),
    "home": (
        (
            r"\bwhere\b.*\b(?:live|lives|living|stay)\b|\bmy (?:home|address)\b|\bcity\b"
            r"|\blives?(?: in)?\W*$"
        ),
        (
            "어디(?:에|에서)? ?(?:살|사)|사는 (?:곳|데|동네)|집이 어디|동네|"
            "어느 ?(?:도시|동네|나라)(?:에|에서)? ?(?:살|사)"
        ),
    ),
    "origin": (r"\bfrom\b|\bhometown\b|\bgr[eo]w up\b", "고향|출신|태어난 곳|어디 ?사람"),
    "workplace work": (
        (
            r"\bworks?\b|\bjob\b|\boffice\b|\bemployer\b|\bcompany\b|\bfor a living\b"
            r"|\boccupation\b"
            r"|\bwhat (?:do i|does (?:my|our) [\w-]+(?: [\w-]+)?) do\W*$"
        ),
        (
            "직장|회사|직업|어디 ?(?:다|에 다)|어디(?:서|에서)? ?일[하한]|"
            "무슨 ?일|뭐 ?하는 (?:사람|분|애)|하는 일"
        ),
    ),
    "school": (
        r"\bschool\b|\buniversity\b|\bcollege\b|\bmajor(?:ing)?\b|\bstud(?:y|ies|ying)\b",
        "학교|전공|대학|몇 ?학년",
    ),
    "favourite likes": (
        r"\bfavou?rite\b|\bhobb(?:y|ies)\b|\b(?:do|does) (?:i|my \w+|s?he) (?:like|love|enjoy)\b",
        "좋아[하한할했]|최애|취미",
    ),
    "dislikes allergy": (
        r"\bhate\b|\bdislike\b|\bdon't (?:i|like)\b|\bcan't stand\b",
        "싫어[하한할했]|못 ?먹|안 ?먹",
    ),
    "allergy": (r"\ballerg\w+", "알레르기|알러지"),
    "health": (
        r"\billness\b|\bdisease\b|\bcondition\b|\bdiagnos\w+|\bhealth\b",
        "어디(?:가)? 아프|지병|병명|건강",
    ),
    "medicine": (
        r"\bmedicine\b|\bmedication\b|\bmeds\b|\bpills?\b|\bdrugs?\b",
        "(?<![가-힣])약(?:을|이|은)?(?![가-힣])|복용",
    ),
    "language": (r"\blanguages?\b|\bspeak\b", "언어|외국어|어느 나라 말"),
    "pet name": (r"\bpets?\b|\banimals?\b", "반려|애완|키우는|키워"),
    "family": (
        r"\bsiblings?\b|\bbrothers? (?:and|or) sisters?\b|\bfamily\b|\bchildren\b|\bkids\b",
        "가족|형제|자매|남매|외동|몇 ?남",
    ),
    "friend": (r"\bfriends?\b", "친구|절친|베프"),
    "partner": (
        r"\bdating\b|\bseeing\b|\bmarried to\b|\bgirlfriend\b|\bboyfriend\b",
        "사귀|남친|여친|남자친구|여자친구|애인",
    ),
    "owns": (
        r"\bcar\b|\bown\b|\bdrive\b|\binstrument\b",
        "무슨 ?차|차종|내 차(?![가-힣])|갖고 있|가지고 있",
    ),
    "appointment plan": (
        (
            r"\bappointments?\b|\bwhen\b|\bwh(?:at|ich) day\b|\bplans?\b|\bscheduled?\b|"
            r"\bgoing to do\b"
        ),
        "예약|약속|일정|계획|언제|며칠|무슨 ?요일|면접|시험",
    ),
}
_ASKS = re.compile(
    r"\?|\b(?:what|who|whose|where|when|which|how|do you (?:remember|know)|remember|did i|do i|"
    r"does|is|am i|are|tell me)\b"
    r"|뭐|무슨|무엇|누구|어디|언제|어느|몇|어떤|기억|알아|알지|뭔지|뭐였|더라|였지|했지|말해|알려",
    re.IGNORECASE,
)
_STARTS_ASKING = re.compile(
    r"^\W*(?:what|who|whose|where|when|which|how|do|did|does|is|am|are|can|could|tell me|"
    r"remember|you remember)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"(?:이야|야|이에요|예요|입니다|라고 해|이고|거든)[.!~]*$|(?:좋아해|싫어해|살아|다녀|키워|"
    r"있어)[.!~]*$"
)
_MINE = re.compile(
    r"\b(?:my|i|me|mine|our|we)\b|(?<![가-힣])(?:내|나|난|나는|제|저|우리|내가|제가)(?![가-힣]{2})",
    re.IGNORECASE,
)
_ASKING = re.compile(  # words that only ask, join, or call somebody
    r"\b(?:what|who|whose|where|when|which|how|is|are|was|were|am|do|does|did|the|an?|of|to|in|"
    r"at|on|for|"
    r"i|my|me|mine|our|we|you|your|remember|know|tell|again|please|echo|hey|so|and|it|that|this|"
    r"there|"
    r"'?s|'?m|have|has|had|can|could|will|would|be|been|any|now|currently|old|go|going|get|got|"
    r"called|whats|whos|wheres|whens|hows|originally|best|most|really|exactly|again|ever)\b"
    r"|(?<![가-힣])(?:나|난|내|제|저|우리|울|너|에코야?|혹시|근데|그|좀|또|지금|요즘|원래|제일|"
    r"가장|내가|제가|나는|저는)(?:는|가|도|의|한테)?"
    r"(?![가-힣])|(?<![가-힣])(?:뭐|뭔|뭘|무슨|무엇|누구|누가|어디|언제|어느|몇|어떤|어떻게|며칠|"
    r"얼마)[가-힣]*"
    r"|(?<![가-힣])(?:기억|알아|알지|알고|말해|알려|가르쳐|있|됐|되)[가-힣]{0,5}(?![가-힣])"
    r"|(?<![가-힣])(?:이라|라|다고|이랬|랬|이었|다녀|다니|친한|하셔|하시|사셔|사시|계시|계셔)[가-힣]{0,4}(?![가-힣])"
    r"|(?<![가-힣])(?:가|갔|간|갈|가는|살|사|사는)(?:아|지|어|니|냐|더라|는지|았지|았어|"
    r"기로)?(?![가-힣])"
    r"|(?<![가-힣])(?:거|것|게|날|때|하는|했던|이야|였|였지|지|야|더라|예요|"
    r"인지)[가-힣]{0,3}(?![가-힣])",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z][a-z'-]+|[가-힣]{2,}|\d+")
_OTHERS = re.compile(r"\b(?:his|her|their|your)\b|\b(?-i:[A-Z])\w+'s\b", re.IGNORECASE)
MOST = 4  # facts one question brings; who asks for all of them has /facts
_PATTERNS = tuple(
    (tuple(names.split()), re.compile("|".join(forms), re.IGNORECASE))
    for names, forms in _RELATIONS.items()
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for. relations: the likeliest first; about: entities named in it; mine: the
    asker says that it is about them or theirs.
    """

    text: str
    relations: tuple[str, ...]
    about: tuple[str, ...]
    mine: bool


def read(text: str) -> Question | None:
    """What a question asks of facts; None for words that ask for none."""
    if len(text) > 300 or not _asks(text):
        return None
    found: dict[str, None] = {}
    for names, pattern in _PATTERNS:
        if pattern.search(text):
            found.update(dict.fromkeys(names))
    mine = bool(_MINE.search(text))
    about = () if _OTHERS.search(text) and not mine else tuple(named_in(text))
    return Question(text, tuple(found), about, mine) if found else None


def _asks(text: str) -> bool:
    """A question, or the few words one types to be told."""
    said = text.strip()
    if said.endswith("?") or _STARTS_ASKING.match(said):
        return True
    if _TELLS.search(said) and not _ASKS.search(said):
        return False
    return bool(_ASKS.search(said)) or len(said.split()) <= 4


def wanted(question: Question) -> tuple[str, ...]:
    """The relations whose facts are needed to answer: names tell who is who."""
    return tuple(dict.fromkeys((*question.relations, "name")))


def answers(question: Question, facts: Iterable[Known]) -> tuple[Known, ...]:
    """Facts that may be asked for, what holds before what held; the turns decide (`says`)."""
    facts = list(facts)
    about = _about(question, facts)
    found = [
        known
        for known in facts
        if known.fact.relation in question.relations
        and _is_theirs(_who(known, facts), known.fact.relation, about)
        and _fits(question, known, facts)
    ]
    order = {name: place for place, name in enumerate(question.relations)}
    found.sort(key=lambda k: (order[k.fact.relation], -k.since.timestamp()))
    first = found[0].fact.relation if found else ""
    found = [k for k in found if k.fact.relation == first or k.until is None]
    found.sort(key=lambda k: k.until is not None)
    return tuple(found)


def _about(question: Question, facts: list[Known]) -> list[str]:
    """Whom the question is about: kin and pets it names, somebody called by name, or the asker."""
    text = text_key(question.text).casefold()
    called = [
        entity(known.fact.subject)
        for known in facts
        if known.fact.relation == "name" and known.fact.value.casefold() in text
        and entity(known.fact.subject) != ME
    ]  # fmt: skip
    named = [*called, *question.about]
    if named:
        return named
    return [ME]


def _left(question: Question, facts: list[Known]) -> list[str]:
    """What else is asked for: the words that neither ask, nor name a relation or somebody known."""
    text = text_key(question.text).casefold()
    for known in facts:
        if known.fact.relation == "name":
            text = text.replace(known.fact.value.casefold(), " ")
    for names, pattern in _PATTERNS:
        if set(names) & set(question.relations):
            text = pattern.sub(" ", text)
    text = AGED.sub(r"\2", text)  # big sister: named_in knows her
    words = [word for word in _WORD.findall(_ASKING.sub(" ", text)) if not is_stop(word)]
    return [word for word in words if not named_in(word)]


def says(question: Question, facts: Iterable[Known], known: Known, text: str) -> bool:
    """Does a fact, or the turn that told it, hold what else is asked for?"""
    said = f"{known.fact.value} {known.fact.when} {known.fact.subject} {text}".casefold()
    return all(bare(word)[:4] in said for word in _left(question, list(facts)))


_OF_ONE = frozenset((  # what each has of their own
    "name", "age", "birthday", "home", "origin", "work", "workplace", "school", "health", "allergy",
    "medicine", "favourite",
))  # fmt: skip
_I = re.compile(
    r"\bi(?:'m|'ve)?\b|\bme too\b"
    r"|(?<![가-힣])(?:나|난|나는|나도|내가|저는|저도|제가|전)(?![가-힣])",
    re.IGNORECASE,
)


def is_of_others(question: Question, facts: Iterable[Known], turn: Turn) -> bool:
    """Does a turn tell what is asked, but of somebody else: mum's birthday for one's own?

    Only for a question that asks for nothing else, of somebody who is not spoken of in the turn.
    """
    facts = list(facts)
    relation = question.relations[0]
    if relation not in _OF_ONE or _left(question, facts):
        return False
    told = [k for k in facts if turn.ref in k.refs and k.fact.relation == relation]
    about = _about(question, facts)
    if any(speaks_of(question.text, k.fact.subject) for k in told):
        return False
    if not told or any(_is_theirs(_who(k, facts), relation, about) for k in told):
        return False
    if about == [ME]:
        return not _I.search(turn.text)
    return not any(is_about(name, one) for name in named_in(turn.text) for one in about)


def _is_theirs(who: str, relation: str, about: list[str]) -> bool:
    """Friends, partners and pets are facts of the asker, whoever of them is named."""
    return any(is_about(who, one) for one in about) or (
        who == ME and relation in ("friend", "partner", "pet")
    )


def _who(known: Known, facts: list[Known]) -> str:
    """The entity, for somebody who was spoken of by name the one of that name."""
    who = entity(known.fact.subject)
    if who == ME:
        return who
    for other in facts:
        if other.fact.relation == "name" and other.fact.value.casefold() == who:
            return entity(other.fact.subject)
    return who


_SWEETHEARTS = frozenset(("boyfriend", "girlfriend", "husband", "wife", "fiance"))


def _fits(question: Question, known: Known, facts: list[Known]) -> bool:
    """Of pets, partners and friends only when they are what is named; of plans the one named."""
    relation = known.fact.relation
    about = set(question.about)
    if relation == "pet" and about:
        return any(entity(word) in about for word in known.fact.value.split())
    if relation in ("pet", "partner", "friend") and not about and "name" in question.relations[:1]:
        return False
    if relation == "partner" and about:
        called = {
            entity(other.fact.subject)
            for other in facts
            if other.fact.relation == "name" and other.fact.value == known.fact.value
        }
        return bool(about & _SWEETHEARTS) and not (called & _SWEETHEARTS) - about
    if relation == "friend" and about:
        return "friend" in about
    if relation in ("appointment", "plan"):
        words = re.findall(r"\w{2,}", known.fact.value.lower())
        return any(word[:4] in question.text.lower() for word in words) or _general(question)
    return True


def _general(question: Question) -> bool:
    return bool(
        re.search(
            r"\bappointments?\b|\bplans?\b|\bschedule\b|예약|약속|일정|계획",
            question.text,
            re.IGNORECASE,
        )
    )
