"""Logs thousands of clients in by SCRAM-SHA-256 and holds them: sockets only, and the stretched password is computed
once, so that the client is not what is measured."""

import base64
import hashlib
import hmac
import os
import socket
import struct
import time


class LoginFailed(Exception):
    pass


class Connection:
    def __init__(self, port, user, database, password, stretched):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        body = struct.pack("!i", 196608) + b"user\0" + user.encode() + b"\0database\0" + database.encode() + b"\0\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        self._scram(password, stretched)
        self.read_until_ready()

    def _read(self, count):
        while len(self.buffer) < count:
            more = self.socket.recv(65536)
            if not more:
                raise LoginFailed("closed by the proxy")
            self.buffer += more
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def message(self):
        kind, length = struct.unpack("!ci", self._read(5))
        body = self._read(length - 4)
        if kind == b"E":
            raise LoginFailed(body.replace(b"\0", b" ").decode(errors="replace"))
        return kind, body

    def _send_password(self, data):
        self.socket.sendall(b"p" + struct.pack("!i", len(data) + 4) + data)

    def _authentication(self, expected):
        kind, body = self.message()
        if kind != b"R" or struct.unpack("!i", body[:4])[0] != expected:
            raise LoginFailed(f"expected authentication request {expected}, got {kind} {body[:16]}")
        return body[4:]

    def _scram(self, password, stretched):
        self._authentication(10)
        nonce = base64.b64encode(os.urandom(18)).decode()
        first = f"n=,r={nonce}"
        data = ("n,," + first).encode()
        self._send_password(b"SCRAM-SHA-256\0" + struct.pack("!i", len(data)) + data)
        server_first = self._authentication(11).decode()
        fields = dict(part.split("=", 1) for part in server_first.split(","))
        key = (fields["s"], int(fields["i"]))
        if key not in stretched:
            stretched[key] = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(key[0]), key[1])
        client_key = hmac.digest(stretched[key], b"Client Key", "sha256")
        without_proof = f"c=biws,r={fields['r']}"
        signed = f"{first},{server_first},{without_proof}".encode()
        signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(client_key, signature))).decode()
        self._send_password(f"{without_proof},p={proof}".encode())
        self._authentication(12)
        self._authentication(0)

    def read_until_ready(self):
        while self.message()[0] != b"Z":
            pass

    def query(self, text):
        data = text.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", len(data) + 4) + data)
        self.read_until_ready()

    def close(self):
        self.socket.close()


class Crowd:
    """Many clients; `users` take turns."""

    def __init__(self, port, users, database, password):
        self.port, self.users, self.database, self.password = port, users, database, password
        self.members = []
        self.stretched = {}

    def grow_to(self, count, deadline):
        while len(self.members) < count:
            if time.monotonic() > deadline:
                raise LoginFailed(f"only {len(self.members)} logins within the time")
            user = self.users[len(self.members) % len(self.users)]
            self.members.append(Connection(self.port, user, self.database, self.password, self.stretched))

    def each_queries(self, text):
        for member in self.members:
            member.query(text)

    def close(self):
        for member in self.members:
            member.close()
        self.members = []
