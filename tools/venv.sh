#!/bin/sh
# Makes .venv from requirements.lock, or finds it up to date (in milliseconds). PYTHON=... picks the Python.
# uv does it when it is there, else pip. Installs nothing outside this folder; indexes and certificates are
# those that pip and uv are set up for.
set -u
cd "$(dirname "$0")/.." || exit 1
NEEDED_MB=700
asked=${PYTHON:-}

stop() {
    printf '\nmake: %s\n' "$1" >&2
    shift
    [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
    exit 1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
has_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }
has_uv() { command -v uv >/dev/null 2>&1; }
version_of() { "$1" -c 'import platform; print(platform.python_version())' 2>/dev/null; }

# What .venv was made from and where: a changed lock, and a folder that was moved or copied, ask for a new one.
wanted() { echo "$(cat requirements.lock pyproject.toml src/claims_api/__init__.py tools/venv.sh | cksum) in $(pwd)"; }

is_ready() {
    [ -x .venv/bin/python ] && [ -x .venv/bin/claims-api ] || return 1
    [ "$(sed -n 1p .venv/made-from 2>/dev/null)" = "$now" ] || return 1
    [ -z "$asked" ] || [ "$(sed -n 2p .venv/made-from)" = "$asked" ]
}

# Sets `python`. The machine's usual one first; one that can make a venv before one that cannot.
choose_python() {
    if [ -n "$asked" ]; then
        command -v "$asked" >/dev/null 2>&1 || stop "there is no '$asked' here (PYTHON=$asked)."
        is_new_enough "$asked" || stop "Python 3.11 or newer is needed, and $asked is $(version_of "$asked")."
        python=$asked
        return
    fi
    python='' seen=''
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        found=$(version_of "$candidate") || continue
        seen="$seen $candidate=$found"
        is_new_enough "$candidate" || continue
        [ -n "$python" ] || python=$candidate
        if has_uv || has_venv "$candidate"; then python=$candidate && break; fi
    done
    [ -n "$python" ] || stop "Python 3.11 or newer is needed; found here:${seen:- none}." \
        "Debian, Ubuntu: apt-get install python3 python3-venv" "macOS: brew install python" \
        "Or name one that is not on PATH: make ... PYTHON=/where/it/is/bin/python3.12"
}

enough_room() {
    free=$(df -Pk "$1" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge "$2" ] || stop "the disk is nearly full: $free MB free in $(cd "$1" && pwd), $2 MB are needed."
}

check_ground() {
    if ! has_uv && ! has_venv "$python"; then
        stop "$python ($(version_of "$python")) has no venv module." "Debian, Ubuntu, as root: apt-get install python3-venv" \
            "Or install uv, or name another Python: make ... PYTHON=/where/it/is/bin/python3.12"
    fi
    if [ ! -w . ] || { [ -e .venv ] && [ ! -w .venv ]; }; then
        stop "$(id -un) may not write to $(pwd), where .venv goes." \
            "Clone into a folder of your own, or remove a .venv that another user made."
    fi
    enough_room . "$NEEDED_MB"
    enough_room "${TMPDIR:-/tmp}" 200
}

with_uv() {
    { [ "$fresh" = no ] || { rm -rf .venv && uv venv --quiet --python "$python" .venv; }; } &&
        uv pip sync --quiet --require-hashes --compile-bytecode --python .venv/bin/python requirements.lock &&
        uv pip install --quiet --offline --no-deps --no-build-isolation --python .venv/bin/python --editable .
}

# PIP_USER from a person's own settings would make pip refuse to install into a venv.
with_pip() {
    export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1
    { [ "$fresh" = no ] || "$python" -m venv --clear .venv; } &&
        .venv/bin/python -m pip install -qq --no-input --no-deps --require-hashes -r requirements.lock &&
        .venv/bin/python -m pip install -qq --no-input --no-deps --no-index --no-build-isolation --editable .
}

explain() {
    said=$(tail -n 15 "$1")
    case $said in
    *"No space left"* | *"Disk quota"*) way_out="The disk is full (also look at TMPDIR and the pip cache: df -h . /tmp ~)." ;;
    *"HASHES"* | *[Hh]"ash mismatch"*) way_out="A package is not the one that requirements.lock knows. Do not go on; tell us." ;;
    *"Permission denied"*) way_out="A file belongs to another user: 'make clean' as that user, or clone into a folder of your own." ;;
    *) way_out="Can this machine reach a package index? PIP_INDEX_URL (with uv: UV_DEFAULT_INDEX) names one of your own." ;;
    esac
    printf '%s\n' "$said" >&2
    stop "making .venv failed." "$way_out"
}

now=$(wanted)
is_ready && exit 0
if command -v flock >/dev/null 2>&1; then # two makes at once: the second waits, then finds the work done
    exec 9<requirements.lock
    flock -n 9 || { echo "Another make is making .venv; waiting for it." && flock 9; }
    is_ready && exit 0
fi
choose_python
check_ground
begin=$(date +%s)
# Only the lock has changed: the folder can stay. Else (moved, interrupted, another Python) it is made from nothing.
fresh=yes doing=Making
if [ -z "$asked" ] && [ "$(sed -n 's/.* in //p;1q' .venv/made-from 2>/dev/null)" = "$(pwd)" ] && .venv/bin/python -c '' 2>/dev/null; then
    fresh=no doing=Updating
fi
out=$(mktemp) || stop "no temporary file can be made (TMPDIR=${TMPDIR:-/tmp}): is the disk full?"
trap 'rm -f "$out"' EXIT
trap 'exit 130' INT TERM
rm -f .venv/made-from
made=no
if has_uv; then
    echo "$doing .venv with $python ($(version_of "$python")) and uv ..."
    if with_uv >"$out" 2>&1; then
        made=yes
    elif has_venv "$python"; then
        echo "uv could not ($(tail -n 1 "$out")); pip tries."
        fresh=yes
    fi
else
    echo "$doing .venv with $python ($(version_of "$python")) and pip, up to half a minute ..."
fi
if [ "$made" = no ]; then
    if has_venv "$python"; then with_pip >"$out" 2>&1 || explain "$out"; else explain "$out"; fi
fi
printf '%s\n%s\n' "$now" "$asked" >.venv/made-from
echo ".venv is ready after $(($(date +%s) - begin)) s."
