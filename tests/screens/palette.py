"""Makes a PNG small: truecolour to a palette of 256, losslessly where the picture has no more colours (PNG 11.2)."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

_HEAD = b"\x89PNG\r\n\x1a\n"


def with_palette(png: bytes) -> bytes:
    """The same picture with at most 256 colours; `png` is truecolour, eight bits, not interlaced (as Chromium's)."""
    chunks = list(_chunks(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    assert depth == 8, depth
    assert kind in (2, 6), kind
    assert not interlaced
    size = 3 if kind == 2 else 4
    rows = _rows(zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT")), width, height, size)
    pixels = [[bytes(row[n : n + 3]) for n in range(0, len(row), size)] for row in rows]
    counts = Counter(pixel for row in pixels for pixel in row)
    palette = [colour for colour, _ in counts.most_common(256)]
    index = {colour: n for n, colour in enumerate(palette)}
    for colour in counts:
        if colour not in index:  # Rare shades of edges take the nearest colour that is kept.
            index[colour] = min(
                range(256), key=lambda n: sum((a - b) ** 2 for a, b in zip(colour, palette[n], strict=True))
            )
    data = b"".join(b"\0" + bytes(index[pixel] for pixel in row) for row in pixels)
    return _HEAD + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", b"".join(palette)),
            _chunk(b"IDAT", zlib.compress(data, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_HEAD)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _rows(data: bytes, width: int, height: int, size: int) -> Iterator[bytearray]:
    """The rows without their filters (PNG 9)."""
    length = width * size
    above = bytearray(length)
    for y in range(height):
        kind = data[y * (length + 1)]
        row = bytearray(data[y * (length + 1) + 1 : (y + 1) * (length + 1)])
        for x in range(length) if kind else ():
            left = row[x - size] if x >= size else 0
            up, corner = above[x], above[x - size] if x >= size else 0
            guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]
            row[x] = (row[x] + guess) & 255
        above = row
        yield row


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))
