"""The packet layer of the MySQL protocol by hand: packets, the compressed layer around them, and the values inside."""

import ctypes
import struct
import zlib

MAX_PAYLOAD = 0xFFFFFF

# Capabilities
LONG_PASSWORD, FOUND_ROWS, CONNECT_WITH_DB, COMPRESS, LOCAL_FILES = 1, 2, 8, 1 << 5, 1 << 7
PROTOCOL_41, SSL, TRANSACTIONS, SECURE_CONNECTION = 1 << 9, 1 << 11, 1 << 13, 1 << 15
MULTI_STATEMENTS, MULTI_RESULTS, PS_MULTI_RESULTS, PLUGIN_AUTH = 1 << 16, 1 << 17, 1 << 18, 1 << 19
CONNECT_ATTRS, PLUGIN_AUTH_LENENC, SESSION_TRACK, DEPRECATE_EOF = 1 << 20, 1 << 21, 1 << 23, 1 << 24
ZSTD_COMPRESSION = 1 << 26
NORMAL = (LONG_PASSWORD | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | MULTI_RESULTS | PS_MULTI_RESULTS | PLUGIN_AUTH |
          PLUGIN_AUTH_LENENC | CONNECT_ATTRS)

# MariaDB's extended ones
BULK_OPERATIONS, EXTENDED_METADATA, CACHE_METADATA = 1 << 2, 1 << 3, 1 << 4

# Status flags
IN_TRANSACTION, AUTOCOMMIT, MORE_RESULTS, CURSOR_EXISTS, LAST_ROW_SENT = 1, 2, 8, 0x40, 0x80


def lenenc(number: int) -> bytes:
    if number < 251:
        return bytes([number])
    if number < 1 << 16:
        return b"\xfc" + struct.pack("<H", number)
    if number < 1 << 24:
        return b"\xfd" + struct.pack("<I", number)[:3]
    return b"\xfe" + struct.pack("<Q", number)


def lenenc_text(data: bytes) -> bytes:
    return lenenc(len(data)) + data


def framed(payload: bytes, sequence: int = 0) -> bytes:
    """The payload as packets: split at 16 MB - 1, with the empty tail that an exact multiple needs."""
    out = []
    at = 0
    while True:
        piece = payload[at:at + MAX_PAYLOAD]
        out.append(struct.pack("<I", len(piece))[:3] + bytes([sequence & 0xFF]) + piece)
        at += len(piece)
        sequence += 1
        if len(piece) < MAX_PAYLOAD:
            return b"".join(out)


class Cursor:
    """Reads the values of one payload."""

    def __init__(self, data: bytes, at: int = 0):
        self.data, self.at = data, at

    def take(self, count: int) -> bytes:
        assert self.at + count <= len(self.data), f"a value runs past its packet: {self.data[:60]!r}"
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def lenenc(self):
        """None for NULL."""
        first = self.number(1)
        if first < 251:
            return first
        return None if first == 251 else self.number({252: 2, 253: 3, 254: 8}[first])

    def text(self):
        length = self.lenenc()
        return None if length is None else self.take(length)

    def until_zero(self) -> bytes:
        end = self.data.index(b"\0", self.at)
        out, self.at = self.data[self.at:end], end + 1
        return out

    def rest(self) -> bytes:
        return self.take(len(self.data) - self.at)

    def left(self) -> int:
        return len(self.data) - self.at


class Zlib:
    @staticmethod
    def compress(data: bytes) -> bytes:
        return zlib.compress(data)

    @staticmethod
    def decompress(data: bytes, size: int) -> bytes:
        return zlib.decompress(data)


class Zstd:
    """libzstd itself: Debian 12 has the library everywhere, a Python package of it not."""

    def __init__(self):
        self.library = ctypes.CDLL("libzstd.so.1")
        for name in ("ZSTD_compress", "ZSTD_decompress", "ZSTD_compressBound"):
            getattr(self.library, name).restype = ctypes.c_size_t

    def compress(self, data: bytes) -> bytes:
        room = self.library.ZSTD_compressBound(ctypes.c_size_t(len(data)))
        out = ctypes.create_string_buffer(room)
        size = self.library.ZSTD_compress(out, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data)), 3)
        assert not self.library.ZSTD_isError(ctypes.c_size_t(size))
        return out.raw[:size]

    def decompress(self, data: bytes, size: int) -> bytes:
        out = ctypes.create_string_buffer(size)
        found = self.library.ZSTD_decompress(out, ctypes.c_size_t(size), data, ctypes.c_size_t(len(data)))
        assert found == size, f"zstd: {found} bytes instead of {size}"
        return out.raw


def compressed(data: bytes, method, sequence: int = 0, claim: int = None) -> bytes:
    """One compressed packet. `claim`: the uncompressed length it names, when it is to lie. Short data travels as it is."""
    if len(data) < 50 and claim is None:
        return struct.pack("<I", len(data))[:3] + bytes([sequence & 0xFF]) + b"\0\0\0" + data
    body = method.compress(data)
    return (struct.pack("<I", len(body))[:3] + bytes([sequence & 0xFF]) +
            struct.pack("<I", len(data) if claim is None else claim)[:3] + body)


# Binary rows. Type numbers of the protocol.
_FIXED = {1: "<b", 2: "<h", 3: "<i", 4: "<f", 5: "<d", 8: "<q", 9: "<i", 13: "<h"}


def binary_value(kind: int, unsigned: bool, cursor: Cursor):
    if kind in _FIXED:
        form = _FIXED[kind].upper() if unsigned and kind not in (4, 5) else _FIXED[kind]
        return struct.unpack(form, cursor.take(struct.calcsize(form)))[0]
    if kind in (7, 10, 12):
        body = Cursor(cursor.take(cursor.number(1)))
        if not body.data:
            return "0000-00-00"
        out = f"{body.number(2):04}-{body.number(1):02}-{body.number(1):02}"
        if body.left():
            out += f" {body.number(1):02}:{body.number(1):02}:{body.number(1):02}"
        elif kind != 10:  # midnight is left out, and is none the less a time
            out += " 00:00:00"
        return out + (f".{body.number(4):06}" if body.left() else "")
    if kind == 11:
        body = Cursor(cursor.take(cursor.number(1)))
        if not body.data:
            return "00:00:00"
        sign, days = ("-" if body.number(1) else ""), body.number(4)
        out = f"{sign}{days * 24 + body.number(1):02}:{body.number(1):02}:{body.number(1):02}"
        return out + (f".{body.number(4):06}" if body.left() else "")
    return cursor.text().decode("utf8", "replace")


def binary_row(payload: bytes, columns: list) -> list:
    """columns: [(name, type, unsigned)]"""
    size = (len(columns) + 9) // 8
    nulls, cursor = payload[1:1 + size], Cursor(payload, 1 + size)
    return [None if nulls[(i + 2) // 8] >> ((i + 2) % 8) & 1 else binary_value(kind, unsigned, cursor)
            for i, (_, kind, unsigned) in enumerate(columns)]


def text_row(payload: bytes) -> list:
    cursor, out = Cursor(payload), []
    while cursor.left():
        value = cursor.text()
        out.append(None if value is None else value.decode("utf8", "replace"))
    return out


def parameters(values, types: bool = True) -> bytes:
    """The part of COM_STMT_EXECUTE behind the iteration count. `types` False: new_params_bound = 0."""
    if not values:
        return b""
    nulls = bytearray((len(values) + 7) // 8)
    kinds, data = b"", b""
    for i, value in enumerate(values):
        if value is None:
            nulls[i // 8] |= 1 << i % 8
            kinds += b"\x06\0"
        elif isinstance(value, int):
            kinds += b"\x08\0"
            data += struct.pack("<q", value)
        elif isinstance(value, float):
            kinds += b"\x05\0"
            data += struct.pack("<d", value)
        elif value is LONG_DATA:
            kinds += b"\xfc\0"
        else:
            kinds += b"\xfd\0"
            data += lenenc_text(value.encode() if isinstance(value, str) else value)
    return bytes(nulls) + (b"\x01" + kinds if types else b"\0") + data


LONG_DATA = object()  # a parameter whose value was sent ahead with COM_STMT_SEND_LONG_DATA
