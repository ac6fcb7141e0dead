"""The shop of examples/shop in Python, without a proxy, through the C interface.

    FAIRLEAD_LIBRARY=.../libfairlead.so python3 shop.py fairlead.toml
"""

import sys

from binding import REFUSED, FairleadError, Source


def show_users(source, name):
    with source.tenant(name) as tenant:
        users = tenant.execute("SELECT user_id, username FROM users WHERE user_id < :below ORDER BY user_id", below=90)
        print(f"{name}:", " ".join(f"{number} {username};" for number, username in users))


def try_what_is_refused(tenant):
    try:
        tenant.execute("TRUNCATE users")
    except FairleadError as refused:
        assert refused.kind == REFUSED, refused
        print(f"refused: {refused}\n  rule: {refused.rule}\n  remedy: {refused.hint}")
    else:
        raise AssertionError("TRUNCATE was not refused")


def count(target) -> str:
    return target.execute("SELECT count(*) FROM users")[0][0]


def commit_and_roll_back(tenant):
    def add(transaction):
        transaction.execute("INSERT INTO users (user_id, username) VALUES (:id, :name)", id=92, name="Ono")
        return count(transaction)

    def remove_and_fail(transaction):
        transaction.execute("DELETE FROM users")
        raise RuntimeError("something else failed")

    print(f"committed: tenant1 has {tenant.transaction(add)} users")
    try:
        tenant.transaction(remove_and_fail)
    except RuntimeError as failure:
        print(f"rolled back ({failure}): tenant1 has {count(tenant)} users")
    tenant.execute("DELETE FROM users WHERE user_id = :id", id=92)


def main(config_file):
    with Source(config_file) as source:
        for number in range(1, 6):
            show_users(source, f"tenant{number}")
        with source.tenant("tenant1") as tenant:
            try_what_is_refused(tenant)
            commit_and_roll_back(tenant)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: shop.py fairlead.toml")
    main(sys.argv[1])
