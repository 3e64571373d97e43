"""Locks between processes that vanish with the processes holding them, however those end."""

import fcntl
import os
import time
from pathlib import Path
from typing import Self

POLL_SECONDS = 0.005


class Lock:
    """One open file or folder and the flock on it.

    The lock belongs to the open file, so a child that inherits it keeps the lock when its parent dies.
    """

    def __init__(self, path: Path) -> None:
        """Opens, takes nothing yet. A link in the place of the file is refused."""
        flags = os.O_CLOEXEC | os.O_NOFOLLOW
        folder = path.is_dir()
        self.descriptor = os.open(path, flags | (os.O_DIRECTORY if folder else os.O_RDWR | os.O_CREAT), 0o600)
        self.closed = False

    def share(self) -> None:
        """Takes the lock together with any number of others; waits for an exclusive one to end."""
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)

    def try_alone(self) -> bool:
        """Takes the lock for itself if nobody else has it. Gives up our own shared lock, whatever the answer."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def alone_within(self, seconds: float) -> bool:
        """Takes the lock for itself, waiting at most `seconds`."""
        give_up_at = time.monotonic() + seconds
        while not self.try_alone():
            if time.monotonic() > give_up_at:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def note(self, text: str) -> None:
        """Leaves `text` in the file for whoever opens it next."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text.encode(), 0)

    def noted(self) -> str:
        """The text left in the file."""
        return os.pread(self.descriptor, 1000, 0).decode()

    def close(self) -> None:
        """Gives the lock up, unless a child inherited it. May be called again."""
        if not self.closed:
            self.closed = True
            os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
