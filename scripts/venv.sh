#!/bin/sh
# Makes .venv with the newest Python from 3.11 on that works here; names what is missing and how to get it.
set -eu

dir="${1:-.venv}"

works() { command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if [ -x "$dir/bin/python" ] && works "$dir/bin/python" && "$dir/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

if [ -n "${PYTHON:-}" ] && ! works "$PYTHON"; then
    echo "PYTHON=$PYTHON is not a Python 3.11 or newer that runs here." >&2
    exit 1
fi

python=""
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if works "$candidate"; then python="$candidate"; break; fi
done

if [ -z "$python" ]; then
    echo "declconn needs Python 3.11 or newer, and none was found ($(python3 --version 2>/dev/null || echo 'no python3 at all'))." >&2
    echo "Install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python)," >&2
    echo "or name it: make PYTHON=/path/to/python3.12 ..." >&2
    exit 1
fi

rm -rf "$dir"
if ! output=$("$python" -m venv "$dir" 2>&1); then
    rm -rf "$dir"
    echo "$output" >&2
    echo >&2
    echo "$("$python" --version) cannot make a virtual environment: its venv module (or ensurepip) is missing." >&2
    echo "Install it (Debian, Ubuntu: apt install python3-venv), then run the same command again." >&2
    echo "With uv no venv module is needed: uv run declconn demo" >&2
    exit 1
fi
