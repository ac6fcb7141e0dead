// Commands without a text, and binary prepared statements.
#include "unit/proxy/session/mysql/relay_fixture.h"

namespace fairlead::proxy::mysql {
namespace {

using commands_test = relay_fixture;
constexpr std::uint16_t quiet = status::autocommit;

TEST_F(commands_test, what_we_know_is_answered_without_a_link) {
    client_says(command_of(command::ping) + command_of(command::init_db, "shop") +
                command_of(command::set_option, std::string("\0\0", 2)) +
                command_of(command::reset_connection) + query("USE shop"));
    EXPECT_TRUE(take_to_server().empty());
    EXPECT_FALSE(linked_);
    EXPECT_EQ(sequences(take_to_client()), (std::vector<int>{1, 1, 1, 1, 1}));
}

TEST_F(commands_test, other_databases_are_refused_by_command_and_by_statement) {
    client_says(command_of(command::init_db, "mysql") + query("USE tenant_other"));
    EXPECT_TRUE(take_to_server().empty());
    std::string told = take_to_client();
    EXPECT_NE(told.find("\x14\x04#42000"), std::string::npos);  // 1044, both
    EXPECT_EQ(errors_.size(), 2u);
}

TEST_F(commands_test, on_a_server_of_its_own_a_client_may_go_to_another_database) {
    set_model(config::Model::silo);
    client_says(command_of(command::init_db, "reports"));
    EXPECT_EQ(take_to_server(), command_of(command::init_db, "reports"));
    std::string state;
    append_session_change(state, {session_change::schema, {}, "reports"});
    ok_packet told = {};
    told.status = quiet | status::session_state_changed;
    told.session_state = state;
    server_says(ok(1, told));
    make_server();
    client_says(query("SELECT 1"));
    EXPECT_EQ(take_to_server(), query("USE `reports`;SELECT 1"));
}

TEST_F(commands_test, odd_commands_get_1047_and_the_client_goes_on) {
    for (std::uint8_t what : {0x05, 0x06, 0x07, 0x08, 0x0a, 0x0d, 0x12, 0x15, 0x1e, 0x99}) {
        client_says(command_of(static_cast<command>(what), "x"));
        EXPECT_NE(take_to_client().find("\x17\x04#08S01"), std::string::npos) << int{what};
    }
    client_says(command_of(command::ping));
    EXPECT_EQ(take_to_client(), ok());
}

TEST_F(commands_test, steps_that_the_caller_takes) {
    EXPECT_EQ(client_says(query("SET @fairlead_tenant = globex")), client_next::set_tenant);
    EXPECT_EQ(session_->requested_tenant(), "globex");
    EXPECT_EQ(client_says(query("KILL QUERY 42")), client_next::kill);
    EXPECT_EQ(session_->requested_kill().connection_id, 42u);
    EXPECT_TRUE(session_->requested_kill().query_only);
    EXPECT_EQ(client_says(command_of(command::process_kill, number(43))), client_next::kill);
    EXPECT_EQ(session_->requested_kill().connection_id, 43u);
    EXPECT_FALSE(session_->requested_kill().query_only);
    outgoing out;
    session_->finish_kill(false, out);
    EXPECT_NE(out.flatten().find("Unknown thread id: 43"), std::string::npos);
    std::string change = command_of(command::change_user, "bob");
    EXPECT_EQ(client_says(change), client_next::change_user);
    EXPECT_EQ(input_, change);  // the login reads it
}

TEST_F(commands_test, quit_closes_and_numbers_out_of_order_do_too) {
    EXPECT_EQ(client_says(command_of(command::quit)), client_next::close);
    std::string wrong = query("SELECT 1");
    wrong[3] = 1;
    EXPECT_EQ(client_says(wrong), client_next::close);
    EXPECT_NE(take_to_client().find("08S01"), std::string::npos);
}

TEST_F(commands_test, a_client_for_which_there_is_no_link_gets_an_error_and_goes_on) {
    std::string input = query("SELECT 1") + command_of(command::ping);
    outgoing to_client, to_server;
    auto step = session_->on_client(as_bytes(input), nullptr, to_client, to_server);
    EXPECT_EQ(step.what, client_next::need_link);
    input.erase(0, step.consumed);
    std::size_t done = session_->fail_waiting(as_bytes(input), {"53300", "no connection", "wait"}, to_client);
    EXPECT_EQ(input.substr(done), command_of(command::ping));
    EXPECT_NE(to_client.flatten().find("08004fairlead: no connection (wait)"), std::string::npos);
}

TEST_F(commands_test, a_field_list_ends_as_the_client_expects) {
    make_client(old_client);
    client_says(command_of(command::field_list, std::string("t\0", 2)));
    EXPECT_EQ(take_to_server(), command_of(command::field_list, std::string("t\0", 2)));
    std::string list;
    std::uint8_t sequence = 1;
    append_column(list, sequence, {.name = "a"});
    std::string end;
    append_ok(end, sequence, {}, asked_of_servers, eof_header);
    server_says(list + end);
    sequence = 2;
    append_eof(list, sequence, {quiet, 0});
    EXPECT_EQ(take_to_client(), list);
}

TEST_F(commands_test, reset_connection_on_a_link_resets_both_sides) {
    client_says(query("BEGIN"));
    server_says(ok(1, {.status = quiet | status::in_transaction}));
    take_to_server();
    client_says(command_of(command::reset_connection));
    EXPECT_EQ(take_to_server(), command_of(command::reset_connection));
    EXPECT_EQ(server_says(ok()), server_next::release);
    EXPECT_TRUE(server_->needs_full_reset);  // our own variables are gone, too
    EXPECT_FALSE(linked_);
}

class statements_test : public relay_fixture {
protected:
    /// Prepares "SELECT ?" as the client's statement 1, number `id` on the server.
    void prepare_one(std::uint32_t id) {
        client_says(command_of(command::stmt_prepare, "SELECT ?"));
        server_says(prepared(id, 1, 1));
        take_to_server();
        take_to_client();
    }
    /// The id in the first packet that the server got.
    static std::uint32_t id_of(const std::string& sent) {
        return field_reader(as_bytes(std::string_view(sent).substr(5))).u32().value_or(0);
    }
};

TEST_F(statements_test, the_client_gets_an_id_of_ours_and_the_server_its_own) {
    client_says(command_of(command::stmt_prepare, "SELECT {tenant}, ?"));
    EXPECT_EQ(take_to_server(), command_of(command::stmt_prepare, "SELECT 'acme', ?"));
    server_says(prepared(500, 1, 2));
    EXPECT_EQ(take_to_client(), prepared(1, 1, 2));
    client_says(execute(1, true));
    EXPECT_EQ(take_to_server(), execute(500, true));
    server_says(one_value("a", "1"));
    EXPECT_EQ(take_to_client(), one_value("a", "1"));
    EXPECT_FALSE(linked_);
}

TEST_F(statements_test, an_old_client_gets_ends_behind_parameters_and_columns) {
    make_client(old_client);
    client_says(command_of(command::stmt_prepare, "SELECT ?"));
    server_says(prepared(500, 1, 1));
    EXPECT_EQ(sequences(take_to_client()), (std::vector<int>{1, 2, 3, 4, 5}));
}

TEST_F(statements_test, the_same_text_is_prepared_once_and_answered_from_memory) {
    prepare_one(500);
    client_says(command_of(command::stmt_prepare, "SELECT ?"));
    EXPECT_TRUE(take_to_server().empty());
    EXPECT_EQ(take_to_client(), prepared(2, 1, 1));
    EXPECT_FALSE(linked_);
}

TEST_F(statements_test, elsewhere_it_is_prepared_again_and_its_types_are_sent_again) {
    prepare_one(500);
    client_says(execute(1, true));
    server_says(one_value("a", "1"));
    client_says(execute(1, false));
    server_says(one_value("a", "1"));
    EXPECT_EQ(take_to_server(), execute(500, true) + execute(500, false));

    make_server();
    client_says(execute(1, false));
    EXPECT_EQ(take_to_server(), command_of(command::stmt_prepare, "SELECT ?") + execute(1, true));
}

TEST_F(statements_test, the_database_is_not_changed_for_what_runs_in_its_own) {
    prepare_one(500);
    server_->database = "tenant_other";
    client_says(execute(1, true));
    EXPECT_EQ(take_to_server(), execute(500, true));
}

TEST_F(statements_test, other_state_comes_first_and_is_waited_for) {
    prepare_one(500);
    client_says(query("SET x = 1"));
    server_says(ok());
    server_->applied = server_->baseline;
    take_to_server();
    take_to_client();
    EXPECT_EQ(client_says(execute(1, true)), client_next::wait_server);
    EXPECT_EQ(take_to_server(), query("SET @@session.x=1"));
    server_says(error(1231, "Variable 'x' cannot be set"));
    EXPECT_NE(take_to_client().find("\xcf\x04#"), std::string::npos);
    EXPECT_TRUE(take_to_server().empty());  // not run on another's state
}

TEST_F(statements_test, an_execution_under_another_mode_is_refused) {
    prepare_one(500);
    client_says(query("SET sql_mode = 'ANSI_QUOTES'"));
    std::string state = variable("sql_mode", "ANSI_QUOTES");
    ok_packet told = {};
    told.status = quiet | status::session_state_changed;
    told.session_state = state;
    server_says(ok(1, told));
    take_to_server();
    take_to_client();
    client_says(execute(1, true));
    EXPECT_TRUE(take_to_server().empty());
    EXPECT_NE(take_to_client().find("\x4f\x06#HY000"), std::string::npos);  // 1615
}

TEST_F(statements_test, unknown_ids_get_1243_and_their_bodies_are_skipped) {
    client_says(execute(9, true) + command_of(command::stmt_fetch, number(9) + number(1)) +
                command_of(command::stmt_reset, number(9)) + command_of(command::stmt_close, number(9)) +
                command_of(command::stmt_send_long_data, number(9) + "xx"));
    EXPECT_TRUE(take_to_server().empty());
    EXPECT_EQ(sequences(take_to_client()), (std::vector<int>{1, 1, 1}));
}

TEST_F(statements_test, a_cursor_holds_the_link_and_its_statement_until_the_last_row) {
    prepare_one(500);
    client_says(command_of(command::stmt_prepare, "SELECT ?"));  // 2: the same text
    take_to_client();
    client_says(execute(1, true, 1));
    take_to_server();
    std::uint8_t sequence = 1;
    server_says(result(sequence, {"a"}, {}, {.status = quiet | status::cursor_exists}));
    EXPECT_EQ(session_->pin(), policy::Pin::cursor);
    EXPECT_TRUE(linked_);
    take_to_client();

    client_says(execute(2, true));  // must not close the cursor of 1
    EXPECT_EQ(take_to_server(), command_of(command::stmt_prepare, "SELECT ?") + execute(501, true));
    server_says(prepared(501, 1, 1));
    server_says(one_value("a", "1"));
    take_to_client();

    client_says(command_of(command::stmt_fetch, number(1) + number(10)));
    EXPECT_EQ(take_to_server(), command_of(command::stmt_fetch, number(500) + number(10)));
    std::string rows;
    sequence = 1;
    append_message(rows, sequence, std::string("\0\0\1x", 4));
    append_ok(rows, sequence, {.status = quiet | status::last_row_sent}, asked_of_servers, eof_header);
    server_says(rows);
    EXPECT_EQ(take_to_client(), rows);
    EXPECT_FALSE(linked_);
    // One of the two was one too many.
    EXPECT_EQ(take_to_server(), command_of(command::stmt_close, number(500)));
    EXPECT_FALSE(server_->needs_full_reset);
}

TEST_F(statements_test, a_cursor_for_an_old_client_ends_its_columns_once) {
    make_client(old_client);
    prepare_one(500);
    client_says(execute(1, true, 1));
    std::uint8_t sequence = 1;
    server_says(result(sequence, {"a"}, {}, {.status = quiet | status::cursor_exists}));
    EXPECT_EQ(sequences(take_to_client()), (std::vector<int>{1, 2, 3}));
}

TEST_F(statements_test, long_data_holds_the_link_until_the_execution) {
    prepare_one(500);
    client_says(command_of(command::stmt_send_long_data, number(1) + std::string("\0\0abc", 5)));
    EXPECT_EQ(take_to_server(),
              command_of(command::stmt_send_long_data, number(500) + std::string("\0\0abc", 5)));
    EXPECT_EQ(session_->pin(), policy::Pin::long_data);
    EXPECT_TRUE(server_->needs_full_reset);
    client_says(execute(1, true));
    server_says(one_value("a", "1"));
    EXPECT_FALSE(linked_);
    EXPECT_FALSE(server_->needs_full_reset);
}

TEST_F(statements_test, closing_gives_back_what_hung_on_it) {
    prepare_one(500);
    client_says(command_of(command::stmt_send_long_data, number(1) + std::string("\0\0abc", 5)));
    take_to_server();
    client_says(command_of(command::stmt_close, number(1)));
    EXPECT_EQ(take_to_server(), command_of(command::stmt_close, number(500)));
    EXPECT_FALSE(linked_);
}

TEST_F(statements_test, the_last_prepared_one_has_a_name) {
    prepare_one(500);
    client_says(execute(last_prepared_statement, true));
    EXPECT_EQ(id_of(take_to_server()), 500u);
}

TEST_F(statements_test, bulk_executions_pass_where_both_sides_know_them) {
    prepare_one(500);
    std::string rows = std::string("\x80\0\x08\0", 4) + std::string(
                                                            "\0"
                                                            "12345678",
                                                            9);
    client_says(command_of(command::stmt_bulk_execute, number(1) + rows));
    EXPECT_EQ(take_to_server(), command_of(command::stmt_bulk_execute, number(500) + rows));
    server_says(ok());
    take_to_client();
    server_->capabilities = asked_of_servers;
    client_says(command_of(command::stmt_bulk_execute, number(1) + rows));
    EXPECT_TRUE(take_to_server().empty());
    EXPECT_NE(take_to_client().find("\xd3\x04#"), std::string::npos);
}

TEST_F(statements_test, an_execution_above_16_mb_streams_through) {
    prepare_one(500);
    std::string body = execute(1, true).substr(4) + std::string(20 << 20, 'v');
    std::string sent;
    std::uint8_t sequence = 0;
    append_message(sent, sequence, body);
    std::string expected = sent;
    expected.replace(5, 4, number(500));
    std::string got;
    for (std::size_t at = 0; at < sent.size(); at += 64 << 10) {
        client_says(std::string_view(sent).substr(at, 64 << 10));
        EXPECT_LE(to_server_.size(), std::size_t{64 << 10});
        EXPECT_TRUE(input_.empty());
        got += take_to_server();
    }
    EXPECT_TRUE(got == expected);
    server_says(ok(sequence));
    EXPECT_EQ(take_to_client(), ok(sequence));
}

TEST_F(statements_test, the_server_keeps_a_bounded_number) {
    server_->max_prepared = 2;
    for (std::uint32_t i = 0; i < 4; ++i) {
        client_says(command_of(command::stmt_prepare, "SELECT " + std::to_string(i)));
        server_says(prepared(500 + i, 0, 1));
    }
    EXPECT_EQ(server_->statements.size(), 2u);
    EXPECT_NE(take_to_server().find(command_of(command::stmt_close, number(500))), std::string::npos);
}

TEST_F(statements_test, cut_anywhere_it_is_the_same) {
    std::string whole[2];
    for (bool cutting : {false, true}) {
        cut = cutting;
        make_client(full_client);
        make_server();
        // Another text each time: the registry would answer the second one from memory.
        client_says(command_of(command::stmt_prepare, cutting ? "SELECT ? " : "SELECT ?"));
        server_says(prepared(500, 1, 1));
        take_to_server();
        client_says(execute(1, true) + execute(1, false));
        server_says(one_value("a", "1"));
        server_says(one_value("a", "2"));
        whole[cutting] = take_to_server() + "|" + take_to_client();
        EXPECT_TRUE(input_.empty());
    }
    EXPECT_EQ(whole[0], whole[1]);
}

}  // namespace
}  // namespace fairlead::proxy::mysql
