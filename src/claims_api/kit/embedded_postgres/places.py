"""Where the embedded Postgres keeps its data and its socket, and as which user of the system it runs."""

import hashlib
import logging
import os
import pwd
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from claims_api.kit.embedded_postgres.errors import EmbeddedPostgresError

log = logging.getLogger(__name__)

OPEN_GROUND = Path("/var") / "tmp"  # each place in it is checked for its owner
SOCKETS = Path("/") / "tmp"  # short (a socket's path has 107 bytes) and the same for every process; checked too
UNPRIVILEGED = "nobody"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # nothing of ours leaks to the server


class ChildSettings(TypedDict):
    """How a program of the server is run, in the words of `subprocess`."""

    stdin: int
    env: dict[str, str]
    cwd: str
    umask: int
    start_new_session: bool
    user: int | None
    group: int | None
    extra_groups: list[int] | None


@dataclass(frozen=True)
class Account:
    """The user of the system that the server runs as."""

    uid: int
    gid: int
    is_other: bool  # other than ours: Postgres refuses to run as root

    def can_enter(self, path: Path) -> bool:
        """Whether every folder above `path` may be passed (by mode; access lists are not looked at)."""
        return not self.is_other or all(self._allowed(folder, 0o1) for folder in path.parents)

    def can_read(self, path: Path) -> bool:
        """Whether `path` itself may be read, and entered or run."""
        return not self.is_other or self._allowed(path, 0o5)

    def take(self, path: Path) -> None:
        """Makes `path` the account's own."""
        if self.is_other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def child(self) -> ChildSettings:
        """The settings to run a program as this account, with none of our environment, groups or terminal."""
        return {
            "stdin": subprocess.DEVNULL,
            "env": ENVIRONMENT,
            "cwd": "/",
            "umask": 0o077,
            "start_new_session": True,  # Ctrl-C is for the app, which still needs the database to finish its work
            "user": self.uid if self.is_other else None,
            "group": self.gid if self.is_other else None,
            "extra_groups": [] if self.is_other else None,
        }

    def _allowed(self, path: Path, wanted: int) -> bool:
        found = path.stat()
        shift = 6 if found.st_uid == self.uid else 3 if found.st_gid == self.gid else 0
        return (found.st_mode >> shift) & wanted == wanted


@dataclass(frozen=True)
class Place:
    """The folders of one embedded Postgres: `home` is ours, `cluster` in it and `socket_dir` are the server's."""

    home: Path
    socket_dir: Path
    account: Account

    @property
    def cluster(self) -> Path:
        """Postgres' own data directory; exists only once it is complete."""
        return self.home / "cluster"


def place_for(data_dir: Path) -> Place:
    """The place for `data_dir`, with its home made and checked.

    Raises: EmbeddedPostgresError when it belongs to somebody else or cannot be reached.
    """
    wanted = data_dir.expanduser().resolve()
    account = _account()
    home = _home(wanted, account)
    _refuse_data_of_another(home / "cluster", account)
    return Place(home=home, socket_dir=SOCKETS / _name(home, account.uid), account=account)


def make_socket_dir(place: Place) -> None:
    """Makes the server's private socket folder.

    Raises: EmbeddedPostgresError when somebody else made one of that name first, or left it open to others.
    """
    with suppress(FileExistsError):
        place.socket_dir.mkdir(mode=0o700)
    if place.socket_dir.lstat().st_uid == os.geteuid():
        place.account.take(place.socket_dir)
    check_socket_dir(place)


def check_socket_dir(place: Place) -> None:
    """Whoever may write there could stand in for the server or read what it is sent: only its account may."""
    found = place.socket_dir.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != place.account.uid or found.st_mode & 0o077:
        raise EmbeddedPostgresError(
            f"{place.socket_dir} should be a private folder of user {place.account.uid}, but user {found.st_uid} "
            f"made it or others may enter it. See who put it there, remove it, and start again."
        )


def _account() -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_other=False)
    try:
        nobody = pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise EmbeddedPostgresError(
            f"Postgres does not run as root, and this system has no user `{UNPRIVILEGED}` to run it as. "
            "Start as an ordinary user."
        ) from error
    return Account(nobody.pw_uid, nobody.pw_gid, is_other=True)


def _home(wanted: Path, account: Account) -> Path:
    """`wanted`, or for root, when the server's account cannot enter it, a folder of ours on open ground."""
    elsewhere = OPEN_GROUND / _name(wanted, os.geteuid())
    if account.is_other and (elsewhere / "cluster").exists() and not (wanted / "cluster").exists():
        return _moved(wanted, _own_folder(elsewhere, 0o711))  # where it was before, even if `wanted` opened up since
    home = _own_folder(wanted, 0o711 if account.is_other else 0o700)
    if account.can_enter(home / "cluster"):
        return home
    if (home / "cluster").exists():
        raise EmbeddedPostgresError(
            f"The data in {home} can no longer be reached by user `{UNPRIVILEGED}`. "
            "Let others pass through the folders above it (chmod o+x), or move it to where they may."
        )
    return _moved(wanted, _own_folder(elsewhere, 0o711))


def _moved(wanted: Path, home: Path) -> Path:
    log.warning(
        "User `%s`, as whom Postgres runs when started by root, cannot enter %s: the data is kept in %s. "
        "For data to keep, give a folder all users can pass to, or start as an ordinary user.",
        UNPRIVILEGED,
        wanted,
        home,
    )
    return home


def _own_folder(folder: Path, mode: int) -> Path:
    """Makes `folder`, or accepts it as it is when it is ours; nobody else may write into it from now on."""
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EmbeddedPostgresError(
            f"{folder} belongs to user {found.st_uid}. Give a data folder of your own, or run as that user."
        )
    is_fresh = not any(folder.iterdir())  # a filled folder keeps its privacy
    folder.chmod((mode if is_fresh else stat.S_IMODE(found.st_mode)) & ~0o022)
    return folder


def _refuse_data_of_another(cluster: Path, account: Account) -> None:
    if cluster.exists() and (owner := cluster.stat().st_uid) != account.uid:
        raise EmbeddedPostgresError(
            f"The data in {cluster.parent} belongs to user {owner}; the server would run as user {account.uid}. "
            f"Start as user {owner}, or give another data folder."
        )


def _name(path: Path, uid: int) -> str:
    return f"claims-pg-{uid}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}"
