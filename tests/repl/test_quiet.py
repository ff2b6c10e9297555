"""Keys typed while no prompt stood, as the text they would have made."""

from __future__ import annotations

import os
import pty

import pytest

from echo.repl.quiet import Quiet, edited, parted


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("안녕\r", "안녕\n"),
        ("헬로\x7f우", "헬우"),
        ("지울 말\x15남길 말", "남길 말"),
        ("위\x1b[A아래\x1bOB왼\x1b[1;5D", "위아래왼"),
        ("\x1b[200~붙인 글\x1b[201~", "붙인 글"),
        ("벨\x07\x00", "벨"),
        ("\x7f\x7f", ""),
        ("하" + "\u1112\u1161\u11ab" + "\x7f", "하"),
    ],
)
def test_keys_become_text(typed: str, text: str) -> None:
    assert edited(typed).replace("\ufffd", "") == text


@pytest.mark.parametrize(
    ("text", "message", "keys"),
    [
        ("말", "말", ""),
        ("말\n", "말", "\r"),
        ("말\n\x04", "말", "\r\x04"),
        ("\x04", "", "\x04"),
        ("\n\n\x04", "", "\x04"),
        ("쓰다 만 말\x04", "쓰다 만 말", ""),
        ("앞\x04뒤\n", "앞뒤", "\r"),
        ("\n \n", "", ""),
    ],
)
def test_keys_that_end_what_was_typed(text: str, message: str, keys: str) -> None:
    """Enter sends, Ctrl-D on an empty line leaves, also when pressed while Echo still answers."""
    assert parted(text) == (message, keys)


def test_split_syllables_and_enter_are_put_together() -> None:
    """Bytes of one letter may come in two reads; Enter at the end means: send."""
    master, slave = pty.openpty()
    try:
        with Quiet(slave) as quiet:
            data = "가나\r".encode()
            os.write(master, data[:4])
            quiet.collect()
            os.write(master, data[4:])
            assert quiet.typed() == ("가나", "\r")
            assert quiet.typed() == ("", "")
    finally:
        os.close(master)
        os.close(slave)


def test_a_file_is_left_alone() -> None:
    """Where there is no terminal nothing is read: a pipe's text belongs to whoever asked for it."""
    read, write = os.pipe()
    os.write(write, b"text")
    with Quiet(read) as quiet:
        assert quiet.typed() == ("", "")
    assert os.read(read, 10) == b"text"
    os.close(read)
    os.close(write)
