"""Actors: objects that live on a worker and keep their state there, used through a proxy from anywhere.

`client.submit(Counter, actor=True)` makes one. Its proxy goes to other tasks as any value; the object goes with the
last proxy and future of it, and with its worker.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from chunkscope.blocks import lend
from chunkscope.blocks.carry import carried, packed_error
from chunkscope.blocks.passing import REFERENCES, passed
from chunkscope.errors import ClusterError, TransferError, WorkerDiedError
from chunkscope.executors.cluster import home
from chunkscope.executors.cluster.outside import OUTSIDE
from chunkscope.futures.away_promise import AwayPromise
from chunkscope.futures.closing import Closing
from chunkscope.futures.future import Future
from chunkscope.futures.mailbox import ATTRIBUTE, Mailbox
from chunkscope.futures.promise import Promise

if TYPE_CHECKING:
    from chunkscope.executors.door.guest import Guest
    from chunkscope.executors.door.line import Line
    from chunkscope.futures.parts import ClientParts

__all__ = ["TOPIC", "Actor", "ActorFuture", "AwayResidence", "Making", "Residence", "serve"]

TOPIC = "actor"
"""Under which owner and workers speak of them."""

_numbers = itertools.count(1)


class ActorFuture(Future):
    """What a method of an actor will have given: `result()`, `done()`, or `await` it."""

    __slots__ = ()


class Actor:
    """An object that lives on a worker, seen from elsewhere: methods give futures, attributes their values.

    Calls from one place are performed in their order, one at a time.

    >>> from chunkscope.futures import Client
    >>> class Counter:
    ...     n = 0
    ...     def add(self, x):
    ...         self.n += x
    ...         return self.n
    >>> with Client(processes=False, n_workers=1, threads_per_worker=1) as client:
    ...     counter = client.submit(Counter, actor=True).result()
    ...     counter.add(1), counter.add(2).result(), counter.n
    (<ActorFuture: finished...>, 3, 3)
    """

    def __init__(self, residence: Any, name: str, methods: frozenset[str]) -> None:
        object.__setattr__(self, "_residence", residence)
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_methods", methods)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(
                f"an actor has no {name}; only methods and attributes with plain names are reached"
            )
        if name in self._methods:
            return partial(self._call, name)
        return self._call(ATTRIBUTE, name).result()

    @property
    def key(self) -> str:
        """A name of it, the same wherever it is seen from."""
        return f"{self._name}-{self._residence.number}"

    @property
    def client(self) -> ClientParts:
        """In a task, a client of the cluster that it lives in; elsewhere the newest client that is open."""
        from chunkscope.futures.inside import get_client

        return get_client()

    def substitute(self, subs: dict[Any, Any], key: Any = None) -> Actor:
        """Itself: nothing has to be put in its place."""
        return self

    def _call(self, method: str, *args: Any, **kwargs: Any) -> ActorFuture:
        from chunkscope.futures.inside import get_client

        promise = self._residence.call(f"{self._name}.{method}", method, args, kwargs)
        return ActorFuture(promise, get_client())

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(
            f"{self._name}.{name} lives on its worker and cannot be set from here; give the class a method that sets it"
        )

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self._methods})

    def __reduce__(self) -> tuple[Any, ...]:
        return (Actor, (self._residence, self._name, self._methods))

    def __repr__(self) -> str:
        return f"<Actor: {self._name}>"


class Making:
    """Makes the object of an actor on the worker that runs it, and gives its proxy."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.func = function

    def __call__(self, *args: Any, **kwargs: Any) -> Actor:
        instance = self.func(*args, **kwargs)
        name = type(instance).__name__
        methods = frozenset(
            found
            for found in dir(type(instance))
            if not found.startswith("__") and callable(getattr(type(instance), found, None))
        )
        mailbox = Mailbox(instance, name)
        if home.in_worker():
            return Actor(_HOUSE.take_in(mailbox, name), name, methods)
        return Actor(Here(mailbox), name, methods)


class Here:
    """The home of an actor in this process, for workers that are threads."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    @property
    def number(self) -> int:
        """By which other processes know it."""
        return REFERENCES.enter(self)

    def call(self, key: str, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Promise:
        """The promise of a call."""
        promise = _promise(key)
        self._mailbox.put(method, args, kwargs, partial(_settle, promise))
        return promise

    def __reduce__(self) -> tuple[Any, ...]:
        return passed(self, "actor") or _by_value()


class Residence:
    """The home of an actor in a worker process, as the owner of the cluster sees it."""

    def __init__(self, guest: Guest, number: int, name: str) -> None:
        self._guest = guest
        self._number = number
        self._name = name
        self._closing = Closing(self, partial(_end, guest, number))
        guest.owe((TOPIC, "home", number), self._closing.close)

    @property
    def number(self) -> int:
        """By which other processes know it."""
        return REFERENCES.enter(self)

    def call(self, key: str, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Promise:
        """The promise of a call. It fails where the worker ends before it has answered."""
        promise = _promise(key)
        number = next(_numbers)
        error = WorkerDiedError(
            f"{key} cannot be known: the actor {self._name} lived in {self._guest.name}, which has ended, and its "
            "state with it; submit the actor again",
            task=key,
        )
        with _lock:
            _pending[number] = promise
        self._guest.owe((TOPIC, number), partial(_answer, number, None, error))
        try:
            self._guest.ask_there(TOPIC, ("call", self._number, number, method, args, dict(kwargs)))
        except BaseException:
            self._guest.pay((TOPIC, number))
            with _lock:
                _pending.pop(number, None)
            raise
        return promise

    def __reduce__(self) -> tuple[Any, ...]:
        return passed(self, "actor") or _by_value()


class AwayResidence:
    """The home of an actor, as it is seen from a task in another process, or from one that has joined."""

    def __init__(self, line: Line, number: int) -> None:
        self.owner = line
        self.number = number
        self.times = 1
        """How often we were told of it."""

    def learn(self, *facts: Any) -> None:
        """There is nothing to know of it."""

    def call(self, key: str, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Promise:
        """The promise of a call; at once where the actor calls itself."""
        mailbox = _HOUSE.find(self.number)
        if mailbox is not None and mailbox.inside:
            promise = _promise(key)
            mailbox.put(method, args, kwargs, partial(_settle, promise))
            return promise
        found: AwayPromise = self.owner(TOPIC, ("call", self, key, method, args, dict(kwargs)))
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return passed(self, "actor") or _by_value()

    def __del__(self) -> None:
        self.owner.let_go(self.number, self.times)


def _by_value() -> tuple[Any, ...]:
    raise TransferError(
        "an actor lives on its worker: its proxy can be used there and in tasks, but not be stored"
    )


def _promise(key: str) -> Promise:
    return Promise(f"{key}-{next(_numbers)}", key)


def _settle(promise: Promise, value: Any, error: BaseException | None) -> None:
    if error is not None:
        promise.block.fail(error)
    else:
        promise.block.fill(lend(value))


# -- in the process that owns the workers ----------------------------------------------------------------------

_lock = threading.Lock()
_pending: dict[int, Promise] = {}


def serve() -> None:
    """Answer workers that speak of actors from now on."""
    home.handle(TOPIC, _perform)


def _perform(asked: tuple[Any, ...]) -> Any:
    guest: Any = home.asker()
    what, *told = asked
    if what == "born":
        return Residence(guest, *told)
    if what == "call":
        residence, *call = told
        return residence.call(*call)
    number, value, error = told
    guest.pay((TOPIC, number))
    _answer(number, value, None if error is None else carried(error))
    return None


def _end(guest: Guest, number: int) -> None:
    """Nobody has the actor any more."""
    guest.pay((TOPIC, "home", number))
    guest.tell(TOPIC, ("end", number))


def _answer(number: int, value: Any, error: BaseException | None) -> None:
    """What came of a call."""
    with _lock:
        promise = _pending.pop(number, None)
    if promise is not None:
        _settle(promise, value, error)


# -- in a worker process -----------------------------------------------------------------------------------------


class _House:
    """The actors that live in this worker process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mailboxes: dict[int, Mailbox] = {}
        self._numbers: dict[int, int] = {}  # ours, by the owner's
        self._listens = False

    def take_in(self, mailbox: Mailbox, name: str) -> AwayResidence:
        """House an actor, and tell the owner; the home as others see it."""
        line = OUTSIDE.line()
        number = next(_numbers)
        with self._lock:
            self._mailboxes[number] = mailbox
            if not self._listens:
                self._listens = True
                line.hear(TOPIC, self._hear)
        residence: AwayResidence = line(TOPIC, ("born", number, name))
        self._numbers[residence.number] = number
        return residence

    def find(self, number: int) -> Mailbox | None:
        """The actor whose home has this number at the owner, where it is here."""
        return self._mailboxes.get(self._numbers.get(number, -1))

    def _hear(self, told: tuple[Any, ...]) -> None:
        """A call, or the end of an actor."""
        what, number, *call = told
        if what == "end":
            with self._lock:
                self._mailboxes.pop(number, None)
                self._numbers = {theirs: ours for theirs, ours in self._numbers.items() if ours != number}
            return
        call_number, method, args, kwargs = call
        mailbox = self._mailboxes.get(number)
        tell = partial(self._tell, call_number)
        if mailbox is None:
            tell(None, ClusterError("this actor has ended"))
        else:
            mailbox.put(method, args, kwargs, tell)

    def _tell(self, number: int, value: Any, error: BaseException | None) -> None:
        """Tell the owner what came of a call."""
        line = OUTSIDE.line()
        try:
            try:
                line(TOPIC, ("done", number, value, None if error is None else packed_error(error)))
            except TransferError as reason:
                line(TOPIC, ("done", number, None, packed_error(reason)))
        except ClusterError:
            return  # the owner is gone: nobody waits


_HOUSE = _House()
