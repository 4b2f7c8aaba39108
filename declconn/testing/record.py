"""Recording a live venue, for replays and tests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from declconn.clock import SystemClock
from declconn.credentials import credentials_for
from declconn.errors import ConfigurationError
from declconn.net.capture import CaptureWriter, Entry, FrameEntry
from declconn.net.network import Network
from declconn.net.recording import RecordingTransport
from declconn.net.scrub import redact
from declconn.net.transport import Transport
from declconn.registry import connect
from declconn.spec_files import load_spec, registered


async def record(
    name_or_path: str | os.PathLike[str],
    trading_pairs: Sequence[str],
    path: Path,
    *,
    seconds: float | None = None,
    environment: str | Mapping[str, str] | None = None,
    credentials: Mapping[str, str] | None = None,
    transport: Transport | None = None,
) -> int:
    """Write everything that passes between a connector and its venue to a capture.

    Args:
        name_or_path: a spec's name or file.
        trading_pairs: which markets to follow.
        path: the new file; gzipped if its name ends in ``.gz``.
        seconds: how long; ``None`` until it is cancelled.
        environment: as in `connect`.
        credentials: as in `connect`; their values never reach the file.
        transport: as in `connect`.

    Returns:
        how many frames were recorded; without any, no file is written.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    spec = load_spec(name_or_path)
    allowed = credentials_for(spec, credentials, registered)
    secrets = [secret.get_secret_value() for secret in allowed.values.values()]
    clock = SystemClock()
    if not path.parent.is_dir():
        raise ConfigurationError(f"{path}: the directory {str(path.parent)!r} does not exist")
    # A recording that fails leaves what was there: the new file gets its name only when it holds frames.
    unfinished = path.with_name(f".unfinished-{path.name}")
    writer = CaptureWriter(unfinished, spec.name)
    written = _Counting(writer)
    recording = RecordingTransport(transport or Network(), written, lambda text: redact(text, secrets), clock)
    exchange = connect(
        name_or_path, trading_pairs, credentials=allowed, environment=environment, transport=recording, clock=clock
    )
    try:
        async with exchange, asyncio.timeout(seconds):
            await asyncio.Event().wait()
    except TimeoutError:
        pass
    finally:
        writer.close()
        if written.frames:
            unfinished.replace(path)
        else:
            unfinished.unlink()
    return written.frames


class _Counting:
    """Counts the frames that go to a writer."""

    def __init__(self, writer: CaptureWriter) -> None:
        self._writer, self.frames = writer, 0

    def write(self, entry: Entry) -> None:
        self.frames += isinstance(entry, FrameEntry)
        self._writer.write(entry)
