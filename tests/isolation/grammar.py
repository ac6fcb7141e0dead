"""SELECT, INSERT, UPDATE and DELETE over the fixture, made from a seed."""

import random

COLUMNS = {
    "customers": {"id": "n", "name": "t", "email": "t", "tenant_id": "t"},
    "orders": {"id": "n", "customer_id": "n", "total": "n", "note": "t", "tenant_id": "t"},
    "order_items": {"order_id": "n", "sku": "t", "qty": "n", "tenant_id": "t"},
    "plans": {"id": "n", "name": "t"},
    "part": {"id": "n", "note": "t", "tenant_id": "t"},
}
WRITABLE = {"customers": ["name", "email"], "orders": ["customer_id", "total", "note"], "order_items": ["qty"], "part": ["note"]}


class Grammar:
    def __init__(self, seed: int):
        self.chance = random.Random(seed)
        self.names = 0

    def alias(self) -> str:
        self.names += 1
        return f"a{self.names}"

    def pick(self, *options):
        return self.chance.choice(options)

    def name(self, table: str) -> str:
        return self.pick(table, f"public.{table}", f'"{table}"', table.upper())

    def target(self, table: str) -> str:
        return table

    def source(self, depth: int):
        """(FROM item, {qualified column: kind})"""
        alias = self.alias()
        kind = self.chance.random()
        if depth and kind < 0.2:
            query, kinds = self.select(depth - 1)
            return f"({query}) AS {alias}", {f"{alias}.c{i}": k for i, k in enumerate(kinds)}
        table = self.pick(*COLUMNS)
        return f"{self.name(table)} AS {alias}", {f"{alias}.{c}": k for c, k in COLUMNS[table].items()}

    def tables(self, depth: int):
        item, scope = self.source(depth)
        for _ in range(self.pick(0, 0, 0, 1, 1)):
            other, more = self.source(depth)
            both = {**scope, **more}
            join = self.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "CROSS JOIN", ",")
            if join in ("CROSS JOIN", ","):
                item = f"{item} {join} {other}" if join == "CROSS JOIN" else f"({item} CROSS JOIN {other})"
            else:
                item = f"({item} {join} {other} ON {self.condition(both, 0)})"
            scope = both
        return item, scope

    def column(self, scope, kind):
        fitting = [c for c, k in scope.items() if k == kind]
        return self.pick(*fitting) if fitting else ("1" if kind == "n" else "'x'")

    def value(self, scope, kind, depth):
        roll = self.chance.random()
        if depth and roll < 0.15:
            inner, inner_scope = self.tables(0)
            column = self.column(inner_scope, kind)
            return f"(SELECT {self.pick('max', 'min')}({column}) FROM {inner} WHERE {self.condition({**scope, **inner_scope}, 0)})"
        if kind == "n":
            if roll < 0.3:
                return str(self.chance.randrange(-2, 25))
            if roll < 0.4:
                return f"coalesce({self.column(scope, 'n')}, 0) + {self.chance.randrange(5)}"
            return self.column(scope, "n")
        if roll < 0.3:
            return self.pick("'acme'", "'globex'", "'acme name 1'", "'free'", "''", "'zzz'")
        if roll < 0.4:
            return f"upper({self.column(scope, 't')})"
        return self.column(scope, "t")

    def condition(self, scope, depth):
        roll = self.chance.random()
        if roll < 0.15:
            return f"({self.condition(scope, depth)} {self.pick('AND', 'OR')} {self.condition(scope, depth)})"
        if roll < 0.2:
            return f"NOT ({self.condition(scope, depth)})"
        if depth and roll < 0.35:
            inner, inner_scope = self.tables(0)
            return f"{self.pick('EXISTS', 'NOT EXISTS')} (SELECT 1 FROM {inner} WHERE {self.condition({**scope, **inner_scope}, 0)})"
        if depth and roll < 0.45:
            inner, inner_scope = self.tables(0)
            return f"{self.column(scope, 'n')} {self.pick('IN', 'NOT IN')} (SELECT {self.column(inner_scope, 'n')} FROM {inner})"
        if roll < 0.55:
            return f"{self.column(scope, 't')} {self.pick('LIKE', 'NOT LIKE')} '{self.pick('%o%', 'a%', '%globex%', '_c%')}'"
        if roll < 0.62:
            return f"{self.value(scope, self.pick('n', 't'), 0)} IS {self.pick('NULL', 'NOT NULL')}"
        kind = self.pick("n", "t")
        return f"{self.value(scope, kind, depth)} {self.pick('=', '<>', '<', '>=', '=')} {self.value(scope, kind, depth)}"

    def select(self, depth: int):
        tables, scope = self.tables(depth)
        where = f" WHERE {self.condition(scope, depth)}" if self.chance.random() < 0.7 else ""
        if self.chance.random() < 0.3:
            key_kind = self.pick("n", "t")
            key = self.column(scope, key_kind)
            if key in ("1", "'x'"):
                return f"SELECT count(*) AS c0 FROM {tables}{where}", ["n"]
            having = " HAVING count(*) > 1" if self.chance.random() < 0.3 else ""
            return f"SELECT {key} AS c0, count(*) AS c1, max({self.column(scope, 'n')}) AS c2 FROM {tables}{where} GROUP BY {key}{having}", \
                [key_kind, "n", "n"]
        kinds = [self.pick("n", "t") for _ in range(self.pick(1, 2, 3))]
        columns = ", ".join(f"{self.value(scope, kind, depth)} AS c{i}" for i, kind in enumerate(kinds))
        return f"SELECT {self.pick('', '', 'DISTINCT ')}{columns} FROM {tables}{where}", kinds

    def statement(self) -> str:
        roll = self.chance.random()
        if roll < 0.6:
            query, kinds = self.select(2)
            if self.chance.random() < 0.2:
                other, _ = self.matching(kinds)
                query = f"{query} {self.pick('UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT')} {other}"
            if self.chance.random() < 0.15:
                query = f"WITH w AS ({query}) SELECT * FROM w"
            return query
        table = self.pick(*WRITABLE)
        alias = self.alias()
        scope = {f"{alias}.{c}": k for c, k in COLUMNS[table].items()}
        where = f" WHERE {self.condition(scope, 1)}" if self.chance.random() < 0.8 else ""
        if roll < 0.8:
            column = self.pick(*WRITABLE[table])
            value = self.value(scope, COLUMNS[table][column], 1)
            return f"UPDATE {self.target(table)} AS {alias} SET {column} = {value}{where} RETURNING tenant_id, {column}"
        if roll < 0.9:
            return f"DELETE FROM {self.target(table)} AS {alias}{where} RETURNING *"
        return (f"INSERT INTO {self.target('customers')} (id, name) SELECT {alias}.id + 1000, {alias}.note FROM {self.target('orders')} AS {alias} "
                f"WHERE {self.condition({f'{alias}.{c}': k for c, k in COLUMNS['orders'].items()}, 1)} RETURNING *")

    def matching(self, kinds):
        tables, scope = self.tables(0)
        return f"SELECT {', '.join(self.column(scope, k) for k in kinds)} FROM {tables}", kinds
