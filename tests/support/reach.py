"""How far a bridge reaches: statements with names of others in every place where a name can stand, each run through Fairlead as
the bridge's tenant and directly as an account to which the server itself gives that tenant's database or schema and no more.

What the server denies must not succeed with us; what succeeds on both sides must be the same; what we refuse by a rule has no
effect. Whatever happens: no value of another tenant comes back, and nothing of another's changes.

The grammar and the two sides are the engine's: isolation/bridge_grammar.py, isolation/mysql/bridge_grammar.py."""

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field

from support.shrinking import shrink

MARK = re.compile(rb"zq", re.I)  # begins every value, and every name of others that no statement says
PLACE = re.compile(r"\{([A-Z])(\d?)\}")
FOREIGN_SHARE = {"none": 0.2, "one": 0.6, "some": 0.2}


class Difference(AssertionError):
    pass


@dataclass
class Script:
    """Statements of one client, one after the other; `protocol`: how each is sent."""

    steps: list
    protocol: str
    foreign: list = field(default_factory=list)  # what names of others stand in it


class Grammar:
    """Fills templates. {Q}, {E}, {C}: queries, expressions, conditions, which hold places in turn; every other letter is a place
    for a name, filled by `own(letter)` or `foreign(letter)`. {T1} is the same wherever it stands in one template."""

    RULES: dict = {}  # letter -> templates
    SCRIPTS: list = []  # templates; " ;; " stands between messages
    PROTOCOLS = ("text", "prepared")

    def __init__(self, seed: int):
        self.chance = random.Random(seed)

    def pick(self, *options):
        return self.chance.choice(options)

    def roll(self, share: float) -> bool:
        return self.chance.random() < share

    def own(self, letter: str) -> str:
        raise NotImplementedError

    def foreign(self, letter: str) -> str:
        raise NotImplementedError

    def wrapped(self, script: str) -> str:
        """The same by another way of saying it."""
        return script

    def expanded(self, template: str, depth: int = 0) -> str:
        def one(match):
            letter = match[1]
            if letter not in self.RULES:
                return match[0]
            options = self.RULES[letter]
            return self.expanded(self.pick(*(options if depth < 3 else options[:2])), depth + 1)
        return PLACE.sub(one, template)

    def filled(self, template: str) -> tuple:
        """(text, names of others in it)"""
        places = list(dict.fromkeys(match[0] for match in PLACE.finditer(template)))
        # Places without a number are each on their own.
        count = len(PLACE.findall(template))
        share, chosen = self.chance.random(), set()
        if count and share > FOREIGN_SHARE["none"]:
            many = 1 if share < FOREIGN_SHARE["none"] + FOREIGN_SHARE["one"] else 2
            chosen = set(self.chance.sample(range(count), min(many, count)))
        known, foreign, at = {}, [], iter(range(count))
        numbered_foreign = {place for place in places if place[2:-1] and self.roll(0.5 if chosen else 0)}

        def fill(match):
            number, place = next(at), match[0]
            if place in known:
                return known[place]
            other = place in numbered_foreign if match[2] else number in chosen
            name = self.foreign(match[1]) if other else self.own(match[1])
            if other:
                foreign.append(name)
            if match[2]:
                known[place] = name
            return name
        return PLACE.sub(fill, template), foreign

    def script(self) -> Script:
        text, foreign = self.filled(self.expanded(self.pick(*self.SCRIPTS)))
        return Script(self.wrapped(text).split(" ;; "), self.pick(*self.PROTOCOLS), foreign)


class Corpus:
    """Statements of the lists of cases: now and then a table is another's, in texts within texts, too."""

    FILES: list = []
    ENGINE = ""
    CRASHES = re.compile(r"$^")  # the reference's server, which has no guard
    TABLE = re.compile(r"""(?<![\w.`"@])(?:(?:shop|public)\.)?(customers|orders|order_items|plans|part|coupons)\b(?!\s*\.)""", re.I)

    def __init__(self, seed: int):
        self.chance = random.Random(seed)
        cases = [json.loads(line) for file in self.FILES if file.exists() for line in file.read_text().splitlines() if line.strip()]
        self.statements = [case["sql"] for case in cases if case["engine"] == self.ENGINE and not self.CRASHES.search(case["sql"])]

    def foreign(self, table: str) -> str:
        raise NotImplementedError

    def script(self) -> Script:
        share, foreign = self.chance.choice((0.0, 0.3, 1.0)), []

        def one(match):
            if self.chance.random() >= share:
                return match[0]
            foreign.append(self.foreign(match[1]))
            return foreign[-1]
        return Script([self.TABLE.sub(one, self.chance.choice(self.statements))], self.chance.choice(("text", "text", "prepared")), foreign)


class Side:
    """One of the two ways. An engine says how to log in, what the own place and everybody else's hold, and how to put it back."""

    client = None

    def login(self):
        raise NotImplementedError

    def own(self):
        """All that the tenant has: comparable with the other side."""
        raise NotImplementedError

    def others(self):
        """All that others have: equal before and after."""
        raise NotImplementedError

    def restore(self):
        raise NotImplementedError

    def send(self, client, sql: str, protocol: str):
        raise NotImplementedError

    def prepare(self):
        self.restore()
        self.initial = self.own(), self.others()

    def run(self, script: Script) -> list:
        client = self.login()
        try:
            return [self.send(client, step, script.protocol) for step in script.steps]
        finally:
            client.close()

    def restore_quickly(self, own):
        """As `restore`, where less work will do; `own`: what is there now."""

    def restore_if_changed(self, own):
        if own == self.initial[0]:
            return
        self.restore_quickly(own)
        if self.own() != self.initial[0]:
            self.restore()
            assert self.own() == self.initial[0], "the test cannot put it back"


class Comparison:
    """`comparable(reply, sql)`: what must be equal; `refused(reply)`: whether it was one of our rules."""

    def __init__(self, bridge: Side, reference: Side, comparable, refused):
        self.bridge, self.reference, self.comparable, self.refused = bridge, reference, comparable, refused

    def compare(self, script: Script) -> str:
        """"same", "refused" by a rule, or "denied" on both; raises Difference. Leaves both as they were."""
        replies = self.bridge.run(script)
        own = self.bridge.own()
        expected = self.reference.run(script)
        expected_own = self.reference.own()
        try:
            verdict, aligned = self._steps(script, replies, expected)
            self._states(script, replies, own, expected_own if aligned else own)
            return verdict
        finally:
            self.bridge.restore_if_changed(own)
            self.reference.restore_if_changed(expected_own)

    def compare_with_others(self, script: Script) -> str:
        """Everything that others have is looked at, too, which takes longer."""
        verdict = self.compare(script)
        self.check_others(told_of(script))
        return verdict

    def check_others(self, told: str):
        others = self.bridge.others()
        if others != self.bridge.initial[1]:
            changed = sorted(set(others) ^ set(self.bridge.initial[1]))
            self.bridge.initial = self.bridge.initial[0], others
            raise Difference(f"something of others changed\n{told}\n{changed}"[:8000])

    def differs(self, script: Script) -> bool:
        try:
            self.compare(script)
        except Difference:
            return True
        except Exception:
            return False
        return False

    def _steps(self, script: Script, replies: list, expected: list) -> tuple:
        verdict = "same"
        for sql, ours, theirs in zip(script.steps, replies, expected):
            told = f"{told_of(script)}\n  at: {sql}\n  bridge:    {ours.error or ours.rows}\n  reference: {theirs.error or theirs.rows}"[:5000]
            # What the server shows to everybody (names in PostgreSQL's catalogues) is no secret.
            if MARK.search(ours.raw) and not MARK.search(theirs.raw) and "zq" not in sql.lower():
                raise Difference(f"a value of another tenant came back\n{told}")
            if verdict == "refused":  # what comes behind it has another state before it
                continue
            if theirs.error and not ours.error:
                raise Difference(f"the server denies it, and the bridge gets it\n{told}")
            if ours.error:
                if not theirs.error and not self.refused(ours):
                    raise Difference(f"fails for the bridge, by no rule\n{told}")
                verdict = "refused" if self.refused(ours) else "denied"
                continue
            answers = [self.comparable(reply, told_of(script)) for reply in (ours, theirs)]
            if answers[0] != answers[1]:
                raise Difference(f"another answer\n{told}\n{answers[0]}\n{answers[1]}"[:8000])
        return verdict, verdict != "refused"

    @staticmethod
    def _states(script: Script, replies: list, own: list, expected: list):
        told = f"{told_of(script)}\n{[reply.error or reply.rows for reply in replies]}"[:5000]
        if MARK.search(repr(own).encode()) and "zq" not in told_of(script).lower():
            raise Difference(f"a value of another tenant is in the own place now\n{told}\n{own}"[:8000])
        if own != expected:
            raise Difference(f"another state\n{told}\n{sorted(set(own) ^ set(expected))}"[:8000])


def told_of(script: Script) -> str:
    return f"{script.protocol}: {' ;; '.join(script.steps)}"


def run_scripts(bridge: Side, reference: Side, grammar: Grammar, seed: int, count: int, comparable, refused) -> Counter:
    """How many ended how. What changed for others is looked for at the end, and then statement by statement."""
    comparison, scripts, found = Comparison(bridge, reference, comparable, refused), [], Counter()
    for number in range(count):
        script = grammar.script()
        scripts.append(script)
        try:
            found[f"{'foreign' if script.foreign else 'own'} {comparison.compare(script)}"] += 1
        except Difference as difference:
            small = shrink(lambda text: comparison.differs(Script(text.split(" ;; "), script.protocol)), " ;; ".join(script.steps), 80)
            raise AssertionError(f"seed {seed}, statement {number}: {difference}\n\nshrunk: {small}") from None
    try:
        comparison.check_others(f"seed {seed}: by one of {count} statements")
    except Difference:
        for script in scripts:
            comparison.compare_with_others(script)
        raise
    return found


def check_enough(found: Counter, kind: str = "", own: float = 0.1, foreign: float = 0.1):
    """Behind run_scripts: a test that runs nothing, or names nobody else, proves nothing."""
    total = sum(count for how, count in found.items() if how.rpartition(": ")[0] == kind.removesuffix(": "))
    assert found[f"{kind}own same"] > own * total and found[f"{kind}foreign refused"] > foreign * total, dict(found)


def check_the_comparison(unguarded: Side, reference: Side, comparable, refused, sql: str, told: str):
    """`told`: what the comparison has to say of `sql`, or nothing. Others get back what they had by the caller's next fixture."""
    comparison = Comparison(unguarded, reference, comparable, refused)
    problems = []
    for check in (comparison.compare, lambda script: comparison.check_others(told_of(script))):
        try:
            check(Script([sql], "text"))
        except Difference as difference:
            problems.append(str(difference).splitlines()[0])
    assert any(told in problem for problem in problems) if told else not problems, problems
