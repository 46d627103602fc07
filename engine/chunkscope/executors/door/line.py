"""The line to a cluster that this process has joined: calls its owner, hears its news, reads its memory."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import queue
import socket
import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from chunkscope.blocks.afar import Mirror
from chunkscope.blocks.allocator import Extent
from chunkscope.blocks.arenas import write_all
from chunkscope.blocks.carry import carried
from chunkscope.blocks.packing import INLINE_BYTES, rebuild, starts_of, take_apart
from chunkscope.blocks.passing import passing
from chunkscope.errors import ClusterError, TransferError
from chunkscope.executors.cluster import home
from chunkscope.executors.cluster.channel import ChannelClosed
from chunkscope.executors.door import greeting, talk
from chunkscope.executors.door import place as places
from chunkscope.executors.door.crowd import Crowd
from chunkscope.executors.door.talk import Ends
from chunkscope.executors.door.things import Things

__all__ = ["Line", "join"]

_log = logging.getLogger("chunkscope.executors")
GOODBYE_SECONDS = 0.5
_LET_GO = object()


def join(address: str, kinds: Mapping[str, Callable[..., Any]] | None = None) -> Line:
    """Join the cluster at an address. Raises ClusterError that says why it cannot be joined."""
    place = places.find(address)
    key = places.read_key(place)
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        try:
            end.settimeout(greeting.SECONDS)
            end.connect(str(place.socket_file))
        except (BlockingIOError, TimeoutError):
            raise ClusterError(
                f"the cluster at {address!r} opens to nobody now; its process may be stopped, or too many join at once"
            ) from None
        except OSError:
            raise ClusterError(
                f"nobody answers at {address!r}: the process that made the cluster has ended; ask a running "
                "one for its scheduler_address"
            ) from None
        return Line(greeting.knock(end, key, address), address, kinds or {})
    except BaseException:
        end.close()
        raise


class _Reply:
    """What somebody waits for."""

    __slots__ = ("event", "number", "sent", "told")

    def __init__(self) -> None:
        self.event = threading.Event()
        self.number = 0
        self.sent = False
        """Whether the question is on its way, or about to be."""
        self.told: Any = None


class Line(Things):
    """One connection to an owner. Any thread may call; each waits for its own answer."""

    def __init__(self, ends: Ends, address: str, kinds: Mapping[str, Callable[..., Any]]) -> None:
        """`ends`: this end of a connection, sealed, or to a process that was started here.

        `kinds`: what stands here for things of the owner: made with (line, number), it learns the facts.
        """
        super().__init__(kinds)
        self.address = address
        self._client: weakref.ref[Any] | None = None
        self._ends = ends
        self._sending = threading.Lock()
        self._crowd = Crowd("chunkscope-line")
        self._pid = os.getpid()
        self._calls = 0
        self._waiting: dict[int, _Reply] = {}
        self._closed = ""
        self._let_go: deque[tuple[int, int]] = deque()
        self._letting_go = False
        self._news: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._listeners: dict[str, Callable[[Any], None]] = {"block": self._learn_blocks}
        self.on_end: list[Callable[[ClusterError], None]] = []
        """Told, once, when the line has ended, by whichever side."""
        for target, name in ((self._receive, "chunkscope-line"), (self._listen, "chunkscope-news")):
            threading.Thread(target=target, name=name, daemon=True).start()

    @property
    def client(self) -> Any:
        """Whose the futures are that arrive here; None where nobody said so. Held weakly."""
        return None if self._client is None else self._client()

    @client.setter
    def client(self, client: Any) -> None:
        self._client = weakref.ref(client)

    # -- calls ------------------------------------------------------------------------------------------------

    def __call__(self, topic: str, payload: Any) -> Any:
        """What the owner answers; waits for it. Raises what its handler raised, ClusterError where it is gone."""
        try:
            with passing(self):
                shape, buffers = take_apart((topic, payload), by_value=True)
        except ClusterError:
            raise
        except Exception as reason:
            raise TransferError(
                f"this cannot be sent to the cluster ({type(reason).__name__}: {reason}); send functions, plain data, "
                "arrays or frames, and make such things as locks and files inside the function"
            ) from reason
        starts, total = starts_of(shape.sizes)
        if total < INLINE_BYTES:
            name = talk.Name(*shape, tuple(map(bytes, buffers)), -1, -1, -1, 0, ())
            ok, told = self._ask(talk.CALL, name, _Reply())
        else:
            granted, reply = _Reply(), _Reply()
            try:
                arena, start, size = self._ask(talk.GRANT, total, granted)
                for at, buffer in zip(starts, buffers, strict=True):
                    write_all(self.arenas.file(arena)[0], start + at, [buffer])
                name = talk.Name(*shape, (), -1, arena, start, size, tuple(start + at for at in starts))
                ok, told = self._ask(talk.CALL, name, reply)
            except BaseException:
                if not reply.sent and type(granted.told) is tuple:
                    self._tell(talk.RETURN, [granted.number])
                raise
        if not ok:
            with passing(self):
                raise carried(told)
        try:
            return self._loaded(talk.Name(*told))
        except ClusterError:
            raise
        except Exception as reason:
            raise TransferError(
                f"the cluster's answer cannot be read in this process ({type(reason).__name__}: {reason}); modules "
                "that its values come from must be importable here, too"
            ) from reason

    def _ask(self, kind: bytes, asked: Any, reply: _Reply) -> Any:
        self.check()
        with self._lock:
            self._calls += 1
            number = reply.number = self._calls
            self._waiting[number] = reply
        try:
            body = pickle.dumps((number, tuple(asked) if isinstance(asked, tuple) else asked), protocol=5)
            reply.sent = True
            if not home.in_worker() and threading.current_thread() is threading.main_thread():
                # Ctrl-C ends the waiting, and no message half-way
                self._aside(lambda: self._send(kind, body))
            else:
                self._send(kind, body)
            self.check()
            reply.event.wait()
        except BaseException:
            with self._lock:
                self._waiting.pop(number, None)
                told = reply.told
            if kind == talk.CALL and type(told) is tuple:
                self._aside(lambda: self._drop(told))
            elif kind == talk.CALL and reply.sent and told is None:
                self._tell(talk.FORGET, number)
            raise
        if isinstance(reply.told, BaseException):
            raise reply.told
        return reply.told

    def _aside(self, function: Callable[[], None]) -> None:
        """Call it in another thread."""
        try:
            self._crowd.call(function)
        except RuntimeError:  # the interpreter ends, or there are too many threads
            function()

    def _tell(self, kind: bytes, told: Any) -> None:
        """Send it soon."""
        self._aside(lambda: self._send(kind, pickle.dumps(told, protocol=5)))

    def _send(self, kind: bytes, body: bytes) -> None:
        try:
            with self._sending:
                self._ends.send(kind, body)
        except ChannelClosed:
            self._end("its process has ended")

    def _drop(self, told: tuple[Any, ...]) -> None:
        """An answer that nobody waits for: what it names is let go of as if it had been used."""
        ok, name = told
        if ok:
            with contextlib.suppress(Exception):  # whoever would have minded has gone
                self._loaded(talk.Name(*name))

    def _loaded(self, name: talk.Name) -> Any:
        """The value of a name, read-only over the owner's memory where it is large."""
        if name.arena < 0:
            buffers: list[Any] = list(name.inline)
        else:
            lease = self._lease(name.lease, Extent(name.arena, name.start, name.size))
            parts = zip(name.starts, name.sizes, strict=True)
            buffers = [self.arenas.read(lease, start, size) for start, size in parts]
        with passing(self):
            return rebuild(name.shape, buffers)

    # -- what comes -----------------------------------------------------------------------------------------------

    def _receive(self) -> None:
        try:
            while True:
                kind, body, descriptors = self._ends.receive()
                told: Any = pickle.loads(body) if body else None
                if kind in (talk.CALL, talk.GRANT):
                    number, *rest = told
                    found = rest[0] if len(rest) == 1 else tuple(rest)
                    with self._lock:
                        reply = self._waiting.pop(number, None)
                        if reply is not None:
                            reply.told = found
                    if reply is not None:
                        reply.event.set()
                    elif kind == talk.CALL:  # who asked was interrupted
                        self._aside(lambda found=found: self._drop(found))  # type: ignore[misc]
                    elif type(found) is tuple:
                        self._tell(talk.RETURN, [number])
                elif kind == talk.NEWS:
                    self._news.put(told)
                elif kind == talk.ARENA:
                    arena, nbytes = told
                    self.arenas.add(arena, nbytes, descriptors[0])
                elif kind == talk.GONE:
                    self.arenas.drop(told)
                elif kind == talk.BYE:
                    self._end("it was closed")
                    return
        except ChannelClosed:
            self._end("its process has ended")
        except Exception as error:
            _log.exception("a message of the cluster could not be understood")
            self._end(f"a message of it could not be understood: {type(error).__name__}: {error}")
        finally:
            self.arenas.close()

    def hear(self, topic: str, listener: Callable[[Any], None]) -> None:
        """Have news about `topic` told to `listener(payload)`, on one thread."""
        self._listeners[topic] = listener

    def _listen(self) -> None:
        while True:
            told = self._news.get()
            if told is None:
                return
            try:
                if told is _LET_GO:
                    self._pass_on()
                    continue
                topic, payload = self._loaded(talk.Name(*told))
                listener = self._listeners.get(topic)
                if listener is not None:
                    listener(payload)
                del payload
            except Exception:
                if not self._closed:
                    _log.exception("news of the cluster could not be understood")
            del told

    # -- things of the owner ---------------------------------------------------------------------------------------

    def let_go(self, number: int, times: int = 1) -> None:
        """Nothing here stands for that number any more. Never waits: the news thread passes it on."""
        if not self._closed:
            self._let_go.append((number, times))
            if not self._letting_go:
                self._letting_go = True
                self._news.put(_LET_GO)

    def _pass_on(self) -> None:
        """Tell the owner what nothing here stands for any more."""
        self._letting_go = False
        found = []
        while self._let_go:
            found.append(self._let_go.popleft())
        if found:
            self._send(talk.LET_GO, pickle.dumps(found, protocol=5))

    # -- the end -----------------------------------------------------------------------------------------------------

    @property
    def closed(self) -> str:
        """Why it has ended; empty while it has not."""
        return self._closed

    def check(self) -> None:
        """Raise ClusterError where the line has ended, or belongs to the process that forked this one."""
        if self._closed:
            raise self._error(self._closed)
        if os.getpid() != self._pid:
            raise ClusterError(
                "a forked process cannot use its parent's client; make one here: Client(address)"
            )

    @property
    def error(self) -> ClusterError:
        """What there is to be raised once it has ended."""
        return self._error(self._closed)

    def _error(self, why: str) -> ClusterError:
        return ClusterError(
            f"the cluster at {self.address!r} is gone: {why}; join another one, Client(address)"
        )

    def close(self) -> None:
        """Leave. Twice is like once; in a process that was forked from this one it does nothing."""
        if os.getpid() == self._pid:
            self._end("this client has left it", says_so=True)

    def _end(self, why: str, *, says_so: bool = False) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = why
            waiting, self._waiting = self._waiting, {}
        if says_so and self._sending.acquire(
            timeout=GOODBYE_SECONDS
        ):  # an owner that stands still takes no message
            with contextlib.suppress(ChannelClosed):
                self._ends.send(talk.BYE)
            self._sending.release()
        self._ends.close()
        self._news.put(None)
        error = self._error(why)
        for reply in waiting.values():
            reply.told = self._error(why)
            reply.event.set()
        pending = [one for one in list(self._here.values()) if isinstance(one, Mirror) and not one.done]
        for tell in (*(mirror.fail for mirror in pending), *self.on_end):
            try:
                tell(error)
            except Exception:  # the others are to learn of it all the same
                _log.exception("the end of %r could not be told", self.address)
