"""What went wrong with the embedded Postgres, said plainly and with a way out."""

WAYS_OUT = (
    # first match wins: (what Postgres or the system says, what to do about it)
    ("No space left on device", "Free some disk space, or give a data folder on another disk."),
    ("Check free disk space", "Free some disk space, or give a data folder on another disk."),
    ("Read-only file system", "Give a data folder on a disk that can be written."),
    ("loading shared libraries", "Install the missing library, or use another Postgres (its bin folder)."),
    ("could not look up effective user", "Give this user id a name (a line in /etc/passwd), or run as another user."),
    ("invalid locale name", "Install the locale C.UTF-8, or use Postgres 17 or newer, which brings its own."),
    ("Cannot allocate memory", "Give this machine or container more memory."),
    ("could not create shared memory", "Give this machine or container more shared memory."),
    ("shared memory block", "End the processes an earlier server left behind, then start again."),
    ("lock file", "Stop the server that this names, then start again."),
    ("incompatible", "Use the version of Postgres that made the data, or a new data folder."),
    ("Permission denied", "Check who owns the data folder and whether programs may run from that disk."),
    ("Operation not permitted", "Run as an ordinary user, or allow this process to change its user (CAP_SETUID)."),
)
TELLING = ("error:", "ERROR:", "FATAL:", "PANIC:", "HINT:", "error while loading")
OTHER_WAY_OUT = "Or set the database URL to a Postgres of your own."
LAST_WAY_OUT = "If this stays so, set the database URL to a Postgres of your own."


class EmbeddedPostgresError(Exception):
    """The embedded Postgres cannot be used; the text says why and what to do, for a person at a terminal."""


def failure(what: str, said: str) -> EmbeddedPostgresError:
    """The error for `what` went wrong, with what was `said` about it and the way out that fits."""
    fitting = [advice for phrase, advice in WAYS_OUT if phrase.lower() in said.lower()]
    way_out = f"{fitting[0]} {OTHER_WAY_OUT}" if fitting else LAST_WAY_OUT
    return EmbeddedPostgresError(f"{what}: {said.strip()} {way_out}")


def last_lines(said: str) -> str:
    """The end of what a program said, on one line, and the errors it named before."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines[:-4] if any(word in line for word in TELLING)]
    return " / ".join([*errors[-3:], *lines[-4:]])
