"""A turn cut into the pieces that can tell something: no questions, no wishes, no hearsay, no
quotations. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from echo.nouns import Lang

_END = re.compile(r"(?<=[.!?~…\n;])\s+|\n|(?<=[가-힣][.!?])(?=\S)|\s*[ㅋㅎㅠㅜ]{2,}\s*")
_QUOTED = re.compile(r"[\"“「『]([^\"”」』\n]*)[\"”」』]|(?<![^\s(])['‘]([^'’\n]*)['’](?![A-Za-z])")
_OWN_WORDS = re.compile(
    r"\b(?:i|i'm|my|we|you)\b|(?<![가-힣])(?:나|내|난|저|너|네)(?![가-힣]{2})", re.IGNORECASE
)
_BUT = re.compile(
    r",?\s+(?:but|although|even though|however)\s+|(?<=[가-힣]지만),?\s+|,?\s+(?=(?:그래서|근데|"
    r"그런데|하지만|그리고|그래도|아 그리고)\s)",
    re.IGNORECASE,
)

_TOLD_FIRST = re.compile(
    r"(.+(?:인데|는데|은데|거든|니까)(?=[\s,]+\S)|.+(?:는|은|인) 거(?= (?:너도 )?(?:알지|알잖아|"
    r"기억하지)))|(.+?[a-z0-9]),? +(?:(?:and|so|but) )?(?:what|which|where|when|how|who|any "
    r"ideas?|any tips|"
    r"should|can|could|do you|did you|is that|is it|right|you know|isn't|aren't|got any)\b",
    re.IGNORECASE,
)
_WONDERS = re.compile(r"(?:인데|는데|은데|거든) (?:언제|어떻게|누가|누구|어디|뭐|뭘|왜|몇)")
_UNREAL_EN = re.compile(
    r"\b(?:if|unless|whether|wish|wishes|imagine|pretend\w*|suppos\w+|hypothetically|let's say|"
    r"what if|as though|would|wouldn't|could|might|maybe|perhaps|someday|one day|hopefully|hope|"
    r"hoping|dreamt|dreamed|had a dream|in (?:my|a) dream|joking|as a joke|kidding|jk|just "
    r"kidding|/s|"
    r"as a (?:kid|child|boy|girl|teenager)|my ex|"
    r"back then|used to|in (?:high school|college) i|years ago i|"
    r"(?:he|she|they|someone|somebody|people|everyone|coworker|colleague|friend|boss|mom|dad|"
    r"sister|brother|mother|father|roommate|flatmate|wife|husband|girlfriend|boyfriend|teacher|"
    r"guy|girl|man|woman|neighbou?r) (?:said|says|told|claims?|"
    r"claimed|thinks?|thought|asked|asks)|i heard|apparently|supposedly|allegedly|rumou?r\w*|"
    r"according to|i read|read that|saw that|lyrics?|the song goes|in the (?:movie|film|book|novel|"
    r"show|game|story|play)|(?:character|protagonist|hero|heroine|narrator)|"
    r"role ?play|quote|you(?:'re| are)|echo,? you|do you|did you|are you|as if|almost|nearly|"
    r"should i|can i|rather|in another life|in a past life)\b",
    re.IGNORECASE,
)
_BACK_THEN = re.compile(r"^\W*(?:back )?when (?:i|we|he|she|they) (?:was|were)\b", re.IGNORECASE)
_ASKING_EN = re.compile(
    r"^\W*(?:(?:so|and|but|hey|well|echo|um|oh|ok|okay)[ ,]+)*(?:what|who|whose|where|when|why|"
    r"how|which|"
    r"do(?!n)|does(?!n)|did(?!n)|is|are|am|was|were|can(?!'t|not)|could|will|would|should|have|"
    r"has|remember)\b"
    r"(?!.*\b(?:ever since)\b)",
    re.IGNORECASE,
)
_UNREAL_KO = re.compile(
    r"만약|만일|혹시|(?<![가-힣])전 ?(?:여친|남친|여자친구|남자친구|남편|아내|와이프|애인|직장|"
    r"회사)|였으면|했으면|으면 좋|면 좋|라면|이라면|다면|싶(?!어하)|을까|ㄹ까|할까|볼까|갈까|"
    r"는지도|을지도|지도 몰|꿈에|꿈에서|꿈꿨|꿈 꿨|농담|뻥이|구라|거짓말|상상|"
    r"예전에|예전엔|옛날에|옛날엔|어릴 때|어릴 적|어렸을|전에는|한때|학생 때|대학생 때|고등학생 "
    r"때|시절|"
    r"던데|[가-힣](?:되|하|가|오|이)면 (?!목|배|머리|몸|두드러기|얼굴)|다더라|라더라|다더니|"
    r"라던데|는대(?![로가-힣])|한대(?![로가-힣])|간대(?![로가-힣])|"
    r"이래(?![가-힣])|소문|카더라|들었는데|들었어|그러던데|그러더라|(?:다|라|자|냐)고 (?:했|하더|"
    r"하던|그랬|그러|말했|물어)|"
    r"드라마|영화에서|영화 속|주인공|가사|소설에서|소설 속|노래에서|게임에서|역할|대사|캐릭터|"
    r"인 척|은 척|는 척|인척|는척|뻔했|할 ?뻔|(?:좋|프|있|없|많|맞|갔|왔|했|됐|였|시)대(?:요|서|"
    r"[.!~]|$)|(?<![가-힣])전사람|줄 알았|처럼|같으면|"
    r"(?<![가-힣])(?:너|넌|네가|니가|너도|너의|네|에코|당신)(?:는|가|야|도|의)?(?![가-힣])"
)
_ASKING_KO = re.compile(
    r"(?:까|니|냐|나요|가요|을래|ㄹ래|는지|은지|인지|(?:였|이|뭐|했|갔|었|았)더라|였지|었지|했지|"
    r"맞지|알지|(?<!줄 )알아|기억나|기억해)[.~!]*\??$"
    r"|(?<![가-힣])(?:뭐|뭘|뭔|무슨|누구|누가|어디|언제|어떻게|어떤|왜|몇)(?:야|지|더라|였|라고|"
    r"를|가|서|에|로)?(?![가-힣]*든)"
)


_CHANGED_EN = re.compile(
    r"\b(?:instead|swapped|switched|changed|replaced|no longer|anymore|now|actually|renamed|moved|"
    r"not .* but|correction|i meant)\b",
    re.IGNORECASE,
)
_CHANGED_KO = re.compile(
    r"바꿨|바꿔|바꾼|바뀌|바뀐|대신|이제|이젠|옮겼|이사|사실은|아니라|아니고|개명|정정|잘못 말"
)


_ENDED_EN = re.compile(
    r"\b(?:quit|left|leaving|stopped|c[ao]me off|gave up|given up|giving up|sold|broken? up|broke "
    r"up|split|dumped|got rid|cancel+ed|called off|called it|dropped out|used to|no longer|no more|"
    r"any ?more|over|done|finished|packed in|let go|laid off|fired|sacked|retired|redundant|passed|"
    r"died|ex|former|gone off|went off|off the|weaned|divorced?|separated)\b",
    re.IGNORECASE,
)
_ENDED_KO = re.compile(
    r"끊|그만|관[뒀두]|때려|헤어|차였|차임|깨졌|깨짐|팔았|팔아|팔고|팔음|처분|접었|접고|완치|다 나|"
    r"나았|졸업|은퇴|퇴사|퇴직|정년|명퇴|짤[렸림]|잘렸|이혼|절교|취소|없어졌|안 ?먹|안 ?다|이제 안|"
    r"무지개다리|보냈|넘겼|줬|였는데|이었는데|였어|던 |예전|전에|원래|전 ?남|전 ?여"
)


_OVER_EN = re.compile(
    r"\b(?:used to|no longer|quit|gave up|given up|stopped|c[ao]me off|sold|broke up|broken up|"
    r"split up|any ?more)\b",
    re.IGNORECASE,
)
_OVER_KO = re.compile(
    r"끊었|끊음|끊고|그만[뒀두]|관[뒀둠]|때려[치쳤]|헤어졌|헤어짐|팔았|팔아버|절교|퇴사|이혼"
)


def over(words: str, lang: Lang) -> bool:
    """Do these words, close to something, say that it is no more?"""
    return (_OVER_KO if lang == "ko" else _OVER_EN).search(words) is not None


def ended(clause: str, lang: Lang) -> bool:
    """Is it of something that may have come to its end?"""
    return (_ENDED_KO if lang == "ko" else _ENDED_EN).search(clause) is not None


def unreal(clause: str, lang: Lang) -> bool:
    """Does it wish, suppose, pass on or play, instead of telling?"""
    if lang == "ko":
        return _UNREAL_KO.search(clause) is not None
    return bool(_UNREAL_EN.search(clause) or _BACK_THEN.match(clause))


def changed(clause: str, lang: Lang) -> bool:
    """Do the words say that something takes the place of another?"""
    return (_CHANGED_KO if lang == "ko" else _CHANGED_EN).search(clause) is not None


def plain(text: str) -> str:
    """The words with one kind of apostrophe, quotations that speak blanked out; length kept."""
    text = text.replace("’", "'").replace("`", "'")
    return _QUOTED.sub(_unquoted, text)


def _unquoted(match: re.Match[str]) -> str:
    inside = match[1] or match[2] or ""
    speaks = len(inside.split()) > 3 or _OWN_WORDS.search(inside) or inside[-1:] in ".!?"
    return " " * len(match[0]) if speaks else f" {inside} "


def english(text: str) -> Iterator[tuple[str, bool]]:
    """The clauses of an English turn, and whether they only ask, wish, suppose or pass on."""
    for sentence in _sentences(text):
        for clause in _BUT.split(sentence):
            yield clause, unreal(clause, "en") or bool(_ASKING_EN.match(clause))


def korean(text: str) -> Iterator[tuple[str, bool]]:
    """The clauses of a Korean turn, and whether they only ask, wish, suppose or pass on."""
    for sentence in _sentences(text):
        for clause in _BUT.split(sentence):
            yield clause, unreal(clause, "ko") or bool(_ASKING_KO.search(clause.rstrip()))


def _sentences(text: str) -> Iterator[str]:
    """Sentences; of a question only what is said before it is asked."""
    for piece in _END.split(text):
        said = piece.strip()
        if said.endswith("?") or _WONDERS.search(said):
            told = _TOLD_FIRST.match(said)
            said = (told[1] or told[2]) if told else ""
        if said:
            yield said
