"""Captured Korean words down to the value: other clauses, topics and particles are not it. Pure."""

from __future__ import annotations

import re

from echo.facts.form import MARKS, bare, words_of
from echo.facts.times import SHUT
from echo.text import bare as without_particle

_BREAKS = re.compile(
    r"(?:는데|은데|인데|지만|니까|[해어아라워와가셔려져]서|면서|거든|더니|다가|이고|하고|"
    r"[있없됐했갔왔었았였되살]고|다고|라고|인지|한지|"
    r"고요|때문에|래서|그래서|그리고|근데|하시고|하셔|이셔|어요|아요|에요|해요|했어|이야|됐어|"
    r"말고)$"
)
_TOPIC = re.compile(r"[가-힣]+(?:은|는|께서|엔)$")
_DESCRIBES = re.compile(  # words before a noun that end like a topic
    r"(?:[하치먹보듣가추타쓰읽그마자걷노있없굽찍뛰사나오달모키되푸뜨심꾸뛰우르]는|만드는|그리는|"
    r"마시는|부르는|달리는|모으는|끓이는|꾸미는|가꾸는|"
    r"던지는|배우는|들어간|작은|좋은|많은|깊은|높은|낮은|넓은|좁은|짧은|같은|젊은|밝은|맑은|붉은|"
    r"굵은|얇은|찍은|담은|삶은|볶은|익은|"
    r"묽은|굽은|싶은)$"
)
_EMPTY = words_of(
    "뭐|뭘|뭔가|누구|어디|언제|왜|것|거|게|그것|그거|이거|저거|이것|이게|그게|여기|거기|저기|"
    "하나|둘|전부|모두|누가|너|네|넌|그|이|저|아무것|아무|아무거|아무것도|그런|이런|말|얘기|"
    "이야기|생각|사람|일|때|수|줄|데|곳|밥|아침|점심|저녁|집|학교|회사|병원|학원|헬스장|교회|"
    "약|물|혼자|같이|잘|열심히|가족|이렇게|그렇게|어떻게|그래|이래|날씨|기분|시간|돈|하루|"
    "오늘|내일|지금|느낌|식욕|서로|자신|나|우리|그쪽|이쪽|집에서|밖|안|편|쪽|근처|이름|"
    "우리집|우리 집|생일|나이|다음|이유|문제|정도|아직|이제|매일|점심도|다|더|운동|면접|시험|"
    "따로|멀리|가까이|바로|옆|앞|뒤|위|아래|사이|이상|이하|두 번|한 번|세상"
)
_SELF = words_of("나|난|나는|나도|저|저는|전|내가|제가|걔|걔는|우리|나만|내|제")
_BEING = re.compile(f"[가-힣]+[{MARKS}](?:은|는|이|가|도|께서|께서는)")
_DOING = frozenset(("거", "것", "걸", "게", "일"))
_TAILS = {
    "likes": r"(?:을|를|은|는|도|만|에|이랑|랑|(?<=[가-힣]{2})[이가])$",
    "dislikes": r"(?:을|를|은|는|도|만|(?<=[가-힣]{2})[이가])$",
    "favourite": r"(?:을|를|은|는|도|만|(?<=[가-힣]{2})[이가])$",
    "allergy": r"(?:에|을|를|은|는|이랑|랑|에도)$",
    "workplace": r"(?:에서|에|을|를)$",
    "medicine": r"(?:을|를|도|은|는)$",
    "work": r"(?:을|를|으로)$",
    "home": r"(?:에서|에|으로|로)$",
    "school": r"(?:에|를|을)$",
    "origin": r"(?:에서|이|가)$",
    "owns": r"(?:을|를|도|이|가)$",
    "health": r"(?:이|가|을|를)$",
}
_TAIL = {name: re.compile(tail) for name, tail in _TAILS.items()}
_WHOLE = re.compile(  # nouns whose last syllable is no particle
    r"(?:고양이|떡볶이|원숭이|호랑이|어린이|놀이|구이|먹이|마을|가을|노을|포도|파도|제주도|"
    r"[원기라상청남북]도|독도|지도|온도|태도|아이|오이|종이|"
    r"걸이|휴가|작가|요가|국가|상가|하이|파이|카이|데이|유도|검도|곡성|만화가|화가|딸기|놀이|"
    r"낚시|참이|아욱국이|밤에|사이|춘천이|어머니가|강가|"
    r"볶음|튀김|어묵|커피|자전거|미나리|냉이|숭이|[가-힣]{2}랑데뷰|사랑|자랑|노랑|파랑|빨강|신랑|"
    r"호두|만두|녹두|자두|순두)$"
)
_NOT_NAMES = re.compile(
    r"^(?:뭐|누구|이름|생일|없|있|예뻐|귀여|이뻐|비밀|몰라|아직|그냥|진짜|정말|너무|밥|사료|간식|"
    r"병원|집|학교|회사|방|사진|얘기|"
    r"이야기|생각|나이|키|전화|선물|결혼식?|수술|건강|걱정|직장|때문|덕분|산책|목욕|미용|장난감|"
    r"화장실|털|냄새|친구|남편|아내|발톱|모래|"
    r"엄마|아빠|언니|오빠|누나|형|동생|딸|아들|우리|나|내|너|네|저|제|그|이|저기|여기|거기|하나|"
    r"둘|셋|혼자|같이|둘이|요즘|오늘|심장|"
    r"어제|내일|지금|아까|매일|항상|자꾸|계속|다시|또|드디어|벌써|만나|보러|오랜만|갑자기|같은|"
    r"다른|최고|좋은|싫|관계|사이|이빨|꼬리|"
    r"모임|약속|여행|카페|영화|커피|술|노래|게임|운동|싸움|연락|카톡|문자|고민|결혼|이사|취직|"
    r"퇴사|아기|애기|강아지|고양이|눈곱|중성화|"
    r"걔|얘|쟤|그애|이랑|한테|하고|라고|고향|직업|전공|취미|특기|별명|부모|가족|사람|애|회식|"
    r"점심|저녁|아침|차|옷|머리|다리|배|눈|코|귀|손|발|성격|"
    r"가수|배우|교사|기자|의사|간호사|학생|군인|주부|사진|유학|유치원|초등|중학|고등|대학|재수|"
    r"미국|영국|진심|주말|하루|시간|인생|정도|"
    r"소리|소원|수영|미소|자리|다음|연애|사이|나무|우유|소주|경주|진주|여수|전주|파주|원주|나주|"
    r"제주|해외|시아|호주|유럽|주소|성격|"
    r"한국|중국|서울|부산|대구|인천|광주|대전|울산|세종|수원|용인|영어|나랑|상태|원래|기분|해서|"
    r"하영|소식|유행|화나|하나|기차|이제|하루|"
    r"도와|보고|하지|주고|나가|가고|자고|하자|가자|보자|이자|채식|민초|고기|미래|동네|아주|자주|"
    r"아예|주인|하원|희망|선생|하객|상사|"
    r"예정|지각|수업|영상|유튜브|연기|연주|경기|기타|시험|진로|미술|보라|소라|예약|유산|지하|"
    r"지원|현재|경우|혜택)"
    r"(?:이|가|은|는|도|를|을|랑|만|의)?$"
)
_NO_WORKPLACE = re.compile(
    r"(?:기어|날아|끌고|돌아|대|대학교?|대학원|학교|학원|유치원|어린이집|중|여고|외고|과고|"
    r"고등학교|헬스장?|교회|"
    r"성당|절|수영장?|도서관|요가|필라테스|산책|여행|출장|"
    r"미용실|치과|한의원|운동|복싱|발레|크로스핏|클라이밍|PT|학년|과|합격|시험|면허|상담|동호회|"
    r"모임|센터|갖고|가지고|들고|데리고|타고|보러|"
    r"[가-힣]고|놀러|쫓아|따라|돌아|찾아|뛰어|걸어|다 같이|이직|최종|서류|면접|최종 합격)$"
)
_NO_SCHOOL = re.compile(
    r"(?:[갖들타하보가먹데지놀싸]고|최고|창고|사고|참고|광고|요즘|중|근무 중|[하있되]고)$"
)
_NO_PLACE = re.compile(
    r"(?:혼자|같이|둘이|셋이|따로|잘|열심히|그냥|못|안|죽고|못살|재밌게|행복하게|이렇게|그렇게|"
    r"덕분에|때문에|없이|함께|랑|하고|와|과|며|면|"
    r"[0-9]년|오래|의미|맛|낙|재미|세상|현실|기분|집|데|여기|거기|우리 집|우리집|[가-힣](?:는|"
    r"던)|말|시간)$"
)
_PLANNED = re.compile(
    r"(?:(?<=기)로 ?(?:했|함|결정)|(?: 갈|할| 볼)? ?(?:예정|계획)(?:이야|이에요|이| 중)?)$"
)
_PEOPLE = ("name", "friend", "partner")
_AS_SAID = ("appointment", "age", "birthday", "language", "pet", "plan")
_LONGER = ("likes", "dislikes", "favourite", "school", "owns", "plan")
_AND = re.compile(r"(?<=[가-힣])(?:이랑|랑|하고|과|와) (?=[가-힣])|\s*,\s*|\s+그리고\s+")


def split(value: str) -> list[str]:
    """`김치랑 된장` is two values."""
    return [part for part in _AND.split(value) if part.strip()]


def trim(relation: str, value: str, *, led: bool) -> str:
    """The value of a rule's words; "" when they are none. led: other words may stand before it."""
    value = value.strip(" ,'\"-")
    if relation in _PEOPLE or (relation == "pet" and _NOT_NAMES.match(value)):
        odd = _NOT_NAMES.match(value) or re.search(r"[었였았했있없됐]$", value)
        return "" if not value or odd else _given(value)
    if relation == "plan":
        value = _PLANNED.sub("", value)
    if led:
        value = lead(value)
    value = bare(value)
    if relation not in _AS_SAID:
        value = _without_tail(relation, value)
    words = value.split()
    if relation == "family":
        return value
    if relation == "appointment" and words:  # they are events: 내일 면접 있어
        return "" if _misplaced(relation, value) else value
    if not words or value in _EMPTY:
        return ""
    if words[-1] in _EMPTY and not (len(words) > 1 and words[-1] in _DOING):
        return ""
    return "" if _misplaced(relation, value) else value


_ONLY_JOINS = re.compile(r"(?:[다라자냐]며|대서|[가-힣]라서|[해아어여워려져가와봐]서|니까|는데)$")


def _misplaced(relation: str, value: str) -> bool:
    if relation == "workplace":
        return bool(_NO_WORKPLACE.search(value))
    if relation == "school":
        return bool(_NO_SCHOOL.search(value)) or len(value) < 2 or value.startswith("같은")
    if relation in ("likes", "dislikes", "favourite"):
        return bool(_ONLY_JOINS.search(value))
    if relation == "appointment":
        return "없" in value
    if relation in ("home", "origin"):
        return bool(_NO_PLACE.search(value))
    return len(value) < 2 and relation in _LONGER


def _given(name: str) -> str:
    """A name without the 이 that is said behind a closed syllable, when enough is left."""
    closed = name.endswith("이") and len(name) > 1 and (ord(name[-2]) - 0xAC00) % 28 > 0
    return name[:-1] if closed and len(name) > 3 else name


def lead(value: str) -> str:
    """Without what was said before it: other clauses and topics; and without where it only is."""
    words = value.rpartition(SHUT)[2].split()
    for i in range(len(words) - 1, -1, -1):
        word = words[i]
        last = i == len(words) - 1
        topic = not last and _TOPIC.fullmatch(word) and not _DESCRIBES.search(word)
        if topic and words[i + 1] in _DOING:
            topic = False
        if topic or (_BREAKS.search(word) and not (last and len(word) < 3)):
            words = words[i + 1 :]
            break
    while words and words[-1] in (
        "쪽",
        "근처",
        "쪽에",
        "근처에",
        "부근",
        "매일",
        "아침",
        "저녁",
        "밤",
        "하루에",
    ):
        words = words[:-1]
    while len(words) > 1 and (words[0] in _SELF or _BEING.fullmatch(words[0])):
        words = words[1:]
    return " ".join(words)


def _without_tail(relation: str, value: str) -> str:
    head, blank, last = value.rpartition(" ")
    tail = _TAIL.get(relation)
    if tail is None or len(last) < 2 or _WHOLE.search(last):
        return value
    cut = tail.sub("", last)
    if relation in ("likes", "dislikes", "favourite") and last[-1] in "이가은는을를":
        cut = last[:-1] if without_particle(last) == last[:-1] else last
    return head + blank + (cut or last)
