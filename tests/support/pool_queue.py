"""Who waits for a server connection, as the proxy's metrics say it. A short pool_timeout would say it too, but on a busy
machine it also ends the wait of those who shall be served."""

from support.process import wait_until


def waiting(proxy, backend: str = "main") -> float:
    return proxy.metrics().sum("fairlead_clients_waiting", backend=backend)


def check_that_it_waits(proxy, client, backend: str = "main", sql: str = "SELECT 1"):
    """The client's statement waits for a server connection, and goes on waiting: client.read_reply() takes its answer."""
    before = waiting(proxy, backend)
    client.start(sql)
    wait_until(lambda: waiting(proxy, backend) > before, 10, "the client waits for a server connection")
    assert client.nothing_comes(0.1), "it has been answered"
