"""Texts for the lexer: glued from pieces of tokens, so that every boundary comes up; and the server's own test suite."""

import random
import re
from pathlib import Path

SUITE = Path("/usr/share/mysql/mysql-test")
GAPS = [b" ", b"\n", b"\t", b"\v", b"\f", b"\r", b"/**/", b"/* ' */", b"-- '\n", b"--\n", b"# `\n", b"--\x01\n", b"/*!*/",
        b"/* /* */", b"--\r\n", b"\xa0", b"/*!99999 a */", b"/*M!*/", b"/*m!,1*/"]
OPERATORS = [b"+", b"-", b"*", b"/", b"%", b"=", b"<", b">", b"<=", b">=", b"<>", b"!=", b"<=>", b"<<", b">>", b"&", b"|",
             b"^", b"&&", b"||", b"!", b"~", b"--", b"- -", b"=!", b">!", b"->", b":="]
WORDS = [b"a", b"b", b"x", b"t.a", b"t . b", b"t.`a`", b"`t`.x", b"t.x'1'", b"t.1a", b"1a", b"t.5", b"words.t.a", b".t.a",
         b"@a", b"@'a'", b"@`a`", b"@\"a\"", b"@a.b", b"@@port", b"@@global.port", b"@@`port`", b"null", b"\\N", b"a.b",
         b"\xc3\xa9", b"t.\xc3\xa9", b"`\xc3\xa9`", b"$a", b"a$", b"_a", b"true", b"\"a\"", b"t.\"a\"", b"t.n'a'"]
NUMBERS = [b"1", b"007", b"1.5", b".5", b"1.", b"1e5", b"1e-2", b"1.e1", b".5e+1", b"0x41", b"0xF", b"0b1", b"x'41'", b"X''",
           b"b'01'", b"B''", b"1e", b"0x", b"0b2", b"0X1", b"1_0", b"1.5.5", b"1..2", b"18446744073709551616", b"1.5a"]
PREFIXES = [b"", b"", b"", b"", b"N", b"n", b"_utf8mb4", b"_binary ", b"_latin1", b"_utf8mb4 x", b"n "]
CONTENTS = [b"a", b"''", b"\"\"", b"\\'", b"\\\"", b"\\\\", b"\\n", b"\\0", b"\\%", b"\\_", b"\\Z", b" ", b"--", b"/*", b"*/",
            b"#", b"`", b"\xc3\xa9", b"\xc3", b"\xbf", b"\xe2\x82", b"\xf0\x9f\x98\x80", b"\n", b"\\", b"\\\xc3\xa9"]
MARKS = [b"/*!", b"/*!50000", b"/*!50000 ", b"/*!101119 ", b"/*!101199 ", b"/*M!", b"/*M!50600 ", b"/*M!99999 ", b"/*!050000 ", b"/*!5000 "]


class Texts:
    def __init__(self, seed: int):
        self.random = random.Random(seed)

    def _pick(self, of):
        return self.random.choice(of)

    def _gap(self) -> bytes:
        return self._pick([b"", b"", b" ", b" ", self._pick(GAPS)])

    def _string(self) -> bytes:
        quote = self._pick([b"'", b"'", b"\""])
        return self._pick(PREFIXES) + quote + b"".join(self._pick(CONTENTS) for _ in range(self.random.randrange(4))) + quote

    def _operand(self) -> bytes:
        kind = self.random.randrange(10)
        if kind < 3:
            return self._pick(WORDS)
        if kind < 6:
            return self._pick(NUMBERS)
        if kind < 9:
            return self._string()
        return self._pick([b"count(*)", b"count (1)", b"abs(1)", b"abs/**/(2)", b"(1)", b"length(%s)" % self._string(),
                           b"(select 1)", b"{x 1}", b"date '2020-01-01'", b"interval (1)", b"t.*", b"*"])

    def _expression(self) -> bytes:
        out = self._operand()
        for _ in range(self.random.randrange(3)):
            out += self._gap() + self._pick(OPERATORS) + self._gap() + self._operand()
        if self.random.random() < 0.2:
            out += self._gap() + self._pick([b"as ", b"", b" "]) + self._pick([b"z", b"'z'", b"`z`", b"\"z\""])
        return out

    def statement(self) -> bytes:
        """Most of them parse."""
        items = [self._expression() for _ in range(1 + self.random.randrange(3))]
        if self.random.random() < 0.3:
            at = self.random.randrange(len(items))
            items[at] = self._pick(MARKS) + items[at] + self._pick([b"*/", b" */", b"*/"])
        text = b"select" + (self._gap() or b" ") + (self._gap() + b",").join(items)
        text += self._gap() + self._pick([b"", b" from t", b" from words.t", b" from`t`", b" from t limit 1;"])
        return text + self._gap()

    def noise(self) -> bytes:
        """A statement with a few bytes put in, taken out or doubled."""
        text = bytearray(self.statement())
        for _ in range(1 + self.random.randrange(3)):
            at = self.random.randrange(len(text))
            kind = self.random.randrange(3)
            if kind == 0:
                text[at:at] = bytes([self._pick(b"'\"`\\/*!-#@.0x1eN $;?&|<=>" + bytes([self.random.randrange(256)]))])
            elif kind == 1:
                del text[at]
                text = text or bytearray(b"1")
            else:
                text[at:at] = text[at:at + 3]
        return bytes(text)


def suite(share: int = 1) -> list:
    """Statements of the server's test suite, every `share`th file; without those that would change the session."""
    changes = re.compile(rb"\s*(set|use|xa|kill|lock|shutdown|delimiter|change|reset|flush|begin|call|execute|prepare|commit|rollback|release|"
                         rb"purge|get|signal|handler)\b|.*(sleep|benchmark|get_lock|rand|sql_mode|character_set)", re.I | re.S)
    texts = []
    for path in sorted(SUITE.rglob("*.test"))[::share]:
        lines = [line for line in path.read_bytes().split(b"\n") if not re.match(rb"\s*(--\w|#|let|eval|\}|\{)", line)]
        for text in re.split(rb";[ \t]*\n", b"\n".join(lines)):
            text = text.strip()
            if 0 < len(text) < 4000 and not changes.match(text) and b"XA " not in text:
                texts.append(text)
    return texts
