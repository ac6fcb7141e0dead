#!/usr/bin/python3
"""One statement through PyMySQL as any application would send it: ask.py PORT USER SQL. The password is in
SHOP_CLIENT_PASSWORD. Prints rows as "1 | Suzuki", or the error as the driver shows it."""

import os
import sys

import pymysql

port, user, sql = sys.argv[1:]
connection = pymysql.connect(host="127.0.0.1", port=int(port), user=user, password=os.environ["SHOP_CLIENT_PASSWORD"],
                             database="shop", autocommit=True, connect_timeout=20)
try:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for row in cursor.fetchall():
            print(" | ".join(str(value) for value in row))
except pymysql.MySQLError as error:
    print(f"ERROR {error.args[0]}: {error.args[1]}")
finally:
    connection.close()
