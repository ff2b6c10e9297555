"""The seed brains' grammar and their GGUF, as far as seconds and no torch allow.

What the model answers is measured by tools.seed_brains.evaluate, not here.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import gguf
import jinja2
import pytest

from echo.mind import prompts
from echo.nouns import Lang
from echo.text import language
from tools.seed_brains import code, copying, facts, noise, personas, smalltalk, talk, texts
from tools.seed_brains.bpe import Tokenizer, learn, may_merge

MODEL = Path(__file__).resolve().parents[2] / "models" / "echo-seed.gguf"
HEADS = tuple(prompts.HEADS[lang][name] for lang in ("ko", "en") for name in ("memory", "words"))
SAMPLES = (
    "내 고양이 이름은 모푸야.", "넌 누구야ㅋㅋㅋ ㅠㅠ", "뷁쒧 가나다라 똠방각하",
    "Brello_McX isn't 3,141 km away!",
    "i'm   so tired...\n\n  ok", "이모지 🙂🐈‍⬛ 끝", "```python\nprint(1)\n```",
    "café — naïve “quotes”",
)  # fmt: skip


def _branches(seed: int, count: int) -> list[tuple[str, str]]:
    rng = random.Random(seed)
    found: list[tuple[str, str]] = []
    for n in range(count):
        who = talk.persona(rng)
        found += talk.self_branch(rng, who, long=n % 5 == 0)
        found += talk.creation_branch(rng, who)
        found += talk.emotion_branch(rng)
    return found


def test_the_same_seed_makes_the_same_dialogues() -> None:
    assert _branches(7, 30) == _branches(7, 30)
    assert _branches(7, 30) != _branches(8, 30)


def test_every_row_is_filled_in_and_shaped_by_prompts() -> None:
    rng = random.Random(3)
    for n in range(400):
        who = talk.persona(rng)
        for user, reply in talk.self_branch(rng, who, long=n % 5 == 0):
            assert user.startswith(HEADS)
            assert reply.strip()
            if "```" not in reply:
                assert not set("{}|<>☺☹") & set(reply), reply


def test_both_languages_come_about_equally_often() -> None:
    rng = random.Random(5)
    said = [talk.self_branch(rng, talk.persona(rng))[0][0] for _ in range(400)]
    korean = sum(text.startswith(("[기억]", "[말]")) for text in said)
    assert 140 < korean < 280


def test_small_talk_is_answered_in_its_own_language() -> None:
    rng = random.Random(9)
    langs: tuple[Lang, ...] = ("ko", "en")
    for lang in langs:
        for _ in range(300):
            topic = smalltalk.pick(rng, lang)
            said = smalltalk.say(topic, rng, lang)
            if lang == "en" and language(said.text) == "ko":
                continue  # an English sentence about somebody with a Korean name
            answer = smalltalk.reply(topic, said.slots | {"me": "Echo"}, "", rng, lang)
            assert language(answer) == lang, (said.text, answer)


def test_readings_are_what_the_schema_allows() -> None:
    rng = random.Random(11)
    fields: Any = prompts.EMOTION_SCHEMA["properties"]
    for _ in range(500):
        ((_, answer),) = talk.emotion_branch(rng)
        read = json.loads(answer)
        assert list(read) == prompts.EMOTION_SCHEMA["required"]
        assert all(read[name] in fields[name]["enum"] for name in read), answer


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_an_answer_restates_its_key_before_it_decides(lang: Lang) -> None:
    rng = random.Random(13)
    for _ in range(200):
        fact = facts.random_fact(rng, lang)
        _, restated = facts.ask(fact, rng, lang)
        for found in (fact.value, None):
            answer = facts.answer(restated, found, rng, lang)
            assert answer.lower().startswith(restated.lower())
            assert found is None or found in answer


def test_what_is_told_keeps_its_value_letter_for_letter() -> None:
    rng = random.Random(15)
    langs: tuple[Lang, ...] = ("ko", "en")
    for lang in langs:
        for _ in range(300):
            fact = facts.random_fact(rng, lang)
            said, _ = facts.tell(fact, rng, lang)
            assert fact.value in noise.rough(said, rng, lang, fact.value)


CORE = 64  # topics that every speaker needs; beyond them each language has its own


def test_both_languages_have_the_same_facts_and_core_topics() -> None:
    assert tuple(facts.KEYS["ko"]) == tuple(facts.KEYS["en"])
    korean, english = ([topic.name for topic in texts.topics(lang)] for lang in ("ko", "en"))
    assert korean[:CORE] == english[:CORE]
    assert all(len(set(names)) == len(names) for names in (korean, english))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("모푸<은> {v}<야>", "모푸는 콩이야"),
        ("서울<로> 간 봄<이> {v}<을>", "서울로 간 봄이 콩을"),
        ("Max<은>", "Max는"), ("Tom<은>", "Tom은"), ("7<을>", "7을"), ("2<을>", "2를"),
    ],
)  # fmt: skip
def test_particles_fit_what_stands_before_them(template: str, text: str) -> None:
    assert texts.fill(template, random.Random(0), {"v": "콩"}) == text


def test_half_of_the_rows_see_the_manifest_whole() -> None:
    rng = random.Random(17)
    whole = prompts.system(personas.manifest()).content
    share = sum(talk.persona(rng).system == whole for _ in range(400)) / 400
    assert 0.4 < share < 0.6


def test_every_program_can_be_asked_for_and_compiles() -> None:
    for name, source in code.PROGRAMS.items():
        compile(source, name, "exec")
        assert all(name in code.ASKS[lang] for lang in ("ko", "en"))


def test_the_curriculum_answers_with_the_line_of_the_key() -> None:
    rng = random.Random(19)
    for _ in range(200):
        (shown, answer), *_ = copying.copy_branch(rng)
        assert answer in shown


def test_merges_stay_within_a_syllable_and_off_capitals() -> None:
    assert may_merge("가".encode()[:2])
    assert may_merge("가".encode())
    assert may_merge(b" the")
    for piece in ("가나", " 가", " A", "12", " 1"):
        assert not may_merge(piece.encode())


def test_a_learnt_tokenizer_gives_back_what_it_was_given() -> None:
    tokenizer = learn([*SAMPLES, "the cat the dog"] * 3, 400)
    for text in SAMPLES:
        assert tokenizer.decode(tokenizer.encode(text)) == text


# ── the file ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def fields() -> dict[str, Any]:
    reader = gguf.GGUFReader(MODEL)
    return {name: field.contents() for name, field in reader.fields.items()}


@pytest.fixture(scope="module")
def llm() -> Any:
    from llama_cpp import Llama

    model = Llama(str(MODEL), n_ctx=512, n_threads=1, verbose=False)
    yield model
    model.close()


def test_the_file_says_what_it_is(fields: dict[str, Any]) -> None:
    assert MODEL.stat().st_size <= 8 << 20
    assert fields["general.name"] == "Echo seed"
    assert fields["general.architecture"] == "llama"
    assert fields["general.license"] == "MIT"
    assert list(fields["general.languages"]) == ["ko", "en"]
    assert fields["llama.context_length"] >= 4096
    assert fields["tokenizer.ggml.model"] == "gpt2"
    assert fields["tokenizer.ggml.add_bos_token"] is False


def test_its_controls_are_explicit(fields: dict[str, Any]) -> None:
    tokens = list(fields["tokenizer.ggml.tokens"])
    end = tokens.index("<|im_end|>")
    assert fields["tokenizer.ggml.eos_token_id"] == fields["tokenizer.ggml.eot_token_id"] == end
    kinds = fields["tokenizer.ggml.token_type"]
    for name in ("<|im_start|>", "<|im_end|>", "<|endoftext|>"):
        assert kinds[tokens.index(name)] == gguf.TokenType.CONTROL


def test_its_template_takes_system_text(fields: dict[str, Any]) -> None:
    template = jinja2.Environment(autoescape=False).from_string(fields["tokenizer.chat_template"])  # noqa: S701
    messages = [{"role": "system", "content": "너는 에코야."}, {"role": "user", "content": "hi"}]
    assert template.render(messages=messages, add_generation_prompt=True) == (
        "<|im_start|>system\n너는 에코야.<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_its_tokenizer_is_the_one_it_was_trained_with(fields: dict[str, Any], llm: Any) -> None:
    pairs = (merge.split(" ") for merge in fields["tokenizer.ggml.merges"])
    ours = Tokenizer((a, b) for a, b in pairs)
    for text in (*SAMPLES, prompts.system(personas.manifest()).content):
        ids = llm.tokenize(text.encode(), add_bos=False, special=False)
        assert ids == ours.encode(text)
        assert llm.detokenize(ids).decode() == text
