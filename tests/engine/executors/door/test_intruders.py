"""Nothing is unpickled of what was not written by somebody who knows the key, for this connection, at this moment."""

from __future__ import annotations

import os
import pickle
import secrets
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chunkscope.errors import ClusterError
from chunkscope.executors.door import greeting, seal, talk
from chunkscope.executors.door import place as places
from chunkscope.executors.door.host import MOST_GREETINGS, Door
from chunkscope.executors.door.line import join
from chunkscope.executors.door.seal import Forged, Sealed
from tests.engine.executors.door.intruder import connect, hung_up, let_in, marked


def still_works(door: Door) -> None:
    line = join(door.address)
    assert line("echo", "x") == "x"
    line.close()


def test_who_talks_before_the_greeting_is_not_listened_to(door: Door, tmp_path: Path) -> None:
    body = marked(tmp_path / "mark")
    frame = struct.pack("=cBQQ", talk.CALL, 0, 0, len(body)) + bytes(32) + body + bytes(32)
    for garbage in (
        body * 20,
        frame * 3,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 4,
        secrets.token_bytes(4096),
    ):
        with connect(door) as end:
            end.sendall(garbage)
            assert hung_up(end)
    assert not (tmp_path / "mark").exists() and door.guests == []
    still_works(door)


def test_a_wrong_key_does_not_open(door: Door, tmp_path: Path) -> None:
    with connect(door) as end, pytest.raises(ClusterError, match="has another key"):
        greeting.knock(end, secrets.token_bytes(32), door.address)
    # Somebody who plays the greeting without believing the owner's proof gets no further.
    with connect(door) as end:
        ours = secrets.token_bytes(32)
        end.sendall(greeting._HELLO.pack(greeting._MAGIC, greeting.PROTOCOL, *_python(), ours))
        assert len(seal.exactly(end, 65)) == 65
        end.sendall(secrets.token_bytes(32) + marked(tmp_path / "mark"))
        assert bytes(seal.exactly(end, 1)) == b"k" and hung_up(end)
    assert not (tmp_path / "mark").exists() and door.guests == []
    still_works(door)


def test_the_owners_own_proof_is_no_proof_of_a_guest(door: Door) -> None:
    with connect(door) as first:
        ours = secrets.token_bytes(32)
        first.sendall(greeting._HELLO.pack(greeting._MAGIC, greeting.PROTOCOL, *_python(), ours))
        answer = bytes(seal.exactly(first, 65))
        first.sendall(answer[33:])
        assert bytes(seal.exactly(first, 1)) == b"k" and hung_up(first)


def test_who_joins_does_not_believe_an_owner_without_the_key() -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"y" + secrets.token_bytes(64))
        with pytest.raises(ClusterError, match="has another key"):
            greeting.knock(here, secrets.token_bytes(32), "unix:///x/socket")
        assert len(there.recv(1000)) == greeting._HELLO.size  # and it was told nothing but random bytes


@pytest.mark.parametrize("where", ["head", "body", "another key", "no code"])
def test_a_forged_message_is_refused_before_anybody_unpickles_it(
    door: Door, tmp_path: Path, where: str
) -> None:
    end, sealed = let_in(door)
    body = marked(tmp_path / "mark")
    message = _recorded(sealed, body) if where != "another key" else _recorded(_other(end), body)
    at = {"head": 3, "body": seal._HEAD.size + 32 + 5}.get(where)
    if at is not None:
        message = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
    if where == "no code":
        message = message[: seal._HEAD.size] + bytes(32) + body + bytes(32)
    with end:
        end.sendall(message)
        assert hung_up(end)
    assert not (tmp_path / "mark").exists()
    assert _empty(door)
    still_works(door)


def test_the_same_message_with_its_code_is_unpickled(door: Door, tmp_path: Path) -> None:
    end, sealed = let_in(door)
    with end:
        end.sendall(_recorded(sealed, marked(tmp_path / "mark")))
        deadline = time.monotonic() + 10
        while not (tmp_path / "mark").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert (tmp_path / "mark").exists()  # so the others prove something


def test_a_message_that_is_sent_again_is_refused(door: Door, tmp_path: Path) -> None:
    end, sealed = let_in(door)
    body = pickle.dumps([(1, 1)])
    message = _recorded(sealed, body, talk.LET_GO)
    with end:
        end.sendall(message)
        assert _soon(lambda: len(door.guests) == 1)
        end.sendall(message)
        assert hung_up(end)
    assert _empty(door)


def test_a_message_of_another_connection_is_refused(door: Door) -> None:
    first, sealed = let_in(door)
    message = _recorded(sealed, pickle.dumps([(1, 1)]), talk.LET_GO)
    second, _ = let_in(door)
    with first, second:
        second.sendall(message)
        assert hung_up(second)
        assert _soon(lambda: len(door.guests) == 1)
    assert _empty(door)


def test_a_message_of_the_other_direction_is_refused() -> None:
    here, there = socket.socketpair()
    guest, owner = Sealed(here, b"to owner", b"to guest"), Sealed(there, b"to guest", b"to owner")
    message = _recorded(guest, b"x")
    there.sendall(message)
    with pytest.raises(Forged, match="code is wrong"):
        guest.receive()
    guest.close()
    owner.close()


def test_a_message_that_is_cut_short_ends_the_connection(door: Door, tmp_path: Path) -> None:
    body = marked(tmp_path / "mark")
    for size in (1, seal._HEAD.size + 5, seal._HEAD.size + 32 + len(body), -1):
        end, sealed = let_in(door)
        message = _recorded(sealed, body)
        end.sendall(message[:size])
        end.shutdown(socket.SHUT_WR)
        assert hung_up(end)
        end.close()
    assert not (tmp_path / "mark").exists() and _empty(door)


def test_a_huge_length_is_not_believed(door: Door) -> None:
    end, _ = let_in(door)
    with end:  # without a code
        end.sendall(struct.pack("=cBQQ", talk.CALL, 0, 0, 1 << 60) + bytes(32))
        assert hung_up(end)
    end, sealed = let_in(door)
    with end:  # with one: nobody who means well sends so much
        head = seal._HEAD.pack(talk.CALL, 0, 0, 1 << 60)
        end.sendall(head + seal.code(sealed._keys[0], b"head" + head))
        assert hung_up(end)
    assert _empty(door)
    still_works(door)


def test_descriptors_of_strangers_are_not_taken(door: Door) -> None:
    read, write = os.pipe()
    with connect(door) as end:
        socket.send_fds(end, [b"x"], [write])
        os.close(write)
        end.sendall(bytes(200))
        assert hung_up(end)
    assert os.read(read, 1) == b""  # nobody has the other end of the pipe
    os.close(read)


def test_many_who_say_nothing_do_not_keep_others_out(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeting, "SECONDS", 0.3)
    silent = [connect(door) for _ in range(MOST_GREETINGS)]
    assert all(hung_up(end) for end in silent)
    still_works(door)
    for end in silent:
        end.close()


def test_another_user_is_turned_away(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeting, "user_of", lambda end: 4_000_000_000)
    with connect(door) as end:
        assert bytes(seal.exactly(end, 1)) == b"u" and hung_up(end)
    with pytest.raises(ClusterError, match="belongs to another user; it was not spoken to"):
        join(door.address)


def test_the_system_tells_whose_socket_it_is(door: Door) -> None:
    with connect(door) as end:
        assert greeting.user_of(end) == os.getuid()


def test_another_version_is_named(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    key = places.read_key(door.place)
    with connect(door) as end:
        end.sendall(greeting._HELLO.pack(greeting._MAGIC, greeting.PROTOCOL + 1, 3, 1, bytes(32)))
        assert bytes(seal.exactly(end, 4)) == bytes((ord("v"), greeting.PROTOCOL, *_python()))
    here, there = socket.socketpair()
    with here, there:
        there.sendall(bytes((ord("v"), 7, 3, 1)))
        with pytest.raises(ClusterError, match=r"runs Python 3\.1 and protocol 7, this process Python 3"):
            greeting.knock(here, key, door.address)


def _python() -> tuple[int, int]:
    return sys.version_info[:2]


def _other(end: socket.socket) -> Sealed:
    return Sealed(end, secrets.token_bytes(32), secrets.token_bytes(32))


def _recorded(sealed: Sealed, body: bytes, kind: bytes = talk.CALL) -> bytes:
    """The bytes of a message, not sent."""
    here, there = socket.socketpair()
    with here, there:
        real, sealed._socket = sealed._socket, here
        sealed.send(kind, body)
        sealed._socket = real
        return bytes(seal.exactly(there, seal._HEAD.size + 32 + len(body) + 32))


def _empty(door: Door) -> bool:
    return _soon(lambda: door.guests == [])


def _soon(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()
