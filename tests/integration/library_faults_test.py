"""Faults between the embedded library and its server: connections cut at every step, servers killed and stopped, pools
exhausted, deadlines. Each time: the error's class is the right one, what it says about the outcome is true, nobody sees
another tenant's rows, the pool heals, and has as many connections as the server counts.

integration/mysql/library_faults_test.py runs the same on MariaDB, library_async_faults_test.py by the asynchronous API."""

import signal
import threading
import time

import pytest

from support.library_faults import INSERT, KINDS, SELECT, SERVER, Site, Stopped, each_cut, in_time, patiently
from support.process import wait_until

UPDATE = "UPDATE customers SET name = 'waits' WHERE id = 1"


@pytest.fixture(scope="module")
def asynchronous() -> bool:
    """Which API the library is used by."""
    return False


@pytest.fixture(scope="module")
def site(estate, tmp_path_factory, asynchronous):
    made = Site(estate, tmp_path_factory.mktemp("library"), asynchronous)
    yield made
    try:
        made.check_connections()
    finally:
        made.close()


@pytest.fixture
def start_site(estate, tmp_path_factory, asynchronous):
    made = []

    def start(**pool) -> Site:
        made.append(Site(estate, tmp_path_factory.mktemp("library"), asynchronous, **pool))
        return made[-1]

    yield start
    for each in made:
        try:
            each.check_connections()
        finally:
            each.close()


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


@pytest.mark.parametrize("kind", KINDS)
def test_every_call_keeps_its_deadline_when_the_server_stops(site, kind):
    site.heal()
    number = site.fresh_id()
    with Stopped(site.server):
        began = time.monotonic()
        answer = site.call(kind, number, timeout=400)
        assert answer.kind == "DeadlineExceeded", answer
        assert 0.3 < time.monotonic() - began < 10
    site.heal()
    site.check_connections()
    # What had not begun has not happened; an autocommitted statement, or PostgreSQL's batch, may have been on its way.
    assert not site.written(number) or kind == "run" or (kind == "batch" and not site.is_mysql)


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


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_killed_in_the_midst_of_a_call(start_site, kind):
    site = start_site()
    site.heal()
    with site.blocked() as number:
        killer = threading.Timer(0.5, lambda: site.server.stop(*([signal.SIGKILL] if site.is_mysql else ["immediate"])))
        killer.start()
        try:
            answer = site.call(kind, number)
        finally:
            killer.join()
            site.server.start()
    # Only what had sent its own commit along is in doubt.
    in_doubt = kind == "run" or (kind == "batch" and not site.is_mysql)
    assert answer.kind == ("OutcomeUnknown" if in_doubt else "ConnectionFailed"), answer
    site.heal()
    assert not site.written(number)
    answer = patiently(lambda: site.call(kind, number))
    assert not answer.error and (kind == "stream" or site.written(number)), answer


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


@pytest.mark.parametrize("kind", KINDS)
def test_every_call_that_finds_the_pool_exhausted_says_so(start_site, kind):
    site = start_site(pool_timeout="300ms")
    site.heal()
    held, number = site.begin_with_row(), site.fresh_id()
    answer = in_time(lambda: site.call(kind, number), 0.2, 3)
    assert answer.kind == "PoolTimeout", answer
    pool = site.library.pool()
    assert pool["lent"] == 1 and pool["waiting"] == 0, pool
    assert not site.library.ask("commit", **{"in": "t"}).error, "who has the connection is not disturbed"
    assert site.written(held) and not site.written(number)
    answer = patiently(lambda: site.call(kind, number))
    assert not answer.error and (kind == "stream" or site.written(number)), answer


@pytest.mark.parametrize("kind", KINDS)
def test_every_call_over_its_deadline_is_cancelled_on_the_server(site, kind):
    site.heal()
    before = site.library.pool()
    with site.blocked() as number:
        assert in_time(lambda: site.call(kind, number, timeout=300), 0.25, 3).kind == "DeadlineExceeded"
        site.heal()  # while it would still wait: the server has given it up
        site.wait_for_recovery()
        assert site.library.pool()["connects"] == before["connects"], "its connection is lost"
    assert not site.written(number)
    answer = patiently(lambda: site.call(kind, number))
    assert not answer.error and (kind == "stream" or site.written(number)), answer
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
