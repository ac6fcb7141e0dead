"""Statements for the parser: operators and joins in all orders, and tables wherever a query may stand."""

import random

BINARY = ["+", "-", "*", "/", "%", "div", "mod", "|", "&", "^", "<<", ">>", "||", "&&", "and", "or", "xor", "=", "<=>", "<>",
          "<", ">=", "like", "not like", "regexp", "rlike", "sounds like"]
UNARY = ["-", "+", "~", "!", "not ", "binary "]
JOINS = ["join", "inner join", "cross join", "straight_join", "left join", "right outer join", "natural join",
         "natural left join", "join", "left join", "join"]


class Statements:
    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.count = 0

    def _pick(self, *of):
        return self.random.choice(of)

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    # Operators over words.t.

    def _operand(self, depth: int) -> str:
        kind = self.random.randrange(12)
        if kind < 6 or depth > 3:
            return self._pick("a", "b", "c", "1", "2", "'x'")
        if kind < 8:
            return self._pick(*UNARY) + self._operand(depth + 1)
        if kind == 8:
            return f"({self._operation(depth + 1)})"
        if kind == 9:
            return f"case when {self._operation(depth + 1)} then {self._operation(depth + 1)} end"
        if kind == 10:
            return f"if({self._operation(depth + 1)}, 1, 2)" if self._chance(0.7) else "@v := " + self._operation(depth + 1)
        return self._pick("interval 1 day + ", "exists (select 1) and ", "(select 1) + ") + self._operand(depth + 1)

    def _operation(self, depth: int = 0) -> str:
        out = self._operand(depth)
        for _ in range(self.random.randrange(5)):
            kind = self.random.randrange(8)
            if kind == 0:
                out += self._pick(" is null", " is not true", " is false", " collate utf8mb4_bin")
            elif kind == 1:
                out += f" {self._pick('in', 'not in')} ({self._pick('1', 'a, 1', 'select 2')})"
            elif kind == 2:
                out += f" {self._pick('between', 'not between')} {self._operand(depth + 1)} and {self._operand(depth + 1)}"
            elif kind == 3:
                out += f" {self._pick('+', '-')} interval {self._operand(depth + 1)} day"
            else:
                out += f" {self._pick(*BINARY)} {self._operand(depth + 1)}"
        return out

    def operators(self) -> str:
        return f"select {self._operation()} as z from t"

    # Joins of words.t.

    def _factor(self, depth: int) -> str:
        self.count += 1
        name, kind = f"t{self.count}", self.random.random()
        if kind < 0.15 and depth < 3:
            return f"({self._chain(depth + 1)})"
        if kind < 0.2:
            return f"(select * from t where x > {self.count}) as {name}"
        if kind < 0.25 and depth < 3:
            return f"({self._chain(depth + 1)}, {self._chain(depth + 1)})"
        return f"t as {name}"

    def _chain(self, depth: int = 0) -> str:
        out, open_joins = self._factor(depth), 0
        for _ in range(self.random.randrange(5)):
            join = self._pick(*JOINS)
            out += f" {join} {self._factor(depth)}"
            if "natural" in join:
                continue
            open_joins += 1
            while open_joins and self._chance(0.6):
                self.count += 1
                out += self._pick(f" on {self.count} > @v", " using (x)")
                open_joins -= 1
        while open_joins and self._chance(0.8):
            self.count += 1
            out += f" on {self.count} > @w"
            open_joins -= 1
        return out

    def joins(self) -> str:
        return "select 1 as z from " + self._chain()

    # Tables that do not exist, each of another name.

    def _table(self) -> str:
        self.count += 1
        return self._pick(f"n{self.count}", f"N{self.count}", f"other . n{self.count}", f"`n {self.count}`", f"other.select{self.count}")

    def _reference(self, depth: int) -> str:
        self.count += 1
        if depth < 2 and self._chance(0.25):
            return f"({self._query(depth + 1)}) {self._pick('', 'as ')}d{self.count}"
        if depth < 2 and self._chance(0.15):
            return f"({self._from(depth + 1)})"
        return self._table() + self._pick("", "", f" a{self.count}", f" as a{self.count}", f" a{self.count} use index ()")

    def _from(self, depth: int) -> str:
        out = self._reference(depth)
        for _ in range(self.random.randrange(3)):
            kind = self._pick(", ", " natural join ", " join ", " left join ")
            out += kind + self._reference(depth)
            if "left" in kind or (" join " == kind and self._chance(0.6)):
                out += f" on {self._value(depth + 1)}"
        return out

    def _value(self, depth: int) -> str:
        if depth > 2 or self._chance(0.4):
            return self._pick("1", "'x'", "?", "null", "@a")
        inner = f"({self._query(depth + 1)})"
        value = self._value(depth + 1)
        return self._pick(inner, f"exists {inner}", f"{value} in {inner}", f"{value} = any {inner}", f"({inner} + {value})",
                          f"if({value}, {inner}, 1)", f"case {value} when {inner} then 1 end", f"coalesce({value}, {inner})",
                          f"{value} between {inner} and {value}", f"(({inner}), 1) = (1, {value})", f"not {value} xor {inner}",
                          f"cast({inner} as char)", f"count(distinct {value}, {inner}) over (order by {value})",
                          f"group_concat({value} order by {inner})", f"now() + interval {inner} day", f"@b := {inner}")

    def _block(self, depth: int) -> str:
        out = "select " + self._pick("", "distinct ") + ", ".join(self._value(depth + 1) for _ in range(1 + self._chance(0.3)))
        out += f" from {self._from(depth)}"
        for clause in (" where ", " group by ", " having ", " order by "):
            if self._chance(0.25):
                out += clause + self._value(depth + 1)
        return out + self._pick("", "", " limit 3", " for update", " lock in share mode")

    def _query(self, depth: int) -> str:
        kind = self.random.random()
        if kind < 0.1:
            return f"({self._block(depth)}) {self._pick('union', 'union all', 'except', 'intersect')} ({self._block(depth)})"
        if kind < 0.15:
            return f"with w{depth} as ({self._query(depth + 1)}) select 1 from w{depth}, {self._table()}"
        if kind < 0.2:
            return f"values ({self._value(depth + 1)})"
        return self._block(depth)

    def statement(self) -> str:
        """Of any kind that touches rows."""
        value, table = self._value(1), self._table()
        where = f" where {value}"
        return self._pick(
            lambda: self._query(0),
            lambda: f"insert into {table} values ({value}), (default)",
            lambda: f"insert ignore {table} (a) {self._query(0)} on duplicate key update a = {value}",
            lambda: f"replace {table} set a = {value}",
            lambda: f"update {table} set a = {value}{where} order by 1 limit 2",
            lambda: f"update {self._from(0)} set a = {value}{where}",
            lambda: f"delete from {table}{where} limit 1",
            lambda: f"delete x from n{self.count} as x join {self._reference(0)}{where}",
            lambda: f"delete from x using n{self.count} as x, {self._reference(0)}{where}")()
