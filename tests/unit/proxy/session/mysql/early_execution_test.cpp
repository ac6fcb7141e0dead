// Executions that go out in one write with the preparation of their statement.
#include "unit/proxy/session/mysql/relay_fixture.h"

namespace fairlead::proxy::mysql {
namespace {

constexpr std::uint16_t quiet = status::autocommit;

class early_execution_test : public relay_fixture {
protected:
    /// Prepares "SELECT ?" as the client's statement 1, then takes another connection.
    void prepare_elsewhere(std::string_view sql = "SELECT ?") {
        client_says(command_of(command::stmt_prepare, sql));
        server_says(prepared(500, 1, 1));
        make_server();
        take_to_server();
        take_to_client();
    }
    static std::string preparation(std::string_view sql = "SELECT ?") {
        return command_of(command::stmt_prepare, sql);
    }
};

TEST_F(early_execution_test, both_go_out_in_one_write) {
    prepare_elsewhere();
    EXPECT_EQ(client_says(execute(1, true)), client_next::read_more);
    EXPECT_EQ(take_to_server(), preparation() + execute(1, true));
    EXPECT_EQ(server_says(prepared(1, 1, 1)), server_next::read_more);
    EXPECT_TRUE(take_to_client().empty());
    EXPECT_EQ(server_says(one_value("a", "1")), server_next::release);
    EXPECT_EQ(take_to_client(), one_value("a", "1"));
    EXPECT_TRUE(take_to_server().empty());
    // From now on it is there, and so are its types.
    client_says(execute(1, false));
    EXPECT_EQ(take_to_server(), execute(1, false));
    EXPECT_EQ(statements_, 3);  // one prepared, two executed
}

TEST_F(early_execution_test, types_bound_elsewhere_go_along) {
    client_says(command_of(command::stmt_prepare, "SELECT ?"));
    server_says(prepared(500, 1, 1));
    client_says(execute(1, true));
    server_says(one_value("a", "1"));
    make_server();
    take_to_server();
    client_says(execute(1, false));
    EXPECT_EQ(take_to_server(), preparation() + execute(1, true));
}

TEST_F(early_execution_test, the_next_command_waits_for_both) {
    prepare_elsewhere();
    client_says(execute(1, true) + execute(1, true));
    EXPECT_EQ(take_to_server(), preparation() + execute(1, true));
    server_says(prepared(1, 1, 1));
    EXPECT_TRUE(take_to_server().empty());
    server_says(one_value("a", "1"));
    EXPECT_EQ(take_to_server(), execute(1, true));
}

// A guess that some statement has would run that one, perhaps another tenant's.
TEST_F(early_execution_test, the_guess_is_above_every_id_that_is_in_use) {
    prepare_elsewhere();
    auto other = [&](std::string_view text) { return registry_.parsed("", text, {}); };
    server_->add_statement(other("a"), 41);
    server_->add_statement(other("b"), 7);
    client_says(execute(1, true));
    EXPECT_EQ(take_to_server(), preparation() + execute(42, true));
}

TEST_F(early_execution_test, the_ids_go_on_behind_a_reset) {
    prepare_elsewhere();
    server_->add_statement(registry_.parsed("", "a", {}), 41);
    server_->after_reset();
    server_->applied = server_->baseline;
    server_->database = "shop_db";
    server_->last_insert_id = 0;
    client_says(execute(1, true));
    EXPECT_EQ(take_to_server(), preparation() + execute(42, true));
    server_says(
        prepared(5, 1, 1));  // a server that begins anew: nothing is left there, so nothing else can run
    server_says(error(1243, "Unknown prepared statement handler"));
    server_says(one_value("a", "1"));
    EXPECT_EQ(server_->guess_id(), 6u);
}

TEST_F(early_execution_test, a_preparation_that_fails_is_the_executions_error) {
    prepare_elsewhere();
    client_says(execute(1, true) + command_of(command::ping));
    take_to_server();
    server_says(error(1146, "Table 'shop.t' doesn't exist"));
    EXPECT_TRUE(take_to_client().empty());
    server_says(error(1243, "Unknown prepared statement handler (1) given to mysqld_stmt_execute"));
    EXPECT_EQ(take_to_client(), error(1146, "Table 'shop.t' doesn't exist") + ok());
    EXPECT_FALSE(linked_);
    EXPECT_TRUE(
        take_to_server().empty());  // the server's conditions are about the id, so they are not asked for
    EXPECT_EQ(errors_.size(), 1u);
}

TEST_F(early_execution_test, behind_a_wrong_guess_it_is_sent_again) {
    prepare_elsewhere();
    client_says(execute(1, true));
    take_to_server();
    server_says(prepared(7, 1, 1));
    EXPECT_TRUE(take_to_server().empty());
    server_says(error(1243, "Unknown prepared statement handler (1) given to mysqld_stmt_execute"));
    EXPECT_TRUE(take_to_client().empty());
    EXPECT_EQ(take_to_server(), execute(7, true));
    server_says(error(1062, "Duplicate entry"));
    EXPECT_NE(take_to_client().find("\x26\x04#HY000"), std::string::npos);
    EXPECT_TRUE(errors_.size() == 1);
}

TEST_F(early_execution_test, wrong_guesses_come_to_an_end) {
    for (std::uint32_t n = 0; n < 4; ++n) {
        std::string sql = "SELECT ? + " + std::to_string(n);
        std::unique_ptr<server_session> kept = std::move(server_);
        make_server();
        client_says(command_of(command::stmt_prepare, sql));
        server_says(prepared(500, 1, 1));
        server_ = std::move(kept);
        take_to_server();
        bool waits = client_says(execute(n + 1, true)) == client_next::wait_server;
        EXPECT_EQ(waits, n == 3) << n;
        server_says(prepared(1000 * (n + 1), 1, 1));
        if (!waits) server_says(error(1243, "Unknown prepared statement handler"));
        EXPECT_NE(take_to_server().find(execute(1000 * (n + 1), true)), std::string::npos);
        server_says(one_value("a", "1"));
    }
}

TEST_F(early_execution_test, an_answer_where_nothing_could_run_ends_the_connection) {
    for (bool fails : {false, true}) {
        prepare_elsewhere(fails ? "SELECT ? + 1" : "SELECT ?");
        client_says(execute(fails ? 2 : 1, true));
        server_says(fails ? error(1146, "Table 'shop.t' doesn't exist") : prepared(7, 1, 1));
        take_to_client();
        EXPECT_EQ(server_says(one_value("a", "another's")), server_next::broken);
        EXPECT_EQ(take_to_client().find("another's"), std::string::npos);
        server_input_.clear();
        make_client(full_client);
        if (!fails) client_says(command_of(command::stmt_prepare, "SELECT ?"));  // statement 1 again
        take_to_client();
    }
}

TEST_F(early_execution_test, a_cursor_and_long_data_wait_for_the_statement) {
    prepare_elsewhere();
    EXPECT_EQ(client_says(execute(1, true, 1)), client_next::wait_server);
    EXPECT_EQ(take_to_server(), preparation());
    server_says(prepared(7, 1, 1));
    EXPECT_EQ(take_to_server(), execute(7, true, 1));
}

TEST_F(early_execution_test, long_ones_and_such_as_are_not_there_yet_wait) {
    prepare_elsewhere();
    std::string longer =
        command_of(command::stmt_execute, execute(1, true).substr(5) + std::string(5000, 'x'));
    EXPECT_EQ(client_says(longer), client_next::wait_server);
    EXPECT_EQ(take_to_server(), preparation());
    make_client(full_client);
    make_server();
    input_.clear();
    prepare_elsewhere("SELECT ? + 1");
    std::string half = execute(1, true);
    half.resize(half.size() - 3);
    EXPECT_EQ(client_says(half), client_next::wait_server);
    EXPECT_EQ(take_to_server(), preparation("SELECT ? + 1"));
}

// A text PREPARE or a routine may have made statements whose ids nobody told us.
TEST_F(early_execution_test, not_where_the_server_may_have_statements_that_we_do_not_know) {
    judge_.calls_pin = true;
    prepare_elsewhere();
    client_says(query("CALL p()"));
    server_says(ok());
    server_says(one_value("@@last_insert_id", "0"));
    server_says(one_value("@@sql_mode", "STRICT_TRANS_TABLES"));
    EXPECT_TRUE(linked_);
    take_to_server();
    EXPECT_EQ(client_says(execute(1, true)), client_next::wait_server);
    EXPECT_EQ(take_to_server(), preparation());
}

TEST_F(early_execution_test, the_insert_id_comes_first) {
    prepare_elsewhere("INSERT INTO t VALUES (?)");
    server_->last_insert_id = 12;
    client_says(execute(1, true));
    EXPECT_EQ(take_to_server(), query("SET @@session.last_insert_id=0") +
                                    preparation("INSERT INTO t VALUES (?)") + execute(1, true));
    server_says(ok() + prepared(1, 1, 0) + ok(1, {.affected_rows = 1, .status = quiet}));
    EXPECT_EQ(take_to_client(), ok(1, {.affected_rows = 1, .status = quiet}));
}

TEST_F(early_execution_test, a_client_that_is_gone_leaves_a_clean_connection) {
    for (std::uint32_t given : {1u, 7u}) {
        SCOPED_TRACE(given);
        make_client(full_client);
        make_server();
        prepare_elsewhere("SELECT ? - " + std::to_string(given));
        client_says(execute(1, true));
        ASSERT_NE(take_to_server().find(execute(1, true)), std::string::npos);
        unlink();
        EXPECT_EQ(server_says(prepared(given, 1, 1)), server_next::read_more);
        EXPECT_EQ(server_->expected.size(), 1u);
        EXPECT_EQ(server_says(given == 1 ? one_value("a", "1") : error(1243, "Unknown")),
                  server_next::release);
        EXPECT_TRUE(take_to_server().empty());
        EXPECT_TRUE(server_->idle());
    }
}

}  // namespace
}  // namespace fairlead::proxy::mysql
