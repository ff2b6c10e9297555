"""What holds after all that was told: the newer in the place of the older, denials, mends."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from echo.facts.ledger import CORRECT, RETRACT, Mend, Told, fact_id, fold
from echo.nouns import Fact
from tests.memory.homes import NOON


def told(day: int, relation: str, value: str, subject: str = "me", **more: bool) -> Told:
    at = NOON + timedelta(days=day)
    return Told(Fact(subject, relation, value, **more), f"r{day}-{value}", at)


def test_a_second_home_ends_the_first() -> None:
    first, second = fold([told(2, "home", "서울"), told(1, "home", "부산")])
    assert (first.fact.value, first.until) == ("부산", NOON + timedelta(days=2))
    assert (second.fact.value, second.until) == ("서울", None)


def test_said_again_is_one_fact_with_two_sources() -> None:
    (known,) = fold([told(1, "likes", "Tea"), told(2, "likes", "tea")])
    assert known.refs == ("r1-Tea", "r2-tea")
    assert known.since == NOON + timedelta(days=1)


def test_two_likes_are_two_facts_and_a_dislike_ends_one() -> None:
    known = fold([told(1, "likes", "차"), told(2, "likes", "커피"), told(3, "dislikes", "커피")])
    assert [(k.fact.value, k.until is None) for k in known] == [
        ("차", True), ("커피", False), ("커피", True),
    ]  # fmt: skip


def test_a_denial_ends_what_it_denies() -> None:
    known = fold([told(1, "partner", "Noor"), told(2, "partner", "Noor", negated=True)])
    assert known[0].until is not None


def test_a_pet_that_went_is_meant_by_its_name() -> None:
    known = fold([
        told(1, "pet", "햄스터"), told(1, "name", "쪼꼬", "햄스터"),
        told(2, "pet", "쪼꼬", negated=True),
    ])  # fmt: skip
    assert next(k for k in known if k.fact.value == "햄스터").until is not None


def test_another_name_contradicts_and_another_home_does_not() -> None:
    known = fold([told(1, "name", "지수"), told(2, "name", "지우"), told(1, "home", "부산"),
                  told(2, "home", "서울")])  # fmt: skip
    assert {k.fact.value: k.against for k in known if k.until is None} == {
        "지우": "지수",
        "서울": "",
    }
    known = fold([told(1, "name", "지수"), told(2, "name", "지우", instead=True)])
    assert known[-1].against == ""


def test_two_sisters_may_have_two_names() -> None:
    known = fold([told(1, "name", "Ana", "sister"), told(2, "name", "Eva", "sister")])
    assert all(k.until is None for k in known)


def test_a_retracted_fact_is_gone_until_it_is_said_again() -> None:
    first = told(1, "likes", "차")
    taken_back = Mend(RETRACT, fact_id(first.fact), NOON + timedelta(days=2))
    assert fold([first], [taken_back]) == ()
    assert len(fold([first, told(3, "likes", "차")], [taken_back])) == 1


def test_a_correction_gives_other_words() -> None:
    first = told(1, "name", "모프", "고양이")
    mend = Mend(CORRECT, fact_id(first.fact), NOON + timedelta(days=2), "모푸")
    (known,) = fold([first], [mend])
    assert (known.fact.value, known.edited, known.refs) == ("모푸", True, (first.ref,))


_TOLD = st.builds(
    told,
    st.integers(0, 5),
    st.sampled_from(["name", "home", "likes", "dislikes", "pet", "medicine", "appointment"]),
    st.sampled_from(["차", "tea", "모푸", "cat", "me"]),
    st.sampled_from(["me", "cat", "엄마"]),
    negated=st.booleans(),
    instead=st.booleans(),
)


@given(st.lists(_TOLD, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(some: list[Told], rng: object) -> None:
    shuffled = list(some)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) == fold(some)
