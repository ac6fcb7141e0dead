"""A TCP forwarder that stands between the proxy and a server (or a client) and misbehaves on request."""

import socket
import threading
import time


class ChaosGate:
    """Forwards 127.0.0.1:port to `target`. All switches take effect at once, on connections that exist as well.

    delay       seconds added before each piece that the server sends
    stalled     True: nothing passes in either direction, connections stay open
    refuse      True: new connections are closed at once
    held        bytes: a piece of a client's with these in it, and what follows it on that connection, waits until this is None
    rubbish     bytes sent to the client side in place of the server's next piece, once
    truncate    number of bytes of the server's next piece that pass before the connection is cut, once
    tape        a list that receives (from_server, bytes) of all that comes
    cut_after   (from_server, n): when n more bytes have passed in that direction, on whatever connections, the one that
                carried the last of them is cut, once. 0: at the first byte, which does not pass
    """

    def __init__(self, target_port: int):
        self.target_port = target_port
        self.delay = 0.0
        self.stalled = False
        self.refuse = False
        self.held = None
        self.rubbish = None
        self.truncate = None
        self.tape = None
        self.cut_after = None
        self.accepted = 0
        self._pairs = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_all(self):
        """Ends every connection, both sides."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for s in pair:
                self._end(s)

    def close(self):
        self._closed = True
        self._end(self._listener)  # or the accept that waits would take one more
        self._listener.close()
        self.cut_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _accept(self):
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            if self.refuse:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port), timeout=5)
            except OSError:
                client.close()
                continue
            for s in (client, server):
                s.settimeout(None)
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = (client, server)
            with self._lock:
                self._pairs.add(pair)
            pumps = [threading.Thread(target=self._pump, args=(*way,), daemon=True)
                     for way in ((client, server, False), (server, client, True))]
            threading.Thread(target=self._serve, args=(pair, pumps), daemon=True).start()

    def _serve(self, pair, pumps):
        for pump in pumps:
            pump.start()
        for pump in pumps:
            pump.join()
        with self._lock:
            self._pairs.discard(pair)
        # Only now: a pump that still read from a closed descriptor could meet the next connection, which has its number.
        for s in pair:
            s.close()

    def _pump(self, source, target, from_server: bool):
        try:
            while data := source.recv(1 << 16):
                while (self.stalled or self._holds(data, from_server)) and not self._closed:
                    time.sleep(0.01)
                if from_server:
                    if self.delay:
                        time.sleep(self.delay)
                    if self.rubbish is not None:
                        data, self.rubbish = self.rubbish, None
                    if self.truncate is not None:
                        keep, self.truncate = self.truncate, None
                        target.sendall(data[:keep])
                        break
                data, ends = self._measure(data, from_server)
                target.sendall(data)
                if ends:
                    break
        except OSError:
            pass
        for s in (source, target):
            self._end(s)

    def _holds(self, data: bytes, from_server: bool) -> bool:
        held = self.held
        return held is not None and not from_server and held in data

    def _measure(self, data: bytes, from_server: bool) -> tuple:
        """(what passes, whether the connection ends behind it)"""
        with self._lock:
            if self.tape is not None:
                self.tape.append((from_server, data))
            if self.cut_after is None or self.cut_after[0] != from_server:
                return data, False
            left = self.cut_after[1] - len(data)
            self.cut_after = (from_server, left) if left > 0 else None
            return (data, False) if left > 0 else (data[:len(data) + left], True)

    @staticmethod
    def _end(s):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
