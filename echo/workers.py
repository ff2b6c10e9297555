"""Other processes of this program, for work that would keep one processor busy for seconds.

Knows processes; not what they work at. A job is a function of a module with values that pickle.
Whoever asks must be able to do the work alone: on one processor, in a sandbox without shared
memory, or when a worker dies, there are no workers.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

MOST = 3
_AHEAD = 2  # jobs in a worker's queue, so that it need not wait for the next
T = TypeVar("T")


def spare() -> int:
    """How many workers this machine has room for beside the process that asks."""
    try:
        here = len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        here = os.cpu_count() or 1
    return max(0, min(here - 1, MOST))


class Lost(Exception):  # no error of the user's: whoever asked does it alone
    """A worker could not be made or has died."""


class Workers:
    """Up to `count` processes, started when they are first asked. Use as a context manager."""

    def __init__(self, count: int | None = None) -> None:
        self.count = spare() if count is None else count
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, work: Callable[..., T], *values: Any) -> Future[T]:
        """Have it done. Raises Lost."""
        try:
            return self._started().submit(work, *values)
        except (OSError, ImportError, RuntimeError) as exc:  # a broken pool is a RuntimeError
            raise Lost from exc

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            context = multiprocessing.get_context("spawn")  # this process has threads and locks
            self._pool = ProcessPoolExecutor(self.count, context, initializer=_alone)
        return self._pool

    def each(self, work: Callable[..., T], jobs: Sequence[tuple[Any, ...]]) -> Iterator[T]:
        """What the work makes of each job, in order; the asker does its share. Raises what it does.

        A job of a worker that dies is done here.
        """
        waiting: dict[int, Future[T]] = {}
        done: dict[int, T] = {}
        left = list(range(len(jobs)))
        for number, job in enumerate(jobs):
            while number not in done:
                self._hand_out(work, jobs, left, waiting)
                if number in waiting:
                    if not waiting[number].done() and left:  # meanwhile the asker works too
                        mine = left.pop()
                        done[mine] = work(*jobs[mine])
                        continue
                    done[number] = _answer(waiting.pop(number), work, job)
                else:
                    left.remove(number)
                    done[number] = work(*job)
            yield done.pop(number)

    def _hand_out(
        self, work: Callable[..., T], jobs: Sequence[tuple[Any, ...]], left: list[int],
        waiting: dict[int, Future[T]],
    ) -> None:  # fmt: skip
        unfinished = sum(not one.done() for one in waiting.values())
        while left and self.count and unfinished < self.count * _AHEAD:
            try:
                waiting[left[0]] = self.submit(work, *jobs[left[0]])
            except Lost:
                self.count = 0
                return
            del left[0]
            unfinished += 1


def _answer(one: Future[T], work: Callable[..., T], job: tuple[Any, ...]) -> T:
    try:
        return answer(one)
    except Lost:
        return work(*job)


def answer(one: Future[T]) -> T:
    """What a worker found; waits for it. Raises Lost, or what the work raised."""
    try:
        return one.result()
    except (BrokenExecutor, CancelledError) as exc:
        raise Lost from exc


def _alone() -> None:
    """In a worker: Ctrl-C is the asker's, and nobody is left behind when the asker is killed."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
