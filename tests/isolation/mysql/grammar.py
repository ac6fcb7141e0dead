"""Statements over the fixture, made from a seed: every kind of join, subqueries in every position, CTEs, set operations,
windows, DML and upserts, with literals that become parameters when the statement is prepared.

Everything that is not determined is left out: LIMIT without a total order, columns that are not grouped, updates of keys."""

import random
from dataclasses import dataclass

TABLES = {
    "customers": {"id": "n", "name": "t", "email": "t", "tenant_id": "t"},
    "orders": {"id": "n", "customer_id": "n", "total": "n", "note": "t", "tenant_id": "t"},
    "order_items": {"order_id": "n", "sku": "t", "qty": "n", "tenant_id": "t"},
    "plans": {"id": "n", "name": "t"},
    "part": {"id": "n", "note": "t", "tenant_id": "t"},
    "coupons": {"id": "n", "code": "t", "tenant_id": "t"},
}
WITH_ID = ("customers", "orders", "plans", "part", "coupons")
WRITABLE = {"customers": ["name", "email"], "orders": ["customer_id", "total", "note"], "order_items": ["qty"], "part": ["note"]}
KEYS = {"customers": ["id"], "orders": ["id"], "order_items": ["order_id", "sku"], "part": ["id"]}
MARKER = "\x00"


@dataclass
class Statement:
    text: str
    prepared: str
    values: list
    ordered: bool


class Grammar:
    def __init__(self, seed):
        self.chance = random.Random(seed)

    def statement(self) -> Statement:
        self.names, self.literals = 0, []
        self.total_order = False
        self.shadowed = set()  # tables whose name a CTE has taken: only the qualified name is the table
        made = self.pick(self.query, self.query, self.query, self.update, self.delete, self.insert)()
        pieces = made.split(MARKER)
        text = "".join(piece if i % 2 == 0 else self.quoted(self.literals[int(piece)]) for i, piece in enumerate(pieces))
        prepared = "".join(piece if i % 2 == 0 else "?" for i, piece in enumerate(pieces))
        values = [self.literals[int(piece)] for piece in pieces[1::2]]
        return Statement(text, prepared, values, self.total_order)

    # Small things

    @staticmethod
    def quoted(value) -> str:
        return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"

    def literal(self, value) -> str:
        self.literals.append(value)
        return f"{MARKER}{len(self.literals) - 1}{MARKER}"

    def pick(self, *options):
        return self.chance.choice(options)

    def roll(self, share: float) -> bool:
        return self.chance.random() < share

    def alias(self) -> str:
        self.names += 1
        return f"a{self.names}"

    def name(self, table: str) -> str:
        if table in self.shadowed:
            return self.pick(f"shop.{table}", f"`shop`.`{table}`")
        return self.pick(table, table, table, f"`{table}`", f"shop.{table}", f"`shop`.`{table}`", f"shop . {table}", f"/*! {table} */"
                         if self.roll(0.05) else table)

    # FROM

    def source(self, depth: int, ctes=()):
        """(FROM item, {qualified column: kind})"""
        alias = self.alias()
        roll = self.chance.random()
        if ctes and roll < 0.3:
            cte, kinds = self.pick(*ctes)
            return f"{cte} {self.pick('AS ', '')}{alias}", {f"{alias}.c{i}": kind for i, kind in enumerate(kinds)}
        if depth and roll < 0.45:
            query, kinds = self.select(depth - 1, ctes)
            return f"({query}) AS {alias}", {f"{alias}.c{i}": kind for i, kind in enumerate(kinds)}
        table = self.pick(*TABLES)
        hint = self.pick("", "", "", "", " IGNORE INDEX (PRIMARY)", " FORCE INDEX (PRIMARY)", " USE INDEX ()")
        return f"{self.name(table)} {self.pick('AS ', '')}{alias}{hint}", {f"{alias}.{c}": k for c, k in TABLES[table].items()}

    def joined(self, depth: int, ctes=()):
        item, scope = self.source(depth, ctes)
        for _ in range(self.pick(0, 0, 1, 1, 2)):
            other, more = self.source(depth, ctes)
            both = {**scope, **more}
            kind = self.pick("JOIN", "INNER JOIN", "LEFT JOIN", "RIGHT JOIN", "LEFT OUTER JOIN", "CROSS JOIN", ",", "STRAIGHT_JOIN", "group", "using")
            if kind == "CROSS JOIN":
                item = f"{item} CROSS JOIN {other}"
            elif kind == ",":
                item = f"({item}), {other}" if self.roll(0.3) else f"({item} , {other})"
                item = f"({item} CROSS JOIN (SELECT 1) AS {self.alias()})" if "), " in item else item
            elif kind == "group":
                third, still = self.source(0)
                inner = {**more, **still}
                both = {**scope, **inner}
                item = (f"{item} {self.pick('LEFT JOIN', 'RIGHT JOIN', 'JOIN')} ({other} {self.pick('JOIN', 'LEFT JOIN')} {third} "
                        f"ON {self.condition(inner, 0)}) ON {self.condition(both, 0)}")
            elif kind == "using" and any(c.endswith(".id") for c in scope) and " JOIN " not in item and "(" not in item:
                table = self.pick(*WITH_ID)
                alias = self.alias()
                both = {**scope, **{f"{alias}.{c}": k for c, k in TABLES[table].items()}}
                item = f"{item} {self.pick('JOIN', 'LEFT JOIN', 'RIGHT JOIN')} {self.name(table)} AS {alias} USING (id)"
            else:
                kind = "JOIN" if kind == "using" else kind
                item = f"({item}) {kind} {other} ON {self.condition(both, depth and 1)}" if self.roll(0.5) and "," not in item else \
                    f"({item} {kind} {other} ON {self.condition(both, 0)})"
            scope = both
        return item, scope

    def natural(self):
        """NATURAL joins and {OJ }: whatever columns are common, the tenant's among them."""
        a, b = self.alias(), self.alias()
        one, two = self.pick(("customers", "part"), ("part", "customers"), ("customers", "orders"), ("coupons", "part"), ("plans", "customers"))
        scope = {f"{x}.{c}": k for x, table in ((a, one), (b, two)) for c, k in TABLES[table].items()}
        if self.roll(0.3):
            return f"{{OJ {self.name(one)} AS {a} LEFT OUTER JOIN {self.name(two)} AS {b} ON {self.condition(scope, 0)}}}", scope
        kind = self.pick("NATURAL JOIN", "NATURAL LEFT JOIN", "NATURAL RIGHT JOIN")
        return f"{self.name(one)} AS {a} {kind} {self.name(two)} AS {b}", scope

    # Expressions

    def column(self, scope, kind):
        fitting = [c for c, k in scope.items() if k == kind]
        return self.pick(*fitting) if fitting else ("1" if kind == "n" else "'x'")

    def number(self) -> str:
        return self.literal(self.chance.randrange(-2, 25))

    def word(self) -> str:
        return self.literal(self.pick("acme", "globex", "acme name 1", "free", "", "zzz", "sku-1", "it's", "ACME", "a\\c"[:1]))

    def value(self, scope, kind, depth):
        roll = self.chance.random()
        if depth and roll < 0.12:
            inner, inner_scope = self.joined(0)
            column = self.column(inner_scope, kind)
            return f"(SELECT {self.pick('max', 'min')}({column}) FROM {inner} WHERE {self.condition({**scope, **inner_scope}, 0)})"
        if depth and roll < 0.2:
            return (f"CASE WHEN {self.condition(scope, depth - 1)} THEN {self.value(scope, kind, 0)} "
                    f"ELSE {self.value(scope, kind, 0)} END")
        if kind == "n":
            if roll < 0.4:
                return self.number()
            if roll < 0.5:
                return f"(coalesce({self.column(scope, 'n')}, 0) {self.pick('+', '-', '*')} {self.chance.randrange(5)})"
            if roll < 0.55:
                return f"length({self.column(scope, 't')})"
            return self.column(scope, "n")
        if roll < 0.4:
            return self.word()
        if roll < 0.5:
            return self.pick("upper({})", "concat({}, 'x')", "ifnull({}, 'none')", "left({}, 6)", "trim({})").format(self.column(scope, "t"))
        return self.column(scope, "t")

    def condition(self, scope, depth):
        roll = self.chance.random()
        if roll < 0.16:
            return f"({self.condition(scope, depth)} {self.pick('AND', 'OR', 'XOR', '&&', '||', 'OR')} {self.condition(scope, depth)})"
        if roll < 0.2:
            return f"{self.condition(scope, 0)} OR {self.condition(scope, 0)}"
        if roll < 0.24:
            return f"{self.pick('NOT', '!', 'NOT NOT')} ({self.condition(scope, depth)})"
        if depth and roll < 0.36:
            inner, inner_scope = self.joined(depth - 1)
            return f"{self.pick('EXISTS', 'NOT EXISTS')} (SELECT {self.pick('1', '*', 'NULL')} FROM {inner} WHERE {self.condition({**scope, **inner_scope}, 0)})"
        if depth and roll < 0.44:
            inner, inner_scope = self.joined(0)
            test = self.pick("IN", "NOT IN", "= ANY", "<> ALL", ">= SOME", "> ALL")
            return f"{self.column(scope, 'n')} {test} (SELECT {self.column(inner_scope, 'n')} FROM {inner} WHERE {self.condition(inner_scope, 0)})"
        if depth and roll < 0.47:
            inner, inner_scope = self.source(0)
            return (f"({self.column(scope, 'n')}, {self.column(scope, 't')}) IN "
                    f"(SELECT {self.column(inner_scope, 'n')}, {self.column(inner_scope, 't')} FROM {inner})")
        if roll < 0.56:
            return f"{self.column(scope, 't')} {self.pick('LIKE', 'NOT LIKE')} {self.literal(self.pick('%o%', 'a%', '%globex%', '_c%', '%'))}"
        if roll < 0.62:
            return f"{self.value(scope, self.pick('n', 't'), 0)} IS {self.pick('NULL', 'NOT NULL')}"
        if roll < 0.67:
            return f"{self.column(scope, 'n')} {self.pick('BETWEEN', 'NOT BETWEEN')} {self.number()} AND {self.number()}"
        if roll < 0.72:
            return f"{self.column(scope, 'n')} IN ({self.number()}, {self.number()}, {self.number()})"
        kind = self.pick("n", "t")
        return f"{self.value(scope, kind, depth)} {self.pick('=', '<>', '<', '>=', '=', '<=>', '!=')} {self.value(scope, kind, depth)}"

    # SELECT

    def where(self, scope, depth, share=0.55) -> str:
        return f" WHERE {self.condition(scope, depth)}" if self.roll(share) else ""

    def select(self, depth: int, ctes=(), kinds=None):
        """(text, kinds of its columns c0, c1, ...)"""
        tables, scope = self.natural() if self.roll(0.06) else self.joined(depth, ctes)
        where = self.where(scope, depth)
        roll = self.chance.random()
        if kinds is None and roll < 0.22:
            return self.grouped(tables, scope, where, depth)
        if kinds is None and roll < 0.32:
            return self.windowed(tables, scope, where)
        kinds = kinds or [self.pick("n", "t") for _ in range(self.pick(1, 2, 3))]
        columns = ", ".join(f"{self.value(scope, kind, depth)} AS c{i}" for i, kind in enumerate(kinds))
        tail = self.pick("", "", "", "", " FOR UPDATE", " LOCK IN SHARE MODE") if depth == 2 else ""
        start = self.pick('', '', 'DISTINCT ', 'ALL ', 'SQL_NO_CACHE ' if depth == 2 else '')
        return f"SELECT {start}{columns} FROM {tables}{where}{tail}", kinds

    def grouped(self, tables, scope, where, depth):
        kind = self.pick("n", "t")
        key = self.column(scope, kind)
        number, text = self.column(scope, "n"), self.column(scope, "t")
        extra = self.pick(f"max({number})", f"sum({number})", f"count(DISTINCT {number})", f"min({number})", f"count({text})")
        if key in ("1", "'x'"):
            return f"SELECT count(*) AS c0 FROM {tables}{where}", ["n"]
        having = self.pick("", "", " HAVING count(*) > 1", f" HAVING c1 >= {self.literal(1)}")
        if depth and self.roll(0.15):
            inner, inner_scope = self.source(0)
            having = f" HAVING count(*) <= (SELECT count(*) FROM {inner} WHERE {self.condition(inner_scope, 0)})"
        rollup = " WITH ROLLUP" if self.roll(0.1) and not having else ""
        return f"SELECT {key} AS c0, count(*) AS c1, {extra} AS c2 FROM {tables}{where} GROUP BY {key}{rollup}{having}", [kind, "n", "n"]

    def windowed(self, tables, scope, where):
        """Over values, so that equal rows get equal answers."""
        number, part = self.column(scope, "n"), self.column(scope, self.pick("n", "t"))
        over = f"PARTITION BY {part} ORDER BY {number}" if self.roll(0.6) else f"ORDER BY {number}"
        function = self.pick("rank()", "dense_rank()", f"count({number})", f"max({number})", f"sum({number})")
        if self.roll(0.3):
            return f"SELECT {number} AS c0, {function} OVER w AS c1 FROM {tables}{where} WINDOW w AS ({over})", ["n", "n"]
        return f"SELECT {number} AS c0, {function} OVER ({over}) AS c1 FROM {tables}{where}", ["n", "n"]

    def compound(self, depth, ctes=()):
        query, kinds = self.select(depth, ctes)
        if self.roll(0.25) and " FOR UPDATE" not in query and " LOCK IN" not in query:
            for _ in range(self.pick(1, 1, 2)):
                other, _ = self.select(0, ctes, kinds)
                operator = self.pick("UNION", "UNION ALL", "UNION DISTINCT", "EXCEPT", "INTERSECT")
                query = f"({query}) {operator} ({other})" if self.roll(0.3) else f"{query} {operator} {other}"
        return query, kinds

    def query(self) -> str:
        ctes, heads = [], []
        for _ in range(self.pick(0, 0, 0, 1, 2)):
            # Now and then with the name of a table: then it hides the table.
            cte = self.pick("w1", "w2", "w3", "customers", "orders") if self.roll(0.4) else f"w{len(ctes) + 4}"
            if cte in [name for name, _ in ctes]:
                continue
            body, kinds = self.compound(1, tuple(ctes))
            columns = f" ({', '.join(f'c{i}' for i in range(len(kinds)))})" if self.roll(0.2) else ""
            heads.append(f"{cte}{columns} AS ({body})")
            ctes.append((cte, kinds))
            self.shadowed.update({cte} & set(TABLES))
        query, kinds = self.compound(2, tuple(ctes))
        head = f"WITH {self.pick('', '', 'RECURSIVE ') if not self.shadowed else ''}{', '.join(heads)} " if heads else ""
        locking = " FOR UPDATE" in query or " LOCK IN" in query
        if self.roll(0.35) and not locking and not query.endswith("WITH ROLLUP"):
            order = ", ".join(f"{i + 1}{self.pick('', ' DESC')}" for i in range(len(kinds)))
            self.total_order = True  # by every column: rows that compare equal are equal
            query += f" ORDER BY {order}" + (f" LIMIT {self.chance.randrange(1, 9)}" if self.roll(0.4) else "")
            if " LIMIT" in query and self.roll(0.3):
                query += f" OFFSET {self.chance.randrange(4)}"
            # Texts that a collation takes for equal may stand in any order.
            self.total_order = all(kind == "n" for kind in kinds)
            if not self.total_order and "LIMIT" in query:
                query = query[:query.rindex(" LIMIT")]
        return head + query

    # Changes

    def assignments(self, table, alias, scope, most=2) -> str:
        columns = self.chance.sample(WRITABLE[table], self.pick(1, min(most, len(WRITABLE[table]))))
        parts = []
        for column in columns:
            kind = TABLES[table][column]
            target = f"{alias}.{column}" if alias and self.roll(0.7) else column
            # Neither another column that is assigned: whether the old value is read or the new depends on the plan.
            own = {c: k for c, k in scope.items() if (not alias or c.startswith(alias + ".")) and
                   (c.split(".")[-1] == column or c.split(".")[-1] not in columns)}
            depth = 1 if "." in next(iter(own)) else 0
            value = f"left({self.value(own, 't', depth)}, 70)" if kind == "t" else f"({self.value(own, 'n', depth)}) % 1000"
            parts.append(f"{target} = {value}")
        return ", ".join(parts)

    def update(self) -> str:
        table, alias = self.pick(*WRITABLE), self.alias()
        scope = {f"{alias}.{c}": k for c, k in TABLES[table].items()}
        if self.roll(0.35):  # several tables
            other, more = self.source(1)
            both = {**scope, **more}
            kind = self.pick("JOIN", "LEFT JOIN", ",", "RIGHT JOIN")
            on = "" if kind == "," else f" ON {self.condition(both, 0)}"
            return f"UPDATE {self.name(table)} AS {alias}{kind if kind == ',' else ' ' + kind} {other}{on} SET " \
                   f"{self.assignments(table, alias, scope, 1)}{self.where(both, 1, 0.8)}"  # of several, the order is the server's
        tail = ""
        if self.roll(0.25):
            tail = f" ORDER BY {', '.join(KEYS[table])} LIMIT {self.chance.randrange(1, 6)}"
        if self.roll(0.4):
            plain, depth = self.unaliased(table)
            return f"UPDATE {self.pick('', '', 'IGNORE ', 'LOW_PRIORITY ')}{self.name(table)} SET {self.assignments(table, None, plain)}" \
                   f"{self.where(plain, depth, 0.8)}{tail}"
        return f"UPDATE {self.name(table)} AS {alias} SET {self.assignments(table, alias, scope)}{self.where(scope, 1, 0.8)}{tail}"

    def unaliased(self, table):
        """Columns of the only table: bare, and then without subqueries, in which the names could mean two columns."""
        if self.roll(0.5):
            return dict(TABLES[table]), 0
        return {f"{table}.{c}": k for c, k in TABLES[table].items()}, 1

    def delete(self) -> str:
        table, alias = self.pick(*WRITABLE), self.alias()
        scope = {f"{alias}.{c}": k for c, k in TABLES[table].items()}
        roll = self.chance.random()
        if roll < 0.4:
            other, more = self.source(1)
            both = {**scope, **more}
            join = f"{self.name(table)} AS {alias} {self.pick('JOIN', 'LEFT JOIN')} {other} ON {self.condition(both, 0)}"
            where = self.where(both, 1, 0.8)
            return f"DELETE {alias} FROM {join}{where}" if roll < 0.2 else f"DELETE FROM {alias} USING {join}{where}"
        plain, depth = self.unaliased(table)
        tail = self.pick("", "", f" ORDER BY {', '.join(KEYS[table])} LIMIT {self.chance.randrange(1, 6)}")
        if self.roll(0.15) and not tail:
            tail = f" RETURNING {self.pick(*plain)}"
        return f"DELETE {self.pick('', '', 'QUICK ', 'IGNORE ')}FROM {self.name(table)}{self.where(plain, depth, 0.8)}{tail}"

    def insert(self) -> str:
        table = self.pick(*WRITABLE)
        columns = [c for c in TABLES[table] if c != "tenant_id"]
        verb = self.pick("INSERT INTO", "INSERT INTO", "INSERT", "INSERT IGNORE INTO", "REPLACE INTO", "REPLACE")
        update = ""
        if verb.startswith("INSERT") and self.roll(0.35):
            column = self.pick(*WRITABLE[table])
            new = f"VALUES({column})" if self.roll(0.4) else (self.literal("upsert") if TABLES[table][column] == "t" else f"{table}.{column} + 1")
            update = f" ON DUPLICATE KEY UPDATE {column} = {new}"
        returning = f" RETURNING {self.pick(*columns)}" if self.roll(0.1) and not update else ""

        def fresh(column):
            if column in KEYS[table] and TABLES[table][column] == "n":
                return self.literal(self.pick(1, 2, 3, self.chance.randrange(2000, 3000)))
            return self.literal(self.chance.randrange(50)) if TABLES[table][column] == "n" else self.literal(self.pick("new", "sku-1", "it's new"))
        form = self.chance.random()
        if form < 0.15:
            return f"{verb} {self.name(table)} SET " + ", ".join(f"{c} = {fresh(c)}" for c in columns) + update
        named = list(columns)
        if self.roll(0.2):
            named.insert(self.chance.randrange(len(named) + 1), "tenant_id")
        if form < 0.35:  # from a query with an order of its own, so that numbers are given in the same order
            source, alias = self.pick("orders", "customers"), self.alias()
            scope = {f"{alias}.{c}": k for c, k in TABLES[source].items()}
            values = ", ".join(f"{alias}.id + 4000" if c in KEYS[table] and TABLES[table][c] == "n" else self.value(scope, TABLES[table][c], 0)
                               if TABLES[table][c] == "n" else f"left({self.value(scope, 't', 0)}, 30)" for c in columns)
            return f"{verb} {self.name(table)} ({', '.join(columns)}) SELECT {values} FROM {source} AS {alias}{self.where(scope, 1)} " \
                   f"ORDER BY {alias}.id{update}{returning}"
        rows = ", ".join("(" + ", ".join("'acme'" if c == "tenant_id" else fresh(c) for c in named) + ")" for _ in range(self.pick(1, 1, 2, 3)))
        return f"{verb} {self.name(table)} ({', '.join(named)}) {self.pick('VALUES', 'VALUE')} {rows}{update}{returning}"
