"""Many clients at once."""

import threading
import time

from support.estate import CLIENT_PASSWORD
from support.raw_client import RefusedLogin, ServerClosed


class Crowd:
    """Clients that run a short transaction in a loop, each in a thread, and count how it went."""

    def __init__(self, proxy, count, tenant, sql):
        self.proxy, self.tenant, self.sql = proxy, tenant, sql
        self.ok = 0
        self.failed = []
        self.broken = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def _run(self):
        client = None
        while not self.stop.is_set():
            try:
                if client is None:
                    client = self.proxy.raw(f"{self.tenant}_app", CLIENT_PASSWORD)
                reply = client.query(self.sql)
                if reply.error:
                    self.failed.append(reply.error)
                    if reply.error.get("C") == "08S01":  # MySQL's word for the last packet of a connection
                        client.close()
                        client = None
                    time.sleep(0.01)
                else:
                    self.ok += 1
            except RefusedLogin as refusal:
                self.failed.append(refusal.fields)
                client = None
                time.sleep(0.05)
            except ServerClosed as closed:
                self.failed.append(closed.reply.error)
                client = None
            except OSError as problem:
                self.broken.append(repr(problem))
                client = None
                time.sleep(0.05)
        if client:
            client.close()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive(), "a client hangs"
