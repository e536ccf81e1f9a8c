"""Damage to files: blind in their bytes, and deep where a format would catch blind damage by a checksum."""

import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random

_HEADER_BYTES = 256
_MAX_DAMAGES = 6
_INTERESTING = (0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PACKED = frozenset({b"IDAT", b"iCCP", b"zTXt"})

_Damage = Callable[[bytearray, Random], None]


def mutated(data: bytes, kin: Sequence[bytes], chance: Random) -> bytes:
    """Give a damaged copy; `kin` are files of the same format, from which parts may be grafted."""
    if data.startswith(_PNG_SIGNATURE) and chance.random() < 0.8:
        return _mutated_png(data, chance)
    damaged = bytearray(data)
    if chance.random() < 0.2:
        _graft(damaged, chance.choice(kin), chance)
    _damage(damaged, chance)
    return bytes(damaged)


def _damage(data: bytearray, chance: Random) -> None:
    for _ in range(chance.randint(1, _MAX_DAMAGES)):
        if data:
            chance.choice(_DAMAGES)(data, chance)


def _place(data: bytearray, chance: Random) -> int:
    """Half of all damage goes to the beginning, where the headers are."""
    return chance.randrange(min(_HEADER_BYTES, len(data)) if chance.random() < 0.5 else len(data))


def _flip_bit(data: bytearray, chance: Random) -> None:
    data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _set_byte(data: bytearray, chance: Random) -> None:
    data[_place(data, chance)] = chance.choice((0, 0xFF, 0x7F, 0x80, chance.randrange(256)))


def _set_number(data: bytearray, chance: Random) -> None:
    place, width = _place(data, chance), chance.choice((2, 4))
    number = chance.choice(_INTERESTING) % (1 << 8 * width)
    data[place : place + width] = number.to_bytes(width, chance.choice(("big", "little")))


def _cut_out(data: bytearray, chance: Random) -> None:
    place = _place(data, chance)
    del data[place : place + chance.choice((1, 2, 4, 16, 64, 512))]


def _repeat(data: bytearray, chance: Random) -> None:
    place = _place(data, chance)
    part = bytes(data[place : place + chance.choice((1, 4, 16, 64, 512))])
    data[place:place] = part * chance.choice((1, 2, 20))


def _insert(data: bytearray, chance: Random) -> None:
    place = _place(data, chance)
    data[place:place] = chance.randbytes(chance.choice((1, 2, 4, 32)))


def _cut_off(data: bytearray, chance: Random) -> None:
    del data[_place(data, chance) :]


def _move(data: bytearray, chance: Random) -> None:
    one, other, length = _place(data, chance), _place(data, chance), chance.choice((2, 8, 64))
    data[one : one + length] = data[other : other + length]


_DAMAGES: Sequence[_Damage] = (
    *(_flip_bit, _set_byte, _set_number) * 3,
    _cut_out,
    _repeat,
    _insert,
    _cut_off,
    _move,
)


def _graft(data: bytearray, other: bytes, chance: Random) -> None:
    place = chance.randrange(len(data))
    data[place:] = other[min(place, len(other)) :]


def _mutated_png(data: bytes, chance: Random) -> bytes:
    """Damage chunks and, deeper, what is packed in them, and make lengths and checksums right again."""
    chunks = _png_chunks(data)
    for _ in range(chance.randint(1, 3)):
        number = chance.randrange(len(chunks))
        name, content = chunks[number]
        what = chance.random()
        if what < 0.1:
            del chunks[number]
        elif what < 0.25:
            chunks.insert(chance.randrange(len(chunks) + 1), (name, content))
        elif what < 0.6 and name in _PACKED:
            chunks[number] = name, _repacked(name, content, chance)
        else:
            damaged = bytearray(content)
            _damage(damaged, chance)
            chunks[number] = name, bytes(damaged)
        if not chunks:
            break
    return _PNG_SIGNATURE + b"".join(_png_chunk(name, content) for name, content in chunks)


def _repacked(name: bytes, content: bytes, chance: Random) -> bytes:
    # IDAT is nothing but the packed bytes; the others have a name, its end and a method in front.
    start = 0 if name == b"IDAT" else content.find(b"\0") + 2
    try:
        unpacked = bytearray(zlib.decompress(content[start:]))
    except zlib.error:  # damaged already
        return content
    _damage(unpacked, chance)
    return content[:start] + zlib.compress(unpacked)


def _png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, position = [], len(_PNG_SIGNATURE)
    while position < len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        chunks.append((name, data[position + 8 : position + 8 + length]))
        position += 12 + length
    return chunks


def _png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
