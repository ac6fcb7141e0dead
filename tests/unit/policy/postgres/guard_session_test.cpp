#include "unit/policy/postgres/guard_cases.h"

#include <gmock/gmock.h>

namespace fairlead::policy::postgres::testing {
namespace {

Verdict verdict_of(std::string_view sql, const GuardScope& scope = pool_scope()) {
    return analyse(scope, "", sql, nullptr);
}

/// The changes as "name=value", "-name" for a reset, "*" for all; "~" before transaction-local ones.
std::vector<std::string> settings_of(std::string_view sql, const GuardScope& scope = pool_scope()) {
    std::vector<std::string> out;
    Verdict verdict = analyse(scope, "", sql, nullptr);
    EXPECT_FALSE(verdict.refused) << sql << ": " << verdict.refusal.message;
    for (const SettingChange& change : verdict.settings) {
        std::string text = change.local ? "~" : "";
        if (change.kind == SettingChange::Kind::set) text += change.name + "=" + change.value;
        if (change.kind == SettingChange::Kind::reset) text += "-" + change.name;
        if (change.kind == SettingChange::Kind::reset_all) text += "*";
        out.push_back(text);
    }
    return out;
}

using ::testing::ElementsAre;

TEST(GuardSession, SettingsByListAndValue) {
    const verdict_case cases[] = {
        {"SET statement_timeout = '5s'", ""},
        {"SET work_mem = '1GB'", "session-setting"},
        {"SET app.current_tenant = 'globex'", "session-setting"},
        {"SET role = 'x'", "role-change"},
        {"SET ROLE x", "role-change"},
        {"RESET ROLE", "role-change"},
        {"SET SESSION AUTHORIZATION x", "role-change"},
        {"RESET SESSION AUTHORIZATION", "role-change"},
        {"SET LOCAL ROLE x", "role-change"},
        {"SET row_security = off", "session-setting"},
        {"SET row_security = on", ""},
        {"SET standard_conforming_strings = off", "session-setting"},
        {"SET standard_conforming_strings = on", ""},
        {"SET Standard_Conforming_Strings TO 'off'", "session-setting"},
        {"SET \"standard_conforming_strings\" TO off", "session-setting"},
        {"SET backslash_quote = on", "session-setting"},
        {"SET client_encoding = 'UTF8'", ""},
        {"SET NAMES 'SJIS'", "session-setting"},
        {"SET client_encoding TO big5", "session-setting"},
        {"SET client_min_messages = warning", ""},
        {"SET client_min_messages = debug5", "session-setting"},
        {"SET search_path = public", ""},
        {"SET search_path = \"$user\", public, pg_catalog", ""},
        {"SET search_path = public, evil", "session-setting"},
        {"SET search_path = ''", "session-setting"},
        {"SET SCHEMA 'evil'", "session-setting"},
        {"SET synchronous_commit = off", "session-setting"},
        {"SET session_replication_role = replica", "session-setting"},
        {"SET TIME ZONE INTERVAL '1' HOUR TO MINUTE", "session-setting"},
        {"SET TRANSACTION SNAPSHOT '1'", "snapshot"},
        {"SET transaction_read_only = off", "session-setting"},
        {"SET fairlead.context = 'x'", "fairlead-setting"},
        {"SET LOCAL fairlead.context = 'x'", "fairlead-setting"},
        {"SET LOCAL fairlead.tenant = 'x'", "fairlead-setting"},
        {"SET \"fairlead\".\"Context\" = 'x'", "fairlead-setting"},
        {"RESET fairlead.context", "fairlead-setting"},
        {"RESET fairlead.tenant", "fairlead-setting"},
        {"SET fairlead.context TO DEFAULT", "fairlead-setting"},
        {"SHOW fairlead.context", "fairlead-setting"},
        {"SELECT current_setting('fairlead.context')", "fairlead-setting"},
        {"SELECT current_setting('Fairlead.' || 'context')", "session-setting"},
        {"SELECT current_setting('app.current_tenant', true)", "session-setting"},
        {"SELECT current_setting('TimeZone')", ""},
        {"SHOW ALL", "session-setting"},
        {"SHOW data_directory", "session-setting"},
        {"SHOW server_version", ""},
        {"SHOW transaction_isolation", ""},
        {"SELECT set_config('role', 'x', false)", "role-change"},
        {"SELECT set_config('fairlead.context', 'x', true)", "fairlead-setting"},
        {"SELECT set_config('jit' || '', 'off', false)", "session-setting"},
        {"SELECT set_config('jit'::varchar(2), 'off', false)", "session-setting"},
        {"SELECT set_config($1, 'off', false)", "session-setting"},
        {"SELECT set_config('jit', $1, false)", "session-setting"},
        {"SELECT set_config('jit', 'off', false) WHERE false", "session-setting"},
        {"SELECT set_config('jit', 'off', false) FROM customers", "session-setting"},
        {"SELECT upper(set_config('jit', 'off', false))", "session-setting"},
        {"SELECT (SELECT set_config('jit', 'off', false))", "session-setting"},
        {"SELECT set_config('search_path', 'evil', false)", "session-setting"},
        {"INSERT INTO customers (name) VALUES (set_config('jit', 'off', false))", "session-setting"},
    };
    expect_verdicts(pool_scope(), cases);
}

TEST(GuardSession, ThePlainVariableOfGucIsolationIsReserved) {
    GuardScope scope = pool_scope();
    scope.isolation = config::Isolation::guc;
    scope.context_variable = "app.current_tenant";
    const verdict_case cases[] = {
        {"SET app.current_tenant = 'globex'", "fairlead-setting"},
        {"SET \"App\".Current_Tenant = 'globex'", "fairlead-setting"},
        {"SELECT set_config('app.current_tenant', 'globex', true)", "fairlead-setting"},
        {"SHOW app.current_tenant", "fairlead-setting"},
    };
    expect_verdicts(scope, cases);
}

TEST(GuardSession, ChangesAreRecordedAsSetConfigTakesThem) {
    EXPECT_THAT(settings_of("SET statement_timeout = 5000"), ElementsAre("statement_timeout=5000"));
    EXPECT_THAT(settings_of("SET TimeZone TO 'Asia/Tokyo'"), ElementsAre("timezone=Asia/Tokyo"));
    EXPECT_THAT(settings_of("SET TIME ZONE -3"), ElementsAre("timezone=-3"));
    EXPECT_THAT(settings_of("SET TIME ZONE LOCAL"), ElementsAre("-timezone"));
    EXPECT_THAT(settings_of("SET LOCAL jit = off"), ElementsAre("~jit=off"));
    EXPECT_THAT(settings_of("SET enable_sort = true"), ElementsAre("enable_sort=true"));
    EXPECT_THAT(settings_of("SET seq_page_cost = 1.5"), ElementsAre("seq_page_cost=1.5"));
    EXPECT_THAT(settings_of("SET DateStyle = ISO, DMY"), ElementsAre("datestyle=iso, dmy"));
    EXPECT_THAT(settings_of("SET search_path = \"$user\", public"),
                ElementsAre("search_path=\"$user\", public"));
    EXPECT_THAT(settings_of("SET NAMES 'utf8'"), ElementsAre("client_encoding=utf8"));
    EXPECT_THAT(settings_of("RESET timezone; RESET ALL"), ElementsAre("-timezone", "*"));
    EXPECT_THAT(settings_of("SET jit TO DEFAULT"), ElementsAre("-jit"));
    EXPECT_THAT(
        settings_of("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY"),
        ElementsAre("default_transaction_isolation=serializable", "default_transaction_read_only=on"));
    EXPECT_THAT(settings_of("SELECT current_setting('jit') AS cur, set_config('jit', 'off', false) AS new"),
                ElementsAre("jit=off"));
    EXPECT_THAT(settings_of("SELECT pg_catalog.set_config('search_path', 'public', true)"),
                ElementsAre("~search_path=public"));
}

TEST(GuardSession, TransactionsAndContext) {
    struct {
        const char* sql;
        TransactionEffect effect;
        bool needs_context;
    } cases[] = {
        {"", TransactionEffect::none, false},
        {" ; -- nothing\n;", TransactionEffect::none, false},
        {"BEGIN", TransactionEffect::begin, false},
        {"begin isolation level serializable read only", TransactionEffect::begin, false},
        {"START TRANSACTION", TransactionEffect::begin, false},
        {"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", TransactionEffect::characteristics, false},
        {"SET LOCAL TRANSACTION READ ONLY", TransactionEffect::characteristics, false},
        {"COMMIT", TransactionEffect::commit, false},
        {"END", TransactionEffect::commit, false},
        {"ROLLBACK", TransactionEffect::rollback, false},
        {"ABORT", TransactionEffect::rollback, false},
        {"SAVEPOINT a", TransactionEffect::savepoint, true},
        {"RELEASE a", TransactionEffect::savepoint, false},
        {"ROLLBACK TO a", TransactionEffect::rollback_to, false},
        {"BEGIN; SET TRANSACTION READ ONLY", TransactionEffect::characteristics, false},
        {"BEGIN; SELECT 1", TransactionEffect::begin, true},
        {"BEGIN; UPDATE customers SET name = 'x'; COMMIT", TransactionEffect::commit, true},
        {"SELECT 1", TransactionEffect::none, true},
        {"SET jit = off", TransactionEffect::none, true},
        {"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", TransactionEffect::none, true},
    };
    for (const auto& one : cases) {
        Verdict verdict = verdict_of(one.sql);
        EXPECT_FALSE(verdict.refused) << one.sql;
        EXPECT_EQ(verdict.transaction, one.effect) << one.sql;
        EXPECT_EQ(verdict.needs_context, one.needs_context) << one.sql;
    }
}

TEST(GuardSession, NothingRunsAfterTheContextIsGone) {
    const verdict_case cases[] = {
        {"COMMIT AND CHAIN", "transaction-chain"},
        {"ROLLBACK AND CHAIN", "transaction-chain"},
        {"COMMIT AND NO CHAIN", ""},
        {"COMMIT; SELECT * FROM customers", "transaction-in-batch"},
        {"ROLLBACK; UPDATE customers SET name = 'x'", "transaction-in-batch"},
        {"COMMIT; BEGIN", "transaction-in-batch"},
        {"ROLLBACK; SAVEPOINT a", "transaction-in-batch"},
        {"SELECT 1; COMMIT", ""},
        {"RESET ALL; SELECT * FROM customers", "transaction-in-batch"},
        {"SELECT * FROM customers; RESET ALL", ""},
        {"SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;", ""},
        {"ROLLBACK;\nSELECT pg_advisory_unlock_all();\nCLOSE ALL;\nUNLISTEN *;\nRESET ALL;", ""},
        {"DISCARD ALL; SELECT 1", "session-command-in-batch"},
        {"PREPARE p AS SELECT 1; EXECUTE p", "session-command-in-batch"},
        {"SET fairlead.tenant = 'a'; SELECT 1", "session-command-in-batch"},
        {"SELECT 1; DEALLOCATE ALL", "session-command-in-batch"},
        {"SET jit = off; SELECT * FROM customers", ""},
    };
    expect_verdicts(pool_scope(), cases);
    EXPECT_TRUE(verdict_of("SELECT 1; SELECT 2").multiple_statements);
    EXPECT_FALSE(verdict_of("SELECT 1;").multiple_statements);
}

TEST(GuardSession, KnowsWhichPinsEnd) {
    auto ends = [](std::string_view sql) {
        return analyse(scope_of(config::Model::silo), "", sql, nullptr).ends;
    };
    EXPECT_EQ(ends("UNLISTEN *"), Pin::listen);
    EXPECT_EQ(ends("CLOSE ALL"), Pin::holdable_cursor);
    EXPECT_EQ(ends("DISCARD TEMP"), Pin::temporary_object);
    EXPECT_EQ(ends("SELECT pg_advisory_unlock_all();"), Pin::advisory_lock);
    EXPECT_EQ(ends("select pg_catalog.pg_advisory_unlock_all()"), Pin::advisory_lock);
    EXPECT_EQ(ends("SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL"),
              PinSet(Pin::listen) | Pin::advisory_lock | Pin::holdable_cursor);
    EXPECT_EQ(ends("LISTEN a; UNLISTEN *"), Pin::listen);
    for (const char* sql :
         {"UNLISTEN a", "CLOSE c", "RESET ALL", "DISCARD PLANS", "UNLISTEN *; LISTEN a",
          "UNLISTEN *; ROLLBACK", "UNLISTEN *; ROLLBACK TO s", "SELECT pg_advisory_unlock_all() WHERE false",
          "SELECT 1, pg_advisory_unlock_all()", "SELECT CASE WHEN false THEN pg_advisory_unlock_all() END",
          "EXPLAIN SELECT pg_advisory_unlock_all()", "SELECT pg_advisory_unlock_all() LIMIT 0"})
        EXPECT_EQ(ends(sql), Pin::none) << sql;
}

TEST(GuardSession, SessionCommandsNameTheirPlace) {
    struct {
        const char* sql;
        SessionCommand command;
        const char* name;
        const char* written;
    } cases[] = {
        {"PREPARE p AS SELECT * FROM customers", SessionCommand::prepare, "p", "p"},
        {"/* x */ prepare \"A b\" (int) AS SELECT $1", SessionCommand::prepare, "A b", "\"A b\""},
        {"EXECUTE Foo(1, 'x')", SessionCommand::execute, "foo", "Foo"},
        {"DEALLOCATE p", SessionCommand::deallocate, "p", "p"},
        {"DEALLOCATE PREPARE p", SessionCommand::deallocate, "p", "p"},
        {"DEALLOCATE prepare", SessionCommand::deallocate, "prepare", "prepare"},
        {"DEALLOCATE \"all\"", SessionCommand::deallocate, "all", "\"all\""},
        {"DEALLOCATE ALL", SessionCommand::deallocate_all, "", ""},
        {"DISCARD ALL", SessionCommand::discard_all, "", ""},
        {"DISCARD PLANS", SessionCommand::none, "", ""},
        {"SET fairlead.tenant = 'acme'", SessionCommand::set_tenant, "acme", "'acme'"},
        {"SET SESSION Fairlead.Tenant TO acme", SessionCommand::set_tenant, "acme", "acme"},
    };
    for (const auto& one : cases) {
        Verdict verdict = verdict_of(one.sql);
        EXPECT_FALSE(verdict.refused) << one.sql << verdict.refusal.message;
        EXPECT_EQ(verdict.command, one.command) << one.sql;
        EXPECT_EQ(verdict.command_name, one.name) << one.sql;
        EXPECT_EQ(std::string_view(one.sql).substr(verdict.name_begin, verdict.name_end - verdict.name_begin),
                  one.written);
    }
    const verdict_case refused[] = {
        {"PREPARE p AS SELECT * FROM forgotten", "table-not-isolated"},
        {"PREPARE U&\"p\" AS SELECT 1", "unknown-syntax"},
        {"EXECUTE p(pg_sleep(1))", "sleep"},
        {"DISCARD TEMP", "session-state"},
        {"DISCARD SEQUENCES", "session-state"},
    };
    expect_verdicts(pool_scope(), refused);
}

TEST(GuardSession, LiteralsThatDecideAreReported) {
    struct {
        const char* sql;
        std::vector<std::uint32_t> examined;
    } cases[] = {
        {"SELECT 'a', 1 FROM customers WHERE id = 5", {}},
        {"SELECT 'a', nextval('orders_id_seq')", {5}},
        {"SELECT current_setting('jit'), 'x'", {3}},
        {"SELECT set_config('jit', 'off', false), 'x'", {3, 5}},
        {"SET jit = off", {}},
        {"SET statement_timeout = '5s'", {3}},
        {"SET TIME ZONE -3", {4}},
        {"SELECT current_setting('evil')", {3}},
        {"EXPLAIN (ANALYZE 0) SELECT 'x'", {3, 6}},
    };
    for (const auto& one : cases) {
        std::vector<std::uint32_t> examined = {99};
        analyse(pool_scope(), "", one.sql, &examined);
        EXPECT_EQ(examined, one.examined) << one.sql;
    }
}

}  // namespace
}  // namespace fairlead::policy::postgres::testing
