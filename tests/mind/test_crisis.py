"""Who speaks of dying is answered with real help; who jokes about dying of laughter is not."""

from __future__ import annotations

import pytest

from echo.mind import crisis

HEARD = """
요즘 진짜 죽고 싶어
그냥 죽고싶다
다 그만두고 사라지고 싶어
살기 싫어 너무
더는 살고 싶지 않아
어제 또 자해했어
자살 생각이 계속 나
목숨을 끊을까 싶어
내가 없어지고 싶다는 생각만 해
차라리 죽는 게 나아
손목을 그었어
i want to die
I wanna die so bad
i've been thinking about killing myself
I am suicidal again
I don't want to be alive anymore
everyone would be better off dead without... no, I'd be better off dead
I keep hurting myself
i can't stop, I self-harm
there's no point in living
I just want to end it all
""".strip().splitlines()

NOT_MEANT = """
배고파 죽겠어
웃겨서 죽는 줄 알았어
심심해 죽겠다
더워 죽겠네 진짜
오늘 게임에서 다섯 번 죽었어
우리 강아지가 죽었어
할머니가 돌아가셨어
사라진 지갑을 찾았어
그 식당 진짜 맛있어서 죽는 줄
my phone died
i'm dying of laughter
I nearly killed myself laughing
I cut myself shaving
the plant wants water or it will die
my grandmother died last year
we watched Suicide Squad
I could eat a horse
this deadline is killing me
I don't want to wake him up
""".strip().splitlines()


@pytest.mark.parametrize("words", HEARD)
def test_words_of_dying_are_heard(words: str) -> None:
    assert crisis.called_for(words)


@pytest.mark.parametrize("words", NOT_MEANT)
def test_figures_of_speech_and_others_deaths_are_not(words: str) -> None:
    assert not crisis.called_for(words)


def test_help_is_named_with_numbers_once() -> None:
    assert "109" in crisis.answer("ko", again=False)
    assert "988" in crisis.answer("en", again=False)
    assert len(crisis.answer("ko", again=True)) < len(crisis.answer("ko", again=False)) / 2
