"""A client that speaks the PostgreSQL protocol by hand, so that a test can send what no driver would."""

import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct
import time
from dataclasses import dataclass, field

SSL_REQUEST = struct.pack("!II", 8, 80877103)
GSSENC_REQUEST = struct.pack("!II", 8, 80877104)
CANCEL_CODE = 80877102
PROTOCOL_3_0 = 3 << 16
PROTOCOL_3_2 = (3 << 16) | 2


@dataclass
class Message:
    type: str
    body: bytes

    def error_fields(self) -> dict:
        """Of an ErrorResponse or NoticeResponse: {'S': severity, 'C': sqlstate, 'M': message, 'H': hint, ...}."""
        return {part[:1].decode(): part[1:].decode("utf8", "replace") for part in self.body.split(b"\0") if part}

    def values(self) -> list:
        """Of a DataRow: the columns as text, None for NULL."""
        count, at, values = struct.unpack_from("!H", self.body)[0], 2, []
        for _ in range(count):
            (length,) = struct.unpack_from("!i", self.body, at)
            at += 4
            if length < 0:
                values.append(None)
            else:
                values.append(self.body[at:at + length].decode("utf8", "replace"))
                at += length
        return values

    def columns(self) -> list:
        """Of a RowDescription: the column names."""
        count, at, names = struct.unpack_from("!H", self.body)[0], 2, []
        for _ in range(count):
            end = self.body.index(b"\0", at)
            names.append(self.body[at:end].decode())
            at = end + 19
        return names

    def text(self) -> str:
        return self.body.rstrip(b"\0").decode("utf8", "replace")


@dataclass
class Reply:
    """Everything up to and including one ReadyForQuery."""

    messages: list = field(default_factory=list)

    def of(self, kind: str) -> list:
        return [m for m in self.messages if m.type == kind]

    @property
    def types(self) -> str:
        return "".join(m.type for m in self.messages)

    @property
    def rows(self) -> list:
        return [m.values() for m in self.of("D")]

    @property
    def columns(self) -> list:
        return [m.columns() for m in self.of("T")]

    @property
    def tags(self) -> list:
        return [m.text() for m in self.of("C")]

    @property
    def error(self):
        """Fields of the first ErrorResponse, or None."""
        errors = self.of("E")
        return errors[0].error_fields() if errors else None

    @property
    def sqlstate(self):
        return self.error["C"] if self.error else None

    @property
    def status(self) -> str:
        """Transaction status of the ReadyForQuery: I, T or E."""
        return self.messages[-1].body.decode()

    @property
    def raw(self) -> bytes:
        return b"".join(m.body for m in self.messages)


class ServerClosed(Exception):
    """The peer ended the connection; `reply` holds what it said before."""

    def __init__(self, reply: Reply):
        super().__init__(f"connection closed after {reply.types!r}: {reply.error}")
        self.reply = reply


class RefusedLogin(Exception):
    def __init__(self, fields: dict, raw: bytes):
        super().__init__(f"{fields.get('C')}: {fields.get('M')}")
        self.fields = fields
        self.sqlstate = fields.get("C")
        self.raw = raw


def frame(kind: str, body: bytes = b"") -> bytes:
    return kind.encode() + struct.pack("!I", len(body) + 4) + body


def cstring(text) -> bytes:
    return (text if isinstance(text, bytes) else text.encode()) + b"\0"


def startup(parameters: dict, version: int = PROTOCOL_3_0) -> bytes:
    body = struct.pack("!I", version) + b"".join(cstring(k) + cstring(v) for k, v in parameters.items()) + b"\0"
    return struct.pack("!I", len(body) + 4) + body


def query(sql) -> bytes:
    return frame("Q", cstring(sql))


def parse(sql, name: str = "", types=()) -> bytes:
    return frame("P", cstring(name) + cstring(sql) + struct.pack("!H", len(types)) + b"".join(struct.pack("!I", t) for t in types))


def bind(values=(), statement: str = "", portal: str = "") -> bytes:
    body = cstring(portal) + cstring(statement) + struct.pack("!HH", 0, len(values))
    for value in values:
        if value is None:
            body += struct.pack("!i", -1)
        else:
            data = value if isinstance(value, bytes) else str(value).encode()
            body += struct.pack("!i", len(data)) + data
    return frame("B", body + struct.pack("!H", 0))


def describe(kind: str, name: str = "") -> bytes:
    return frame("D", kind.encode() + cstring(name))


def execute(portal: str = "", rows: int = 0) -> bytes:
    return frame("E", cstring(portal) + struct.pack("!I", rows))


def close(kind: str, name: str = "") -> bytes:
    return frame("C", kind.encode() + cstring(name))


FLUSH = frame("H")
SYNC = frame("S")
TERMINATE = frame("X")
COPY_DONE = frame("c")


def copy_data(data: bytes) -> bytes:
    return frame("d", data)


def copy_fail(reason: str) -> bytes:
    return frame("f", cstring(reason))


class RawClient:
    """One connection. Everything times out, so that a hang is a failure and not a stopped test run."""

    def __init__(self, port: int, host: str = "127.0.0.1", timeout: float = 20.0):
        self.address = (host, port)
        self.timeout = timeout
        self.socket = socket.create_connection(self.address, timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.parameters = {}
        self.key = b""
        self.pid = 0
        self.negotiated = None

    # Connection start

    @classmethod
    def login(cls, port: int, user: str, password: str, database: str = "shop", version: int = PROTOCOL_3_0,
              tls=None, timeout: float = 20.0, **parameters) -> "RawClient":
        client = cls(port, timeout=timeout)
        try:
            if tls:
                client.start_tls(tls)
            client.send(startup({"user": user, "database": database, **parameters}, version))
            client.authenticate(user, password)
        except BaseException:
            client.close()
            raise
        return client

    def start_tls(self, context: ssl.SSLContext, server_name: str = "localhost", direct: bool = False):
        if not direct:
            self.send(SSL_REQUEST)
            answer = self.read_exactly(1)
            assert answer == b"S", f"TLS was refused: {answer!r}"
        self.socket = context.wrap_socket(self.socket, server_hostname=server_name)

    def authenticate(self, user: str, password: str):
        """From after the startup packet to ReadyForQuery. RefusedLogin when the server says no."""
        seen = b""
        while True:
            message = self.read_message()
            seen += message.type.encode() + message.body
            if message.type == "R":
                (kind,) = struct.unpack_from("!I", message.body)
                if kind == 3:
                    self.send(frame("p", cstring(password)))
                elif kind == 5:
                    inner = hashlib.md5((password + user).encode()).hexdigest().encode()
                    self.send(frame("p", cstring("md5" + hashlib.md5(inner + message.body[4:8]).hexdigest())))
                elif kind == 10:
                    self._scram(password)
                elif kind != 0:
                    raise AssertionError(f"unexpected authentication request {kind}")
            elif message.type == "E":
                raise RefusedLogin(message.error_fields(), seen)
            elif message.type == "S":
                name, value = message.body.split(b"\0")[:2]
                self.parameters[name.decode()] = value.decode()
            elif message.type == "K":
                self.pid, self.key = struct.unpack_from("!I", message.body)[0], message.body[4:]
            elif message.type == "v":
                assert self.negotiated is None, "NegotiateProtocolVersion came twice"
                minor, count = struct.unpack_from("!II", message.body)
                names = message.body[8:].split(b"\0")[:count]
                self.negotiated = (minor, [n.decode() for n in names])
            elif message.type == "Z":
                return
            elif message.type != "N":
                raise AssertionError(f"unexpected message {message.type} during login")

    def _scram(self, password: str):
        nonce = base64.b64encode(os.urandom(18)).decode()
        first = f"n=,r={nonce}"
        data = ("n,," + first).encode()
        self.send(frame("p", cstring("SCRAM-SHA-256") + struct.pack("!I", len(data)) + data))
        message = self.read_message()
        if message.type == "E":
            raise RefusedLogin(message.error_fields(), message.body)
        server_first = message.body[4:].decode()
        fields = dict(part.split("=", 1) for part in server_first.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        mac = lambda key, text: hmac.new(key, text.encode(), "sha256").digest()  # noqa: E731
        client_key = mac(salted, "Client Key")
        without_proof = f"c=biws,r={fields['r']}"
        signed = ",".join((first, server_first, without_proof))
        proof = bytes(a ^ b for a, b in zip(client_key, mac(hashlib.sha256(client_key).digest(), signed)))
        self.send(frame("p", f"{without_proof},p={base64.b64encode(proof).decode()}".encode()))
        message = self.read_message()
        if message.type == "E":
            raise RefusedLogin(message.error_fields(), message.body)
        final = dict(part.split("=", 1) for part in message.body[4:].decode().split(","))
        assert base64.b64decode(final["v"]) == mac(mac(salted, "Server Key"), signed), "the server does not know the password"

    # Bytes and messages

    def send(self, *data: bytes):
        self.socket.sendall(b"".join(data))

    def read_exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            chunk = self.socket.recv(1 << 16)
            if not chunk:
                raise ConnectionError("closed")
            self.buffer += chunk
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_message(self) -> Message:
        kind = self.read_exactly(1).decode("latin1")
        (length,) = struct.unpack("!I", self.read_exactly(4))
        return Message(kind, self.read_exactly(length - 4))

    def read_reply(self, extended: bool = False) -> Reply:
        """Up to ReadyForQuery. Answers a request for COPY data with CopyFail, since the caller did not mean one;
        a Sync sent before it was swallowed by the COPY, so in the extended protocol there must be another."""
        reply = Reply()
        while True:
            try:
                message = self.read_message()
            except (ConnectionError, ssl.SSLError):
                raise ServerClosed(reply) from None
            reply.messages.append(message)
            if message.type == "G":
                self.send(copy_fail("not wanted"), SYNC if extended else b"")
            if message.type == "Z":
                return reply

    def read_until(self, kind: str) -> list:
        messages = []
        while True:
            messages.append(self.read_message())
            if messages[-1].type == kind:
                return messages

    def nothing_comes(self, seconds: float = 0.3) -> bool:
        if self.buffer:
            return False
        self.socket.settimeout(seconds)
        try:
            self.buffer += self.socket.recv(1)
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(self.timeout)

    def is_closed(self, seconds: float = 10.0) -> bool:
        """Reads to the end; True when the peer closes in time."""
        self.socket.settimeout(seconds)
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                if not self.socket.recv(1 << 16):
                    return True
            return False
        except TimeoutError:
            return False
        except OSError:
            return True  # reset
        finally:
            self.socket.settimeout(self.timeout)

    # Whole exchanges

    def start(self, sql):
        """A statement whose answer read_reply() takes."""
        self.send(query(sql))

    def query(self, sql) -> Reply:
        self.start(sql)
        return self.read_reply()

    def extended(self, sql, values=()) -> Reply:
        """Unnamed Parse, Bind, Describe, Execute, Sync in one write."""
        self.send(parse(sql), bind(values), describe("P"), execute(), SYNC)
        return self.read_reply(extended=True)

    def cancel(self, pid=None, key=None):
        """A CancelRequest on a connection of its own; returns when the peer has closed it."""
        with socket.create_connection(self.address, timeout=self.timeout) as s:
            body = struct.pack("!II", CANCEL_CODE, self.pid if pid is None else pid) + (self.key if key is None else key)
            s.sendall(struct.pack("!I", len(body) + 4) + body)
            try:
                return s.recv(1) == b""
            except ConnectionResetError:
                return True

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
