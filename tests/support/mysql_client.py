"""A client that speaks the MySQL protocol by hand, so that a test can send what no driver would."""

import hashlib
import socket
import ssl
import struct
from dataclasses import dataclass, field

from support import mysql_packets as wire
from support.mysql_packets import Cursor, lenenc_text
from support.raw_client import RefusedLogin, ServerClosed

(QUIT, INIT_DB, QUERY, FIELD_LIST, CREATE_DB, REFRESH, STATISTICS, PROCESS_INFO, PROCESS_KILL, DEBUG, PING, CHANGE_USER,
 BINLOG_DUMP, REGISTER_SLAVE) = (1, 2, 3, 4, 5, 7, 9, 0x0A, 0x0C, 0x0D, 0x0E, 0x11, 0x12, 0x15)
(PREPARE, EXECUTE, LONG_DATA, CLOSE, RESET, SET_OPTION, FETCH, RESET_CONNECTION, BULK_EXECUTE) = (
    0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1F, 0xFA)
LAST_PREPARED = 0xFFFFFFFF


def native_answer(password: str, scramble: bytes) -> bytes:
    if not password:
        return b""
    stage = hashlib.sha1(password.encode()).digest()
    mask = hashlib.sha1(scramble[:20] + hashlib.sha1(stage).digest()).digest()
    return bytes(a ^ b for a, b in zip(stage, mask))


def sha2_answer(password: str, scramble: bytes) -> bytes:
    if not password:
        return b""
    stage = hashlib.sha256(password.encode()).digest()
    mask = hashlib.sha256(hashlib.sha256(stage).digest() + scramble[:20]).digest()
    return bytes(a ^ b for a, b in zip(stage, mask))


def rsa_answer(password: str, scramble: bytes, pem: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding
    plain = password.encode() + b"\0"
    masked = bytes(c ^ scramble[i % 20] for i, c in enumerate(plain))
    oaep = padding.OAEP(mgf=padding.MGF1(algorithm=hashes.SHA1()), algorithm=hashes.SHA1(), label=None)
    return serialization.load_pem_public_key(pem).encrypt(masked, oaep)


ANSWERS = {"mysql_native_password": native_answer, "caching_sha2_password": sha2_answer}


@dataclass
class Result:
    """One result: an OK, an error, or columns and rows."""

    columns: list = field(default_factory=list)  # (name, type, unsigned)
    rows: list = field(default_factory=list)
    affected: int = 0
    insert_id: int = 0
    status: int = 0
    warnings: int = 0
    info: bytes = b""  # of an OK: the text, and the session state changes where they were negotiated
    error: dict = None
    asks_file: bytes = None  # LOCAL INFILE: the name that the server wants


@dataclass
class Reply:
    """Everything that answers one command. `rows`, `columns` and `error` as of support.raw_client."""

    results: list = field(default_factory=list)
    packets: list = field(default_factory=list)

    @property
    def rows(self) -> list:
        return [row for result in self.results for row in result.rows]

    @property
    def columns(self) -> list:
        return [[name for name, _, _ in result.columns] for result in self.results if result.columns]

    @property
    def error(self):
        """{"C": sqlstate, "M": message, "N": number} of the error, or None."""
        return next((result.error for result in self.results if result.error), None)

    @property
    def sqlstate(self):
        return self.error["C"] if self.error else None

    @property
    def errno(self):
        return self.error["N"] if self.error else None

    @property
    def last(self) -> Result:
        return self.results[-1]

    @property
    def affected(self) -> int:
        return self.last.affected

    @property
    def insert_id(self) -> int:
        return self.last.insert_id

    @property
    def warnings(self) -> int:
        return self.last.warnings

    @property
    def status(self) -> int:
        return self.last.status

    @property
    def in_transaction(self) -> bool:
        return bool(self.status & wire.IN_TRANSACTION)

    @property
    def types(self) -> str:
        return f"{len(self.packets)} packets"

    @property
    def raw(self) -> bytes:
        return b"".join(self.packets)


class Statement:
    def __init__(self, number: int, parameters: int, columns: list):
        self.number, self.parameters, self.columns = number, parameters, columns


class MysqlClient:
    """Capabilities are those of a plain client plus `capabilities`; `without` takes some away."""

    def __init__(self, port: int, host: str = "127.0.0.1", timeout: float = 15.0):
        self.address, self.timeout = (host, port), timeout
        self.socket = socket.create_connection(self.address, timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""  # plain bytes: behind TLS and decompression
        self.sequence = 0
        self.compression = None
        self.outer_sequence = 0
        self.capabilities = self.extended = 0
        self.prepared = {}  # columns by statement number
        self.files = {}  # what LOCAL INFILE may read: name -> content; others get an empty file
        self.asked_files = []

    @classmethod
    def login(cls, port: int, user: str, password: str, database: str = "shop", *, capabilities: int = 0, without: int = 0,
              attributes=None, charset: int = 45, plugin: str = None, tls=None, extended: int = 0,
              server_name: str = None, timeout: float = 15.0) -> "MysqlClient":
        client = cls(port, timeout=timeout)
        try:
            client.read_handshake()
            client.capabilities = (wire.NORMAL | capabilities) & ~without
            if extended:  # MariaDB's own, which stand in the filler of clients that are not MySQL's
                client.capabilities &= ~wire.LONG_PASSWORD
                client.extended = extended
            if database is not None:
                client.capabilities |= wire.CONNECT_WITH_DB
            if tls:
                client.start_tls(tls, charset, server_name)
            client.authenticate(user, password, database, attributes or {}, charset, plugin)
        except BaseException:
            client.close()
            raise
        return client

    # Login

    def read_handshake(self):
        payload = self.read_packet()
        if payload[:1] == b"\xff":
            raise RefusedLogin(self._error(payload), payload)
        self.handshake = payload
        cursor = Cursor(payload, 1)
        self.server_version = cursor.until_zero().decode()
        self.thread_id = cursor.number(4)
        scramble = cursor.take(8)
        cursor.number(1)
        self.server_capabilities = cursor.number(2)
        self.server_charset, self.server_status = cursor.number(1), cursor.number(2)
        self.server_capabilities |= cursor.number(2) << 16
        length = cursor.number(1)
        cursor.take(6)
        self.extended_capabilities = cursor.number(4)
        scramble += cursor.take(max(12, length - 9))
        cursor.number(1)
        self.scramble = scramble[:20]
        self.server_plugin = cursor.until_zero().decode() if self.server_capabilities & wire.PLUGIN_AUTH else ""

    def _head(self, charset: int) -> bytes:
        return struct.pack("<IIB", self.capabilities, 1 << 30, charset & 0xFF) + b"\0" * 19 + struct.pack("<I", self.extended)

    def start_tls(self, context: ssl.SSLContext, charset: int = 45, server_name: str = None):
        self.capabilities |= wire.SSL
        self.write_packet(self._head(charset))
        self.socket = context.wrap_socket(self.socket, server_hostname=server_name)

    def authenticate(self, user, password, database, attributes, charset, plugin):
        plugin = plugin or self.server_plugin
        answer = ANSWERS[plugin](password, self.scramble) if plugin in ANSWERS else b""
        body = self._head(charset) + user.encode() + b"\0"
        body += lenenc_text(answer) if self.capabilities & wire.PLUGIN_AUTH_LENENC else bytes([len(answer)]) + answer
        if self.capabilities & wire.CONNECT_WITH_DB:
            body += (database or "").encode() + b"\0"
        if self.capabilities & wire.PLUGIN_AUTH:
            body += plugin.encode() + b"\0"
        if self.capabilities & wire.CONNECT_ATTRS:
            pairs = b"".join(lenenc_text(k.encode()) + lenenc_text(v.encode()) for k, v in attributes.items())
            body += lenenc_text(pairs)
        if self.capabilities & wire.ZSTD_COMPRESSION and not self.capabilities & wire.COMPRESS:
            body += b"\x03"
        self.write_packet(body)
        self.finish_authentication(password, plugin)
        if self.capabilities & wire.COMPRESS:
            self.compression = wire.Zlib()
        elif self.capabilities & wire.ZSTD_COMPRESSION:
            self.compression = wire.Zstd()

    def finish_authentication(self, password: str, plugin: str):
        """Answers until OK. self.steps: what was asked: switch:PLUGIN, fast, full-tls, full-rsa."""
        self.steps = []
        while True:
            payload = self.read_packet()
            if payload[:1] == b"\0":
                self.login_ok = self._ok(payload)
                return
            if payload[:1] == b"\xff":
                raise RefusedLogin(self._error(payload), payload)
            if payload[:1] == b"\xfe":
                cursor = Cursor(payload, 1)
                plugin = cursor.until_zero().decode()
                self.scramble = cursor.rest()[:20]
                self.steps.append(f"switch:{plugin}")
                self.write_packet(ANSWERS[plugin](password, self.scramble))
            elif payload[:2] == b"\x01\x03":
                self.steps.append("fast")
            elif payload[:2] == b"\x01\x04" and isinstance(self.socket, ssl.SSLSocket):
                self.steps.append("full-tls")
                self.write_packet(password.encode() + b"\0")
            elif payload[:2] == b"\x01\x04":
                self.steps.append("full-rsa")
                self.write_packet(b"\x02")
                key = self.read_packet()
                if key[:1] == b"\xff":
                    raise RefusedLogin(self._error(key), key)
                self.write_packet(rsa_answer(password, self.scramble, key[1:]))
            else:
                raise AssertionError(f"not understood in the login: {payload[:60]!r}")

    # Packets

    def send(self, *data: bytes):
        """Any bytes, through the compressed layer if there is one."""
        whole = b"".join(data)
        if self.compression:
            out = []
            for at in range(0, len(whole), wire.MAX_PAYLOAD):
                out.append(wire.compressed(whole[at:at + wire.MAX_PAYLOAD], self.compression, self.outer_sequence))
                self.outer_sequence += 1
            whole = b"".join(out)
        self.socket.sendall(whole)

    def write_packet(self, payload: bytes):
        data = wire.framed(payload, self.sequence)
        self.sequence += len(payload) // wire.MAX_PAYLOAD + 1
        self.send(data)

    def command(self, number: int, body: bytes = b""):
        """Sends a command and does not read its answer."""
        self.sequence = self.outer_sequence = 0
        self.write_packet(bytes([number]) + body)

    def _receive(self) -> bytes:
        data = self.socket.recv(1 << 18)
        if not data:
            raise ServerClosed(Reply())
        return data

    def _exactly(self, count: int) -> bytes:
        """Bytes of the socket itself, for the compressed layer."""
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise ServerClosed(Reply())
            data += piece
        return data

    def _fill(self, count: int):
        pieces, have = [self.buffer], len(self.buffer)
        while have < count:
            try:
                if self.compression:
                    head = self._exactly(7)
                    size, plain = int.from_bytes(head[:3], "little"), int.from_bytes(head[4:7], "little")
                    self.outer_sequence = head[3] + 1
                    piece = self._exactly(size)
                    if plain:
                        piece = self.compression.decompress(piece, plain)
                else:
                    piece = self._receive()
            except ConnectionResetError:
                raise ServerClosed(Reply()) from None
            pieces.append(piece)
            have += len(piece)
        self.buffer = b"".join(pieces)

    def read_packet(self) -> bytes:
        """One payload, joined if it was split."""
        whole = b""
        while True:
            self._fill(4)
            size, self.sequence = int.from_bytes(self.buffer[:3], "little"), (self.buffer[3] + 1) & 0xFF
            self._fill(4 + size)
            piece, self.buffer = self.buffer[4:4 + size], self.buffer[4 + size:]
            whole += piece
            if size < wire.MAX_PAYLOAD:
                return whole

    def nothing_comes(self, seconds: float = 0.3) -> bool:
        if self.buffer:
            return False
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) != b"" and False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(self.timeout)

    def is_closed(self, seconds: float = 5.0) -> bool:
        """Whether the peer ends the connection; what it says before is thrown away."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(1 << 16):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True
        finally:
            self.socket.settimeout(self.timeout)

    # Replies

    def _error(self, payload: bytes) -> dict:
        cursor = Cursor(payload, 1)
        number, state = cursor.number(2), "HY000"
        if payload[3:4] == b"#":
            cursor.number(1)
            state = cursor.take(5).decode()
        return {"N": number, "C": state, "M": cursor.rest().decode("utf8", "replace")}

    def _ok(self, payload: bytes) -> Result:
        cursor = Cursor(payload, 1)
        return Result(affected=cursor.lenenc(), insert_id=cursor.lenenc(), status=cursor.number(2), warnings=cursor.number(2),
                      info=cursor.rest())

    def _is_end(self, payload: bytes) -> bool:
        if payload[:1] != b"\xfe":
            return False
        return len(payload) < wire.MAX_PAYLOAD if self.capabilities & wire.DEPRECATE_EOF else len(payload) < 9

    def _end(self, payload: bytes, result: Result):
        if self.capabilities & wire.DEPRECATE_EOF and len(payload) >= 7:
            done = self._ok(payload)
            result.status, result.warnings, result.info = done.status, done.warnings, done.info
        else:
            result.warnings, result.status = struct.unpack("<HH", payload[1:5])

    def _next(self, reply: Reply) -> bytes:
        try:
            payload = self.read_packet()
        except ServerClosed:
            raise ServerClosed(reply) from None
        reply.packets.append(payload)
        return payload

    def _column(self, payload: bytes):
        cursor = Cursor(payload)
        for _ in range(4):
            cursor.text()
        name = cursor.text().decode("utf8", "replace")
        cursor.text()
        cursor.lenenc()
        cursor.take(6)
        return name, cursor.number(1), bool(cursor.number(2) & 32)

    def _columns(self, count: int, reply: Reply) -> list:
        return [self._column(self._next(reply)) for _ in range(count)]

    def _rows(self, result: Result, reply: Reply, binary: bool):
        while True:
            payload = self._next(reply)
            if payload[:1] == b"\xff":
                result.error = self._error(payload)
                return
            if self._is_end(payload):
                self._end(payload, result)
                return
            result.rows.append(wire.binary_row(payload, result.columns) if binary else wire.text_row(payload))

    def _send_file(self, name: bytes):
        self.asked_files.append(name.decode())
        content = self.files.get(name.decode(), b"")
        for at in range(0, len(content), 65536):
            self.write_packet(content[at:at + 65536])
        self.write_packet(b"")

    def read_result(self, reply: Reply, binary: bool = False) -> Result:
        payload = self._next(reply)
        first = payload[:1]
        if first == b"\xff":
            return Result(error=self._error(payload))
        if first == b"\0":
            return self._ok(payload)
        if first == b"\xfb":
            self._send_file(payload[1:])
            result = self.read_result(reply)
            result.asks_file = payload[1:]
            return result
        result = Result(columns=self._columns(Cursor(payload).lenenc(), reply))
        if not self.capabilities & wire.DEPRECATE_EOF:
            self._end(self._next(reply), result)
            if result.status & wire.CURSOR_EXISTS:
                return result
        self._rows(result, reply, binary)
        return result

    def read_reply(self, binary: bool = False) -> Reply:
        reply = Reply()
        while True:
            result = self.read_result(reply, binary)
            reply.results.append(result)
            if result.error or not result.status & wire.MORE_RESULTS:
                return reply

    # Whole exchanges

    def start(self, sql):
        """A statement whose answer read_reply() takes."""
        self.command(QUERY, sql if isinstance(sql, bytes) else sql.encode())

    def query(self, sql) -> Reply:
        self.start(sql)
        return self.read_reply()

    def simple(self, number: int, body: bytes = b"") -> Reply:
        """A command that is answered with OK, an error, or (EOF commands) an end marker."""
        self.command(number, body)
        reply = Reply()
        payload = self._next(reply)
        if payload[:1] == b"\xff":
            reply.results.append(Result(error=self._error(payload)))
        elif payload[:1] == b"\xfe":
            reply.results.append(Result())
            self._end(payload, reply.last)
        else:
            reply.results.append(self._ok(payload) if payload[:1] == b"\0" else Result(info=payload))
        return reply

    def ping(self) -> Reply:
        return self.simple(PING)

    def init_db(self, name: str) -> Reply:
        return self.simple(INIT_DB, name.encode())

    def reset_connection(self) -> Reply:
        return self.simple(RESET_CONNECTION)

    def statistics(self) -> str:
        return self.simple(STATISTICS).raw.decode("utf8", "replace")

    def field_list(self, table: str) -> Reply:
        """Columns of a table, the old way: definitions with defaults, then an end marker."""
        self.command(FIELD_LIST, table.encode() + b"\0")
        reply, result = Reply(), Result()
        reply.results.append(result)
        while True:
            payload = self._next(reply)
            if payload[:1] == b"\xff":
                result.error = self._error(payload)
                return reply
            if self._is_end(payload):
                self._end(payload, result)
                return reply
            result.columns.append(self._column(payload))

    def change_user(self, user: str, password: str, database: str = "shop", attributes=None, charset: int = 45):
        """Raises RefusedLogin. The first answer is made for the scramble of the last login, as clients do."""
        plugin = self.server_plugin
        answer = ANSWERS[plugin](password, self.scramble)
        body = user.encode() + b"\0" + bytes([len(answer)]) + answer + (database or "").encode() + b"\0"
        body += struct.pack("<H", charset) + plugin.encode() + b"\0"
        if self.capabilities & wire.CONNECT_ATTRS:
            body += lenenc_text(b"".join(lenenc_text(k.encode()) + lenenc_text(v.encode())
                                         for k, v in (attributes or {}).items()))
        self.command(CHANGE_USER, body)
        self.finish_authentication(password, plugin)

    # Prepared statements

    def prepare(self, sql: str) -> Statement:
        """Raises AssertionError with the server's words when it is refused; see try_prepare."""
        statement, error = self.try_prepare(sql)
        assert not error, error
        return statement

    def try_prepare(self, sql: str) -> tuple:
        """(statement, None) or (None, error)"""
        self.command(PREPARE, sql.encode())
        return self.read_prepared()

    def read_prepared(self) -> tuple:
        reply = Reply()
        payload = self._next(reply)
        if payload[:1] == b"\xff":
            return None, self._error(payload)
        number, columns, parameters = struct.unpack("<IHH", payload[1:9])
        found = []
        for count in (parameters, columns):
            if count:
                found = self._columns(count, reply)
                if not self.capabilities & wire.DEPRECATE_EOF:
                    assert self._is_end(self._next(reply))
        self.prepared[number] = found if columns else []
        return Statement(number, parameters, self.prepared[number]), None

    def send_execute(self, statement, values=(), cursor: int = 0, types: bool = True):
        number = statement.number if isinstance(statement, Statement) else statement
        self.command(EXECUTE, struct.pack("<IBI", number, cursor, 1) + wire.parameters(values, types))

    def execute(self, statement, values=(), cursor: int = 0, types: bool = True) -> Reply:
        self.send_execute(statement, values, cursor, types)
        return self.read_reply(binary=True)

    def fetch(self, statement: Statement, rows: int, columns: list) -> Reply:
        """Rows of an open cursor; `columns` as the execute reported them."""
        self.command(FETCH, struct.pack("<II", statement.number, rows))
        reply, result = Reply(), Result(columns=columns)
        reply.results.append(result)
        self._rows(result, reply, True)
        return reply

    def long_data(self, statement: Statement, parameter: int, data: bytes):
        self.command(LONG_DATA, struct.pack("<IH", statement.number, parameter) + data)

    def reset_statement(self, statement: Statement) -> Reply:
        return self.simple(RESET, struct.pack("<I", statement.number))

    def close_statement(self, statement):
        self.command(CLOSE, struct.pack("<I", statement.number if isinstance(statement, Statement) else statement))

    def prepared_query(self, sql: str, values=()) -> Reply:
        """Prepare, execute, close. A refusal at prepare is the reply."""
        statement, error = self.try_prepare(sql)
        if error:
            return Reply([Result(error=error)])
        try:
            return self.execute(statement, values)
        finally:
            self.close_statement(statement)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
