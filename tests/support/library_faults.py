"""What the tests of faults between the embedded library and its server work with: the library behind a gate, every place where
its connection can be cut, and a server that stands still."""

import itertools
import os
import signal
import struct
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.chaos_gate import ChaosGate
from support.library_process import Library
from support.process import wait_until

MARK = b"zqglobex"
INSERT = "INSERT INTO part (id, note) VALUES (:id, :note)"
SELECT = "SELECT id, name FROM customers ORDER BY id"
KINDS = ["run", "transaction", "batch", "load", "stream"]  # of Site.call()
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

    def __init__(self, estate, folder: Path, asynchronous: bool, catalogue_refresh: str = "1h", **pool):
        self.estate, self.server, self.gate = estate, estate.main, ChaosGate(estate.main.port)
        self.is_mysql = "mysql" in estate.settings()["backends"]["main"]["engine"]
        settings = estate.settings()
        for placement in settings["placements"].values():  # all: the one that is looked at most often counts
            placement["catalogue_refresh"] = catalogue_refresh
        settings["backends"]["main"] |= {"port": self.gate.port, "pool_size": 1, "tls": {"mode": "disable"}, **pool}
        self.library = Library(folder, settings, estate.environment, asynchronous=asynchronous)
        Site.open.append(self)
        assert not self.library.opened.error, self.library.opened

    def run(self, sql, values=(), tenant="acme", **options):
        return self.library.run(tenant, sql, values, database="shop", **options)

    def insert(self, number, **options):
        return self.library.ask("run", tenant="acme", database="shop", sql=INSERT, values={"id": number, "note": "fault"}, **options)

    def call(self, kind: str, number: int, **options):
        """A call that writes the row with this number; a stream locks customer 1, and reads it."""
        place = {"tenant": "acme", "database": "shop", **options}
        values = {"id": number, "note": "fault"}
        if kind == "run":
            return self.insert(number, **options)
        if kind == "batch":
            return self.library.ask("batch", statements=[{"sql": SELECT}, {"sql": INSERT, "values": values}], **place)
        if kind == "load":
            return self.library.ask("load", table="part", columns=["id", "note"], rows=[[number, "fault"]], **place)
        if kind == "stream":
            return self.library.ask("stream", sql="SELECT id, name FROM customers WHERE id = 1 FOR UPDATE", **place)
        self.library.ask("begin", **{"as": "own"}, **place)
        answer = self.library.ask("run", sql=INSERT, values=values, **{"in": "own"})
        self.library.ask("rollback" if answer.error else "commit", **{"in": "own"})
        return answer

    @contextmanager
    def blocked(self):
        """The number of a row for call(), whose call of whatever kind waits for the administrator meanwhile."""
        number, holder = self.fresh_id(), self.lock_row()
        try:
            holder.cursor().execute(f"INSERT INTO part (tenant_id, id, note) VALUES ('acme', {number}, 'held')")
            yield number
        finally:
            try:
                holder.rollback()
                holder.close()
            except Exception:  # of either driver: the server has been killed meanwhile
                pass

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
