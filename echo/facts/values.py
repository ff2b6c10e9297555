"""Captured English words down to the value: articles, asides and words that only point are not it.
Pure.
"""

from __future__ import annotations

import re

from echo.facts.form import words_of

_ARTICLE = re.compile(r"^(?:an?|the|some|this|my own|my|our)\s+", re.IGNORECASE)
_ASIDE = re.compile(
    r"\s+(?:too|as well|a lot|so much|very much|now|lately|these days|recently|anymore|again|"
    r"though|"
    r"tho|lol|haha|more than anything|the most|at all|already|actually|either|or anything|and all|"
    r"btw|tbh|right now|currently|sometimes|every day|everyday|in general|best|really|for now|"
    r"atm|rn|all the time|in the morning|honestly|for sure|by now|ever|of all time|instead)$",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"^(?:(?:it|this|that|these|those|you|him|her|them|me|us|he|she|they|everything|something|"
    r"nothing|anything|everyone|someone|anyone|what|how|when|where|who|why|one|so|here|there|home|"
    r"trouble|bed|both|each other|all|most|much|many|a lot|lots|things?|stuff|being|echo|the "
    r"future|"
    r"(?:the )?(?:idea|way|fact|thought|sound|look|future|same|rest|middle|edge)|kind|sort|not|"
    r"no|yes|sure|okay|ok|work|"
    r"to (?:think|say|believe|know|see|be|admit)|your|his|their|having to|when i|myself|himself|"
    r"herself)\b.*"
    r"|(?:to|and|or|of|in|at|for|with|a|an|the)|\D?)$",
    re.IGNORECASE,
)
_SOME = re.compile(r"^(?:a (?:little|bit)(?: of)?|some|basic)\s+", re.IGNORECASE)
_LONG = 60
_NOT_NAMES = words_of(
    "i|i'm|i've|okay|ok|sorry|done|fine|good|great|tired|sick|happy|sad|back|home|here|"
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|"
    "june|july|august|september|october|november|december|god|echo|christmas|christian|"
    "catholic|muslim|jewish|buddhist|hindu|asian|european|african|gemini|leo|virgo|libra|"
    "scorpio|aries|taurus|pisces|aquarius|capricorn|intj|infp|enfp|infj|chatgpt|we|it|the|my|"
    "so|well|yes|no|korean|american|british|english|chinese|japanese|german|french|spanish|"
    "italian|mexican|canadian|indian|irish|australian|russian|vietnamese|thai|brazilian|he|"
    "she|they|you|this|that|what|and|tv|dad|mom|mum|grandma|grandpa|lol|omg|adhd|ibs|ptsd|"
    "ocd"
)
_PEOPLE = ("name", "friend", "partner")
_KEEP = ("pet", "family", "birthday", "health", "age")


def trim(relation: str, value: str) -> str:
    """The value of a rule's words; "" when these words are none."""
    value = value.strip(" ,'\"-–—*_")
    if relation in _PEOPLE:
        value = re.sub(r"'s$", "", value)
        return "" if value.split(" ")[0].lower() in _NOT_NAMES or len(value) < 2 else value
    if relation == "language":
        value = _SOME.sub("", value)
    if relation == "birthday":
        value = re.sub(r"^(?:on|in|by) ", "", value)
    if relation not in _KEEP and not (relation == "favourite" and value.startswith("The ")):
        value = _ARTICLE.sub("", value)
    while (shorter := _ASIDE.sub("", value)) != value:
        value = shorter
    return "" if _POINTS.match(value) or len(value) > _LONG else value


_STOP = re.compile(
    r"\s+(?:and|but|because|cuz|so|since|for|now|right now|these days|which|where|that|when|while|"
    r"though|although|as|after|before|until|till|lol|haha|btw|by the way|this|last|next|with|who|"
    r"whose|thanks|at the moment|currently|rn|nowadays|too|anymore|yet|actually|if|on weekends?|"
    r"tomorrow|today|yesterday|every|back in|once|already|at night|alone|together|at|honestly|like|"
    r"instead|tbh|about|in (?:(?:19|20)\d\d|a|two|three|four|five|six|his|her))\b.*|\s+[—–-]\s.*|"
    r"\s*[:…~].*",
    re.IGNORECASE | re.DOTALL,
)
_LIST_STOP = re.compile(
    r"\s+[—–-]\s.*|\s*[:…~].*|,? (?:but|because|so|since|though|lol|haha|btw|tbh|by the way|when|"
    r"which|and (?:i|my|we|it|he|she|they|the)|these days|lately|now|than|as|until|while|"
    r"more than|even|like|where|who|almost|every time|after|before)\b.*|, (?:i|i'm|my|we|it|it's|"
    r"you|he|"
    r"she|they|especially|esp|tastes?|not|echo|though)\b.*",
    re.IGNORECASE | re.DOTALL,
)


def cut(one: str, listed: str) -> str:
    """Words that were taken to the end of the clause, up to where the value ends."""
    return _STOP.sub("", one) or _LIST_STOP.sub("", listed)


_TOGETHER = re.compile(
    r"\b(?:mac and cheese|fish and chips|rock and roll|salt and pepper|r&b|d&d)\b", re.IGNORECASE
)
_APART = re.compile(r",\s*(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+|\s*&\s*", re.IGNORECASE)


def split(value: str) -> list[str]:
    """`hiking, swimming and tea` is three values."""
    if _TOGETHER.search(value):
        return [value]
    parts = [part for part in _APART.split(value) if part.strip()]
    return [value] if any(len(part.split()) > 4 for part in parts) else parts
