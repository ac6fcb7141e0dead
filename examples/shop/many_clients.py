#!/usr/bin/python3
"""Opens many client connections at once, asks one question on each, keeps them open until a line comes on stdin.

    many_clients.py CLIENTS DSN...      each DSN is used by an equal share of the clients

Prints how many answered. An application does nothing special: it connects with its usual driver.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg


def main() -> int:
    clients, dsns = int(sys.argv[1]), sys.argv[2:]
    connections = []

    def ask(number: int) -> bool:
        connection = psycopg.connect(dsns[number % len(dsns)], autocommit=True, connect_timeout=20)
        connections.append(connection)  # kept open: an idle client must not hold a server connection
        return connection.execute("SELECT count(*) FROM users").fetchone()[0] > 0

    with ThreadPoolExecutor(16) as pool:
        answered = sum(pool.map(ask, range(clients)))
    print(answered, flush=True)
    sys.stdin.readline()
    return 0 if answered == clients else 1


if __name__ == "__main__":
    sys.exit(main())
