"""English words → facts. The forms are rules/english.txt; here is what forms cannot say: who he
and she are, what was left out at the start of a sentence, which of the words is the value. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from echo.facts import clauses, times, values
from echo.facts.form import MARKS, ME, Rule, bare, book, group, words_of
from echo.nouns import Fact

_WORD = re.compile(r"[^\W_][\w-]*(?:'s)?")
_TYPED = tuple(
    (re.compile(rf"\b{typed}\b", re.IGNORECASE), meant)
    for typed, meant in (
        ("im", "I'm"), ("ive", "I've"), ("dont", "don't"), ("cant", "can't"), ("id", "I'd"),
        ("doesnt", "doesn't"), ("gonna", "going to"), ("hes", "he's"), ("shes", "she's"),
    )
)  # fmt: skip
_LED = (
    r"^((?:(?:so|and|also|oh|ok|okay|well|haha|lol|yes|yeah|yep|nope|no|btw|anyway|um|fyi|"
    r"honestly|ugh|wow|ngl|tbh|omg|god|man|lowkey|pfft|hmm|just|finally|still|recently|"
    r"actually|currently|already|totally|really|new "
    r"job!*)[ ,!]+)*)"
)
_LEFT_OUT_FORMS = {  # what was left out → how such a sentence begins
    "I ": (
        "(?:can't|cannot) (?:stand|bear|handle)|hate |love |lovee|adore |dislike |live in |speak |",
        "work (?:at|for|as|in) |moved |turned |bought |got (?:a|an|my|the|into|engaged) |adopted |",
        "rescued |started |sold |quit |broke |switched |stopped |booked |signed up|grew up|",
        "drive a|own a|have (?:a|an|two|three|four|no) |play the |take |carry an? |",
        "don't (?:like|eat|drink|have|speak)|never liked|went to |studied |graduated |married |",
        "joined |landed |came off ",
    ),
    "I'm ": (
        r"(?:not (?:a|really|much|into)|allergic|from |taking |learning |studying |dating |",
        r"seeing (?:my|a|the) |planning |going to |flying |visiting |moving |living |into |",
        r"working (?:at|for|as) |obsessed |pregnant|training for|starting |getting married|",
        r"originally from|a huge fan|retired|\d+ weeks pregnant|type (?:1|2|one|two) diabetic|",
        r"on (?:sertraline|citalopram|prozac|lexapro|zoloft|insulin|metformin|antidepressants|",
        r"antibiotics|steroids|statins|ritalin|adderall|ozempic|warfarin))\b",
    ),
    "I've ": ("(?:been (?:at|working|living|learning|taking|on|with) |lived in )",),
    "I was ": (r"(?:born in|born and raised|diagnosed with|raised in)\b",),
}
_LEFT_OUT = tuple(
    (re.compile(f"{_LED}(?={''.join(forms)})", re.IGNORECASE), put)
    for put, forms in _LEFT_OUT_FORMS.items()
)
_OF_MINE = re.compile(
    rf"(?:^|(?<=[,;:!.]) |(?<=\band) |(?<=\bso) |(?<=\bbut) )((?:(?:older|younger|little|big) "
    rf")?[\w-]+[{MARKS}])"
    r"(?='s\b| (?:has|is|lives|works|had|loves|hates|just|was|got|turned|turns|takes)\b)",
    re.IGNORECASE,
)
_MENTION = re.compile(
    rf"\b(?:my|our|an?|the|two|three) (?P<who>(?:[\w'-]+[{MARKS}]? ){{0,2}}?[\w'-]+[{MARKS}])s?"
    r"(?:,? (?P<name>(?-i:[A-Z][\w-]+)))?",
    re.IGNORECASE,
)
_DESCRIBE = words_of(
    "older|younger|little|big|twin|elder|eldest|youngest|oldest|middle|baby|half|only|new|"
    "old|poor|dear|sweet|late|best|beloved|step|identical|adopted|elderly|favorite|favourite|"
    "golden|great|guinea|bearded|border|german|shih|russian|maine|shiba|wonderful|lovely|"
    "dearest|other|first|second|future|ex|tabby|siamese|black|white"
)
_ANSWERED = re.compile(  # who asks themselves and answers
    r"\b(?:my )?fav(?:ou?rite|e)? ([\w ]{2,20})\? (?:that's |easy[,:] |it's |definitely |"
    r"probably )?",
    re.IGNORECASE,
)
_FILL = re.compile(
    rf"(\b(?:i|we|he|she|they|is|are|am|was|have|has|not|can|who)|'(?:m|re|s|ve)|[{MARKS}])"
    r"((?: (?:also|really|just|actually|currently|still|now|always|both|recently|finally|usually|"
    r"absolutely|totally|truly|kinda|honestly|mostly|even|already|officially|basically|all|quite|"
    r"genuinely|secretly|definitely|so|particularly|especially|literally|full[- ]time|only|"
    r"part[- ]time|probably|mainly|sometimes|often|freaking|fucking|bloody|very|kind of))+)(?= )",
    re.IGNORECASE,
)
_OWNERS = ("KIN", "SPOUSE", "SWEET", "PET", "FRIEND")


def mark(text: str) -> str:
    """The text with a mark behind every word, or run of words, of a kind that rules ask for."""
    words = book("english").words
    found = [(m.start(), m.end(), m[0].lower()) for m in _WORD.finditer(text)]
    made: list[str] = []
    done = i = 0
    while i < len(found):
        place = None
        for n in (4, 3, 2, 1):
            if i + n <= len(found) and (place := _kind(text, found[i : i + n], words)):
                made += (text[done : place[0]], place[1])
                done = place[0]
                i += n
                break
        if place is None:
            i += 1
    return "".join((*made, text[done:]))


def _kind(
    text: str, run: list[tuple[int, int, str]], words: Mapping[str, str]
) -> tuple[int, str] | None:
    """Where the mark goes and which, when these words are of a kind."""
    start, end = run[0][0], run[-1][1]
    if "\n" in text[start:end]:
        return None
    said = text[start:end].lower()
    if said in words:
        return end, words[said]
    owned = said.endswith("'s")
    one = said.removesuffix("'s")
    if one in words and owned:
        return end - 2, words[one]
    if len(one) > 3 and one.endswith("s") and one[:-1] in words and not owned:
        return end, words[one[:-1]]
    if len(run) == 1:
        kind = next((k for ends, k in _ENDINGS if one.endswith(ends) and len(one) > 5), "")
        return (end - 2 * owned, book("english").marks[kind]) if kind else None
    return None


_ENDINGS = (
    (("itis", "osis", "algia", "emia", "opathy"), "ILL"),
    (("ologist", "smith", "keeper", "wright"), "JOB"),
    (("pril", "statin", "prazole", "cillin", "oxetine", "traline", "pram", "zepam", "zolam", "olol",
      "sartan", "thyroxine", "mycin", "codone", "tidine", "glutide", "triptan", "azepine",
      "barbital", "methazone", "formin", "afil", "faxine"), "DRUG"),
)  # fmt: skip


@dataclass
class _Said:
    """What was spoken of so far in one turn: whom he or she may mean."""

    last: str = ""
    names: dict[str, str] = field(default_factory=dict)

    def hear(self, text: str) -> None:
        """Take in whom these words speak of."""
        marks = {book("english").marks[kind] for kind in _OWNERS}
        for match in _MENTION.finditer(text):
            who = match["who"]
            if who[-1] in marks:
                named = match["name"] or ""
                friend = who[-1] == book("english").marks["FRIEND"]
                self.last = named if friend and named else kin(who) or self.last
                if named:
                    self.names[named] = self.last


def kin(who: str) -> str:
    """Whose words these are, down to kin or pet and what describes them; "" when they are not."""
    words = bare(who).split()
    marked = who.split()
    while len(words) > 1 and words[0].lower() not in _DESCRIBE and marked[0][-1] == words[0][-1]:
        return ""
    return " ".join(words)


def find(text: str) -> Iterator[Fact]:
    """The facts that an English turn tells, in the order of its clauses."""
    text = clauses.plain(text)
    for pattern, put in _TYPED:
        text = pattern.sub(put, text)
    text = _ANSWERED.sub(r"my favourite \1 is ", text)
    said = _Said()
    for plain, unreal in clauses.english(text):
        clause = _whole(plain)
        low = clause.lower()
        changed = clauses.changed(plain, "en")
        for rule in book("english").near(low):
            if unreal and "sure" not in rule.flags:
                continue
            for match in rule.pattern.finditer(clause):
                for fact in _facts(rule, clause, match, said):
                    if fact.relation in ("name", "friend", "pet"):
                        said.names.setdefault(fact.value, fact.value)
                        said.last = fact.value if fact.relation == "friend" else said.last
                    yield replace(fact, instead=True) if changed else fact
        said.hear(clause)


def _whole(clause: str) -> str:
    """A clause with what was left out at its start, and with its marks."""
    clause = clause.strip()
    for pattern, put in _LEFT_OUT:
        led = pattern.match(clause)
        if led:
            kept = re.sub(
                r"(?:just|finally|recently|already|still|actually)[ ,!]+",
                "",
                led[1],
                flags=re.IGNORECASE,
            )
            clause = kept + put + clause[led.end() :]
            break
    clause = times.mark(_FILL.sub(r"\1", mark(clause)))
    return _OF_MINE.sub(lambda m: f" my {m[1]}", clause).strip()


def _facts(rule: Rule, clause: str, match: re.Match[str], said: _Said) -> Iterator[Fact]:
    whose = _whose(clause, match, said)
    if not whose:
        return
    value = bare(group(match, "v")) or values.cut(bare(group(match, "x")), bare(group(match, "l")))
    for one in values.split(value) if "each" in rule.flags else [value]:
        kept = values.trim(rule.relation, one)
        if kept and kept.lower() != whose.lower():
            denied = "no" in rule.flags or bool(group(match, "no"))
            when = bare(group(match, "when"))
            yield Fact(whose, rule.relation, kept, denied, when, rule.confidence)


def _whose(clause: str, match: re.Match[str], said: _Said) -> str:
    """Whose fact it is: kin as said, he and she by whom was spoken of, "" when nobody knows."""
    if who := group(match, "who"):
        return kin(who)
    if group(match, "pro"):
        before = _Said(said.last, dict(said.names))
        before.hear(clause[: match.start("pro")])
        return before.last
    if named := group(match, "named"):
        before = _Said(said.last, dict(said.names))
        before.hear(clause[: match.start("named")])
        return named if named in before.names or _befriended(clause, match) else ""
    return ME


def _befriended(clause: str, match: re.Match[str]) -> bool:
    mark_ = book("english").marks["FRIEND"]
    return clause[: match.start("named")].rstrip().endswith(mark_)
