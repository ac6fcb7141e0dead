#!/usr/bin/python3
"""Opens many client connections at once, asks one question on each, keeps them open until a line comes on stdin.

    many_clients.py CLIENTS URL...      postgresql://user:password@host:port/database, or mysql://...; each URL is used
                                        by an equal share of the clients

Prints how many answered. An application does nothing special: it connects with its usual driver.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit


def connect(url: str):
    if url.startswith("mysql:"):
        import pymysql
        parts = urlsplit(url)
        return pymysql.connect(host=parts.hostname, port=parts.port, user=parts.username, password=parts.password,
                               database=parts.path[1:], autocommit=True, connect_timeout=20)
    import psycopg
    return psycopg.connect(url, autocommit=True, connect_timeout=20)


def main() -> int:
    clients, urls = int(sys.argv[1]), sys.argv[2:]
    connections = []

    def ask(number: int) -> bool:
        connection = connect(urls[number % len(urls)])
        connections.append(connection)  # kept open: an idle client must not hold a server connection
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM users")
            return cursor.fetchone()[0] > 0

    with ThreadPoolExecutor(16) as pool:
        answered = sum(pool.map(ask, range(clients)))
    print(answered, flush=True)
    sys.stdin.readline()
    return 0 if answered == clients else 1


if __name__ == "__main__":
    sys.exit(main())
