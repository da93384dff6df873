"""The programs that a figure needs beside the client, each in a process of its own: brokers, proxies, servers.

Theory of operation. A program prints one line when it is ready, then answers each line that it is told with one line,
and ends when nobody can tell it anything any more. So none outlives whoever started it.

Decides how they are started, told, frozen, killed and ended. Does not know what they do.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from tests.simulator.program import PROJECT

PATIENCE_SECONDS: Final = 30.0
"""Nothing that a program is told takes so long, unless it hangs."""
MOST_SECONDS: Final = 20.0
"""So long at most a program waits for what it is asked about, before it says that it has not come."""


class Program:
    """A process; ``ready`` is the line that it began with."""

    def __init__(self, module: str, *arguments: object) -> None:
        command = [sys.executable, "-m", module, *map(str, arguments)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True, bufsize=1)
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name=f"Hears {module}", daemon=True).start()
        self.ready = self.hear()

    def tell(self, *words: object) -> None:
        """Give a command whose answer is to be heard later."""
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def hear(self, timeout: float = PATIENCE_SECONDS) -> str:
        """The next line that it says, empty where it has ended. Raises queue.Empty where there is none in time."""
        return self._said.get(timeout=timeout)

    def ask(self, *words: object) -> str:
        """Give a command and hear the answer."""
        self.tell(*words)
        return self.hear()

    def freeze(self) -> None:
        """Let it do nothing, and close nothing, until it is thawed."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it without warning; twice is no error."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it and let go of its pipes."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(line.strip())
        self._said.put("")


@contextmanager
def program(module: str, *arguments: object) -> Iterator[Program]:
    """A program that is gone at the end."""
    started = Program(module, *arguments)
    try:
        yield started
    finally:
        started.close()


def serve_commands(answer: Callable[[list[str]], str]) -> None:
    """In the program: answer every line until whoever gives them is gone."""
    for line in sys.stdin:
        say(answer(line.split()))


def say(line: object) -> None:
    """In the program: one line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
