"""The smallest text that still shows a difference, found by leaving out pieces."""

import re

TOKEN = re.compile(r"'(?:[^']|'')*'|`[^`]*`|/\*.*?\*/|;;|[\w.@]+|<=>|<>|[<>=!|&]+|\S", re.S)


def closing(tokens: list, at: int) -> int:
    depth = 0
    for i in range(at, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[i], 0)
        if depth == 0:
            return i
    return at


def candidates(tokens: list):
    """Texts with a piece left out, the largest pieces first; groups in parentheses as a whole, or replaced by a value."""
    for at, token in enumerate(tokens):
        if token == "(" and (end := closing(tokens, at)) > at:
            yield tokens[:at] + tokens[end + 1:]
            yield tokens[:at] + ["1"] + tokens[end + 1:]
            yield tokens[:at] + tokens[at + 1:end] + tokens[end + 1:]
    size = len(tokens) // 2
    while size:
        for at in range(0, len(tokens), max(1, size // 2)):
            yield tokens[:at] + tokens[at + size:]
        size //= 2


def shrink(differs, sql: str, tries: int = 600) -> str:
    """`differs(text)`: whether the statement still shows a difference."""
    tokens, going = TOKEN.findall(sql), True
    while going and tries > 0:
        going = False
        for shorter in candidates(tokens):
            tries -= 1
            if tries <= 0:
                break
            if len(shorter) < len(tokens) and differs(" ".join(shorter)):
                tokens, going = shorter, True
                break
    return " ".join(tokens)
