"""Faults between the embedded library and its server: connections cut at every step, servers killed and stopped, pools
exhausted, deadlines. Each time: the error's class is the right one, what it says about the outcome is true, nobody sees
another tenant's rows, the pool heals, and has as many connections as the server counts.

integration/mysql/library_faults_test.py runs the same on MariaDB."""

import itertools
import os
import signal
import struct
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.chaos_gate import ChaosGate
from support.library_process import Library
from support.process import wait_until

MARK = b"zqglobex"
INSERT = "INSERT INTO part (id, note) VALUES (:id, :note)"
UPDATE = "UPDATE customers SET name = 'waits' WHERE id = 1"
SELECT = "SELECT id, name FROM customers ORDER BY id"
CLIENT, SERVER = False, True  # whose bytes are cut
NUMBERS = itertools.count(50_000)  # of rows that no other test has


def patiently(call):
    """For what a test needs before it can begin: its limits are so short that a busy machine may exceed them."""
    for _ in range(10):
        answer = call()
        if answer.kind not in ("PoolTimeout", "DeadlineExceeded"):
            break
    return answer


def in_time(call, least: float, most: float):
    """The call's answer, after so many seconds. Called again when it took longer: the machine may have stood still."""
    for _ in range(3):
        began = time.monotonic()
        answer = call()
        took = time.monotonic() - began
        assert took > least, f"{took} s: {answer}"
        if took < most:
            return answer
    raise AssertionError(f"{took} s: {answer}")


class Site:
    """The library on one server, behind a gate."""

    open = []  # all of them, since the server counts the connections of all

    def __init__(self, estate, folder: Path, catalogue_refresh: str = "1h", **pool):
        self.estate, self.server, self.gate = estate, estate.main, ChaosGate(estate.main.port)
        self.is_mysql = "mysql" in estate.settings()["backends"]["main"]["engine"]
        settings = estate.settings()
        for placement in settings["placements"].values():  # all: the one that is looked at most often counts
            placement["catalogue_refresh"] = catalogue_refresh
        settings["backends"]["main"] |= {"port": self.gate.port, "pool_size": 1, "tls": {"mode": "disable"}, **pool}
        self.library = Library(folder, settings, estate.environment)
        Site.open.append(self)
        assert not self.library.opened.error, self.library.opened

    def run(self, sql, values=(), tenant="acme", **options):
        return self.library.run(tenant, sql, values, database="shop", **options)

    def insert(self, number, **options):
        return self.library.ask("run", tenant="acme", database="shop", sql=INSERT, values={"id": number, "note": "fault"}, **options)

    def begin_with_row(self, **options) -> int:
        """A transaction "t" that has inserted the row with the number that is returned."""
        def begin():
            self.library.ask("begin", tenant="acme", database="shop", **{"as": "t"}, **options)
            return self.library.ask("run", sql=INSERT, values={"id": number, "note": "x"}, **{"in": "t"})

        number = self.fresh_id()
        begun = patiently(begin)
        assert not begun.error, begun
        return number

    @staticmethod
    def fresh_id() -> int:
        return next(NUMBERS)

    def written(self, *numbers, tenant="acme") -> int:
        """How many of these rows the tenant has, as the administrator sees it."""
        rows, database = "part WHERE tenant_id = 'acme' AND", "shop"
        if tenant != "acme":
            rows, database = f"tenant_{tenant}.notes WHERE", f"tenant_{tenant}" if self.is_mysql else "bridge"
        listed = ", ".join(map(str, numbers))
        return self.server.execute(f"SELECT count(*) FROM {rows} id IN ({listed})", database)[0][0]

    def wait_for_server(self):
        """What was sent before a cut may be running still, and take effect later."""
        wait_until(lambda: self.server.backends() == 0, 20, "the server has noticed that its client is gone")

    def heal(self, sql=SELECT):
        """Both tenants are served again, each with its own rows."""
        wait_until(lambda: not self.run(sql).error, 20, "the pool heals")
        names = "SELECT name, tenant_id FROM customers"
        other = patiently(lambda: self.run(names, tenant="globex"))
        assert not other.error and {row[1] for row in other.rows} == {"globex"}, other
        mine = patiently(lambda: self.run(names))
        assert not mine.error and {row[1] for row in mine.rows} == {"acme"} and MARK not in mine.raw, mine

    def wait_for_recovery(self):
        """What is cleaned or cancelled in the background is idle again."""
        wait_until(lambda: self.library.pool()["lent"] == self.library.pool()["connecting"] == 0, 20, "nothing is lent")

    def check_connections(self):
        """Nothing is lent, nobody waits, and the server counts what the pool counts."""
        for other in Site.open:
            wait_until(lambda: not other.run(SELECT).error, 20, "dead connections are found when they are to be lent")

        def settled():
            pools = [other.library.pool() for other in Site.open]
            busy = any(pool["lent"] or pool["waiting"] or pool["connecting"] for pool in pools)
            return not busy and sum(pool["idle"] for pool in pools) == self.server.backends()
        try:
            wait_until(settled, 20, "pools and server agree")
        except TimeoutError:
            pools = [other.library.pool() for other in Site.open]
            raise AssertionError(f"pools: {pools}, server: {self.server.backends()}") from None

    def is_quiet_after(self, tape: list) -> bool:
        """Something passed, and now nothing does."""
        before = len(tape)
        time.sleep(0.3)
        return 0 < before == len(tape)

    def lock_row(self):
        """A connection of the administrator that holds the row that UPDATE wants."""
        connection = self.server.connect("shop", autocommit=False)
        connection.cursor().execute("UPDATE customers SET name = name WHERE tenant_id = 'acme' AND id = 1")
        return connection

    def close(self):
        Site.open.remove(self)
        self.gate.stalled = False
        try:
            self.library.close()
        finally:
            self.gate.close()
            self.server.execute("DELETE FROM part WHERE id >= 50000", "shop")


@pytest.fixture(scope="module")
def site(estate, tmp_path_factory):
    made = Site(estate, tmp_path_factory.mktemp("library"))
    yield made
    try:
        made.check_connections()
    finally:
        made.close()


@pytest.fixture
def start_site(estate, tmp_path_factory):
    made = []

    def start(**pool) -> Site:
        made.append(Site(estate, tmp_path_factory.mktemp("library"), **pool))
        return made[-1]

    yield start
    for each in made:
        try:
            each.check_connections()
        finally:
            each.close()


# Where to cut


def ends_of_messages(stream: bytes, mysql: bool, login: bool) -> list:
    ends, at = [], 0
    while at < len(stream):
        if mysql:
            size = 4 + int.from_bytes(stream[at:at + 3], "little")
        elif login and at == 0:
            size = struct.unpack_from("!I", stream)[0]  # the startup packet has no type
        else:
            size = 1 + struct.unpack_from("!I", stream, at + 1)[0]
        at += size
        ends.append(at)
    assert at == len(stream), "the exchange ended inside a message"
    return ends


@dataclass
class Cut:
    """After `place` of the `size` bytes that pass in this direction."""

    direction: bool
    place: int
    size: int

    @property
    def is_behind_all(self) -> bool:
        """The library has the whole answer."""
        return self.direction == SERVER and self.place == self.size

    def __str__(self):
        return f"cut after {self.place} of {self.size} bytes of the {'server' if self.direction else 'library'}"


def cuts(site, exchange, login: bool = False) -> list:
    """Before, inside and behind every message of `exchange`, which runs once undisturbed."""
    site.gate.tape = []
    exchange()
    site.wait_for_recovery()  # cleaning the connection behind the call belongs to it
    tape, site.gate.tape = site.gate.tape, None
    places = []
    for direction in (CLIENT, SERVER):
        stream = b"".join(data for from_server, data in tape if from_server == direction)
        ends = ends_of_messages(stream, site.is_mysql, login and direction == CLIENT)
        assert ends, "nothing was sent"
        inside = [place for end in ends for place in (end - 1, end, end + 1) if place <= ends[-1]]
        places += [Cut(direction, place, ends[-1]) for place in sorted({0, 1, *inside})]
    return places


def each_cut(site, exchange, login: bool = False, prepare=None):
    """Runs the exchange once for each cut; yields the cut and what the exchange answers."""
    prepare = prepare or site.heal
    prepare()
    site.wait_for_recovery()
    places, missed = cuts(site, exchange, login), 0
    for cut in places:
        prepare()
        site.wait_for_recovery()
        site.gate.cut_after = (cut.direction, cut.place)
        answer = exchange()
        site.wait_for_recovery()
        # Not so many bytes as the first time: numbers have other lengths.
        missed += site.gate.cut_after is not None
        site.gate.cut_after = None
        yield cut, answer
    assert missed < len(places) / 5, f"{missed} of {len(places)} cuts were never reached"
    site.heal()
    site.check_connections()


# The connection is cut


@pytest.mark.parametrize("kept", [False, True], ids=["new", "prepared"])
def test_a_query_cut_anywhere_has_failed_and_says_so(site, kept):
    def exchange():
        return site.run(SELECT, prepare=kept)

    whole = exchange().rows
    kinds = []
    for cut, answer in each_cut(site, exchange):
        told = f"{cut}: {answer}"
        if cut.is_behind_all:
            assert not answer.error, told
        if answer.error:
            assert answer.kind == "ConnectionFailed" and "rows" not in answer, told
        else:
            assert answer.rows == whole, told
        kinds.append(answer.kind)
    assert kinds.count("ConnectionFailed") > len(kinds) / 2, kinds


@pytest.mark.parametrize("kept", [False, True], ids=["new", "prepared"])
def test_a_write_cut_anywhere_tells_the_truth_about_its_outcome(site, kept):
    numbers = []

    def exchange():
        numbers.append(site.fresh_id())
        return site.insert(numbers[-1], prepare=kept)

    def prepare():
        site.heal()
        if kept:
            assert not site.insert(site.fresh_id()).error

    kinds = []
    for cut, answer in each_cut(site, exchange, prepare=prepare):
        told = f"{cut}: {answer}"
        if answer.error:
            site.wait_for_server()
        written = site.written(numbers[-1])
        assert answer.kind in ("ConnectionFailed", "OutcomeUnknown", None), told
        if answer.kind != "OutcomeUnknown":
            assert written == (answer.kind is None), f"written: {written}; {told}"
        if cut.is_behind_all:
            assert answer.kind is None, told
        if written and answer.error:
            kinds.append("written and unknown")
        kinds.append(answer.kind)
    assert "written and unknown" in kinds and "OutcomeUnknown" in kinds, kinds
    # Preparing has no effect: on MySQL it is an exchange of its own, before the statement is sent.
    assert "ConnectionFailed" in kinds or not site.is_mysql or kept, kinds


@pytest.mark.long
def test_a_transaction_cut_anywhere_is_whole_or_not_there(site):
    numbers = []

    def exchange():
        numbers.append((site.fresh_id(), site.fresh_id()))
        site.library.ask("begin", tenant="acme", database="shop", **{"as": "t"})
        answers = []
        for number in numbers[-1]:
            values = {"id": number, "note": "fault"}
            answers.append(site.library.ask("run", sql=INSERT, values=values, **{"in": "t"}))
        return [*answers, site.library.ask("commit", **{"in": "t"})]

    kinds = []
    for cut, (first, second, commit) in each_cut(site, exchange):
        told = f"{cut}: {first} {second} {commit}"
        if commit.error:
            site.wait_for_server()
        written = site.written(*numbers[-1])
        assert written in (0, 2), f"half a transaction: {told}"
        # Statements of a transaction are never in doubt, COMMIT is when it was sent.
        assert first.kind in (None, "ConnectionFailed"), told
        assert second.kind in ((None, "ConnectionFailed") if not first.error else ("UsageError",)), told
        assert commit.error if second.error else commit.kind in (None, "OutcomeUnknown", "ConnectionFailed"), told
        if commit.kind != "OutcomeUnknown":
            assert written == (0 if commit.kind else 2), f"{written} written; {told}"
        assert commit.kind is None or not cut.is_behind_all, told
        kinds.append((first.kind, second.kind, commit.kind))
    assert {kind for kinds_ in kinds for kind in kinds_} >= {None, "ConnectionFailed", "OutcomeUnknown"}, kinds


@pytest.mark.long
@pytest.mark.parametrize("call", ["batch", "load"])
@pytest.mark.parametrize("tenant", ["acme", "b1"])
def test_several_rows_cut_anywhere_are_all_there_or_none(site, tenant, call):
    """On shared tables and on the tenant's own, where PostgreSQL's bulk load is COPY."""
    table = "part" if tenant == "acme" else "notes"
    numbers = []

    def exchange():
        numbers.append([site.fresh_id() for _ in range(3)])
        rows = [[number, "fault"] for number in numbers[-1]]
        if call == "load":
            return site.library.ask("load", tenant=tenant, database="shop", table=table, columns=["id", "note"], rows=rows)
        sql = f"INSERT INTO {table} (id, note) VALUES (:id, :note)"
        statements = [{"sql": sql, "values": {"id": number, "note": note}} for number, note in rows]
        return site.library.ask("batch", tenant=tenant, database="shop", statements=statements)

    def prepare():
        site.heal()
        assert not site.run(f"SELECT count(*) FROM {table}", tenant=tenant).error  # a connection to its database

    kinds = []
    for cut, answer in each_cut(site, exchange, prepare=prepare):
        told = f"{cut}: {answer}"
        if answer.error:
            site.wait_for_server()
        written = site.written(*numbers[-1], tenant=tenant)
        assert written in (0, 3), f"{written} of 3 rows are there: {told}"
        assert answer.kind in ("ConnectionFailed", "OutcomeUnknown", None), told
        if answer.kind != "OutcomeUnknown":
            assert written == (0 if answer.kind else 3), f"{written} written; {told}"
        assert answer.kind is None or not cut.is_behind_all, told
        kinds.append(answer.kind)
    assert {"OutcomeUnknown", None} <= set(kinds), kinds


def test_a_stream_cut_anywhere_ends_with_an_error(site):
    def exchange():
        return site.library.ask("stream", tenant="acme", database="shop", sql=SELECT)

    whole = exchange().rows
    failures = 0
    for cut, answer in each_cut(site, exchange):
        told = f"{cut}: {answer}"
        if answer.error:
            assert answer.kind == "ConnectionFailed", told
            assert answer.rows == whole[:len(answer.rows)], told
            failures += 1
        else:
            assert answer.rows == whole, f"the end was cut off unseen: {told}"
    assert failures > 5


@pytest.mark.long
def test_a_login_cut_anywhere_is_repeated_or_reported(site):
    def is_without_connection():
        site.heal()
        site.gate.cut_all()
        failed = site.run(SELECT)  # or succeeds on a new one: a connection that was idle for a second is looked at
        assert failed.kind in ("ConnectionFailed", None), failed
        return site.library.pool()["idle"] == 0

    def without_connection():
        wait_until(is_without_connection, 20, "the pool has lost its connection")

    def exchange():
        return site.run(SELECT)

    whole = site.run(SELECT).rows
    for cut, answer in each_cut(site, exchange, login=True, prepare=without_connection):
        told = f"{cut}: {answer}"
        assert answer.kind in (None, "ConnectionFailed"), told
        assert answer.error or answer.rows == whole, told


def test_a_look_at_the_tables_that_is_cut_anywhere_takes_nothing_out_of_service(start_site):
    """Every second; what was found before stays in force."""
    site = start_site(catalogue_refresh="1s")
    site.heal()
    site.gate.tape = tape = []
    wait_until(lambda: site.is_quiet_after(tape), 20, "the tables have been looked at")
    sent, site.gate.tape = sum(len(data) for from_server, data in tape if from_server == SERVER), None
    for eighth in range(1, 8):
        site.gate.cut_after = (SERVER, sent * eighth // 8)
        wait_until(lambda: site.gate.cut_after is None, 20, "a look at the tables is cut")
        deadline = time.monotonic() + 0.3
        while time.monotonic() < deadline:
            answer = site.run(SELECT)
            assert answer.kind in (None, "ConnectionFailed"), answer
    site.heal()


# The server is killed, or stops


class Stopped:
    """The server and its children. Its first process is stopped first and goes on last: meanwhile it makes no children, and
    those that end stay zombies, whose numbers are nobody else's."""

    def __init__(self, server):
        self.first = server.process.pid if hasattr(server, "process") else int((server.data / "postmaster.pid").read_text().split()[0])
        self.stopped = []

    def __enter__(self):
        try:
            self._stop([self.first])
            self._stop(map(int, Path(f"/proc/{self.first}/task/{self.first}/children").read_text().split()))
        except BaseException:
            self.__exit__()  # a server that is left stopped cannot be ended either
            raise

    def _stop(self, processes):
        for process in processes:
            os.kill(process, signal.SIGSTOP)
            self.stopped.append(process)
        wait_until(self._stand_still, 20, "every thread has stopped", interval=0.005)

    def _stand_still(self) -> bool:
        stats = [stat for process in self.stopped for stat in Path(f"/proc/{process}/task").glob("*/stat")]
        try:
            return all(stat.read_text().rsplit(")", 1)[1].split()[0] in "TZX" for stat in stats)
        except (FileNotFoundError, ProcessLookupError):
            return False  # a thread has just ended: look again

    def __exit__(self, *_):
        for process in reversed(self.stopped):
            os.kill(process, signal.SIGCONT)


def test_a_server_that_stops_and_goes_on_is_waited_for(site):
    site.heal()
    number = site.fresh_id()
    with Stopped(site.server):
        site.library.send("run", tenant="acme", database="shop", sql=INSERT, values={"id": number, "note": "fault"})
        assert not site.library.answers(0.7)
    assert not site.library.receive().error
    assert site.written(number)
    site.check_connections()


def test_the_deadline_holds_when_the_server_stops(site):
    site.heal()
    numbers = [site.fresh_id(), site.fresh_id()]
    with Stopped(site.server):
        began = time.monotonic()
        assert site.insert(numbers[0], timeout=400).kind == "DeadlineExceeded"
        assert 0.3 < time.monotonic() - began < 10
        # The next one waits, or is sent on another connection, and gives up in time as well. By its contract it may take effect.
        assert site.insert(numbers[1], timeout=400).kind in ("DeadlineExceeded", "ConnectionFailed")
        assert time.monotonic() - began < 20
    site.heal()
    site.check_connections()


def test_a_commit_over_its_deadline_leaves_its_outcome_open(site):
    site.heal()
    site.begin_with_row(timeout=400)
    with Stopped(site.server):
        assert site.library.ask("commit", **{"in": "t"}).kind == "OutcomeUnknown"
    site.heal()
    site.check_connections()


def test_a_server_that_is_killed_and_comes_back(start_site):
    site = start_site(pool_size=3)
    site.heal()
    open_id, number = site.begin_with_row(), site.fresh_id()
    site.server.stop(*([signal.SIGKILL] if site.is_mysql else ["immediate"]))
    try:
        assert site.library.ask("run", sql=SELECT, **{"in": "t"}).error
        commit = site.library.ask("commit", **{"in": "t"})
        assert commit.error and commit.kind != "OutcomeUnknown", "it was never sent"
        answer = site.insert(number)
        assert answer.kind in ("ConnectionFailed", "PoolTimeout"), answer
    finally:
        site.server.start()
    site.heal()
    assert not site.written(open_id) and not site.written(number)


def test_connections_that_the_administrator_ends_are_replaced(site):
    for _ in range(3):
        site.heal()
        if site.is_mysql:
            site.server.execute("KILL CONNECTION USER fairlead_app")
        else:
            site.server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'fairlead_app'")
        wait_until(lambda: site.server.backends() == 0, 20, "it is gone")
        time.sleep(1.1)  # what was idle for a second is looked at before it is lent
        assert not site.run(SELECT).error, "a connection was lent that the server had ended"
    site.check_connections()


def test_nobody_answers_the_login(start_site):
    site = start_site(pool_timeout="500ms")
    site.gate.stalled = True
    assert in_time(lambda: site.run(SELECT), 0.4, 5).kind in ("PoolTimeout", "ConnectionFailed")
    site.gate.stalled = False
    site.gate.cut_all()
    site.heal()


# The pool is exhausted, a deadline passes


def test_an_exhausted_pool_says_so_in_time_and_serves_again(start_site):
    site = start_site(pool_timeout="400ms")
    site.heal()
    site.begin_with_row()
    before = site.library.pool()["timeouts"]
    assert in_time(lambda: site.run(SELECT, tenant="globex"), 0.3, 2).kind == "PoolTimeout"
    assert site.library.pool()["timeouts"] > before

    def is_over_its_deadline():
        """Which is no time-out of the pool. On a machine that stood still for longer than both, either may come first."""
        counted = site.library.pool()["timeouts"]
        return site.run(SELECT, timeout=100).kind == "DeadlineExceeded" and site.library.pool()["timeouts"] == counted

    wait_until(is_over_its_deadline, 20, "a deadline that is shorter than pool_timeout comes first")
    pool = site.library.pool()
    assert pool["lent"] == 1 and pool["waiting"] == 0, pool
    site.library.ask("rollback", **{"in": "t"})
    site.heal()


def test_a_statement_over_its_deadline_is_cancelled_on_the_server(site):
    site.heal()
    holder = site.lock_row()
    try:
        assert in_time(lambda: site.run(UPDATE, timeout=300), 0.25, 2).kind == "DeadlineExceeded"
        site.heal()  # while the row is still locked: it did not wait for the server's statement
    finally:
        holder.rollback()
        holder.close()
    assert site.server.execute("SELECT count(*) FROM customers WHERE name = 'waits'", "shop")[0][0] == 0
    site.check_connections()


def test_a_cancellation_that_is_faster_than_its_statement_is_sent_again(site):
    """The statement is on its way for longer than its deadline. What would cancel it meets nothing, the statement comes, and
    waits for a lock that nobody gives back: without another cancellation its connection would be lost after some seconds."""
    site.heal()
    before = site.library.pool()
    cancellation = b"KILL QUERY" if site.is_mysql else b"pg_cancel_backend"
    holder = site.lock_row()
    site.gate.held, site.gate.tape = b"zqheld", []
    tape = site.gate.tape
    try:
        late = site.library.ask("run", tenant="acme", database="shop", sql="UPDATE customers SET name = :name WHERE id = 1",
                                values={"name": "zqheld"}, timeout=300)
        assert late.kind == "DeadlineExceeded", late
        wait_until(lambda: any(cancellation in data for _, data in tape), 20, "it is cancelled")
        time.sleep(0.3)  # the cancellation is over
        site.gate.held = None
        wait_until(lambda: any(b"zqheld" in data for _, data in tape), 20, "the statement comes")
        site.wait_for_recovery()
        after = site.library.pool()
    finally:
        site.gate.held = site.gate.tape = None
        holder.rollback()
        holder.close()
    assert after["connects"] == before["connects"] and after["idle"] == 1, f"the connection is lost: {before}, {after}"
    assert site.server.execute("SELECT count(*) FROM customers WHERE name = 'zqheld'", "shop")[0][0] == 0
    site.heal()
    site.check_connections()


def test_a_deadline_in_a_transaction_rolls_all_of_it_back(site):
    site.heal()
    holder = site.lock_row()
    try:
        number = site.begin_with_row(timeout=300)
        assert site.library.ask("run", sql=UPDATE, **{"in": "t"}).kind == "DeadlineExceeded"
        assert site.library.ask("commit", **{"in": "t"}).error
        site.heal()
    finally:
        holder.rollback()
        holder.close()
    assert not site.written(number)
    site.check_connections()


def test_a_stream_that_is_left_frees_its_connection(site):
    for _ in range(5):
        answer = site.library.ask("stream", tenant="acme", database="shop", sql=SELECT, stop_after=1)
        assert len(answer.rows) == 1
        site.heal()
    site.check_connections()
