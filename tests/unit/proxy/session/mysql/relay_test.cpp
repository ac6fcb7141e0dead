// Statements as text: forwarding, state in front of them, answers re-encoded, questions behind them.
#include "unit/proxy/session/mysql/relay_fixture.h"

namespace fairlead::proxy::mysql {
namespace {

using relay_test = relay_fixture;
constexpr std::uint16_t quiet = status::autocommit;

TEST_F(relay_test, a_query_and_its_answer_pass_as_they_are_and_the_link_goes_back) {
    EXPECT_EQ(client_says(query("SELECT 1")), client_next::read_more);
    EXPECT_EQ(take_to_server(), query("SELECT 1"));
    std::string answer = one_value("1", "1");
    EXPECT_EQ(server_says(answer), server_next::release);
    EXPECT_EQ(take_to_client(), answer);
    EXPECT_FALSE(linked_);
    EXPECT_TRUE(take_to_server().empty());
}

TEST_F(relay_test, the_guards_text_is_what_the_server_gets) {
    client_says(query("SELECT {tenant}"));
    EXPECT_EQ(take_to_server(), query("SELECT 'acme'"));
}

TEST_F(relay_test, a_text_that_cannot_be_rewritten_is_not_sent) {
    judge_.renders = false;
    client_says(query("SELECT {tenant}"));
    EXPECT_TRUE(take_to_server().empty());
    EXPECT_NE(take_to_client().find("[rule render]"), std::string::npos);
}

TEST_F(relay_test, a_refusal_needs_no_link_and_says_rule_and_remedy) {
    client_says(query("REPLACE INTO t VALUES (1)"));
    EXPECT_FALSE(linked_);
    std::string answer = take_to_client();
    EXPECT_EQ(answer, [] {
        std::string out;
        std::uint8_t sequence = 1;
        append_err(out, sequence, {1235, "42000"},
                   "fairlead: REPLACE is refused (use INSERT) [rule upsert-unique-key]");
        return out;
    }());
    EXPECT_EQ(refusals_, std::vector<std::string>{"upsert-unique-key"});
    client_says(query("SHOW WARNINGS"));
    EXPECT_NE(take_to_client().find("REPLACE is refused"), std::string::npos);
}

TEST_F(relay_test, pipelined_commands_are_answered_one_by_one_in_order) {
    client_says(query("SELECT 1") + command_of(command::ping) + query("SELECT 2"));
    EXPECT_EQ(take_to_server(), query("SELECT 1"));
    EXPECT_TRUE(take_to_client().empty());
    server_says(one_value("1", "1"));
    EXPECT_EQ(take_to_client(), one_value("1", "1") + ok());
    EXPECT_EQ(take_to_server(), query("SELECT 2"));
}

TEST_F(relay_test, settings_ride_in_front_of_the_statement_on_another_connection) {
    client_says(query("SET x = 5"));
    server_says(ok());
    client_says(query("SELECT 1"));
    EXPECT_EQ(take_to_server(), query("SET x = 5") + query("SELECT 1"));  // the same connection has it
    server_says(one_value("1", "1"));
    take_to_client();

    make_server();
    client_says(query("SELECT 2"));
    EXPECT_EQ(take_to_server(), query("SET @@session.x=5;SELECT 2"));
    std::uint8_t sequence = 2;
    server_says(ok(1, with_status(quiet | status::more_results)) + result(sequence, {"2"}, {{"2"}}));
    EXPECT_EQ(take_to_client(), one_value("2", "2"));  // from 1 on, whatever the server counted
}

TEST_F(relay_test, what_another_client_set_is_unset_in_the_same_text) {
    server_->applied = apply_mysql_change(*server_->applied, {.name = "@a", .value = "7"}, no_settings());
    server_->applied = apply_mysql_change(*server_->applied, {.name = "y", .value = "1"}, no_settings());
    client_says(query("SELECT @a"));
    EXPECT_EQ(take_to_server(), query("SET @a=NULL,@@session.y=DEFAULT;SELECT @a"));
}

TEST_F(relay_test, what_must_be_in_force_is_so_again_behind_a_client_that_changed_it) {
    policy::SettingChange change;
    change.name = "optimizer_switch";
    change.value = "'index_condition_pushdown=on'";
    server_->applied = apply_mysql_change(*server_->applied, change, no_settings());
    client_says(query("SELECT 1"));
    EXPECT_EQ(take_to_server(),
              query("SET "
                    "@@session.optimizer_switch='default,index_condition_pushdown=off';SELECT 1"));
}

TEST_F(relay_test, inside_a_transaction_warnings_are_read_when_they_are_asked_for) {
    client_says(query("BEGIN"));
    server_says(ok(1, with_status(quiet | status::in_transaction)));
    client_says(query("INSERT INTO t VALUES ('x')"));
    ok_packet warned = with_status(quiet | status::in_transaction);
    warned.warnings = 1;
    server_says(ok(1, warned));
    take_to_server();
    take_to_client();
    EXPECT_EQ(client_says(query("SHOW WARNINGS")), client_next::wait_server);
    EXPECT_EQ(take_to_server(), query("SHOW WARNINGS"));
    std::uint8_t sequence = 1;
    server_says(result(sequence, {"Level", "Code", "Message"}, {{"Warning", "1366", "value: 'secret'"}},
                       with_status(quiet | status::in_transaction)));
    std::string told = take_to_client();
    EXPECT_NE(told.find("Incorrect value"), std::string::npos);
    EXPECT_EQ(told.find("secret"), std::string::npos);
    EXPECT_TRUE(linked_);
}

TEST_F(relay_test, another_database_is_left_in_the_same_text_and_a_failure_there_is_the_answer) {
    server_->database = "tenant_other";
    client_says(query("DELETE FROM t"));
    EXPECT_EQ(take_to_server(), query("USE `shop_db`;DELETE FROM t"));
    server_says(error(1049, "Unknown database 'shop_db'"));
    EXPECT_EQ(take_to_client(), error(1049, "Unknown database 'shop_db'"));
    // Whatever of it ran: the next user finds it out.
    EXPECT_FALSE(server_->applied.has_value());
}

TEST_F(relay_test, a_connection_of_unknown_state_is_reset_before_anything_runs_on_it) {
    server_->applied.reset();
    EXPECT_EQ(client_says(query("SELECT 1")), client_next::wait_server);
    std::string sent = take_to_server();
    EXPECT_TRUE(sent.starts_with(command_of(command::reset_connection)));
    EXPECT_EQ(sent.find("SELECT 1"), std::string::npos);
    std::uint8_t sequence = 2;
    server_says(
        ok() + ok(1, with_status(quiet | status::more_results)) +
        result(sequence, {"a", "b", "c", "d", "e", "f"},
               {{"utf8mb4", "utf8mb4", "utf8mb4_general_ci", "STRICT_TRANS_TABLES", "0", "shop_db"}}));
    EXPECT_EQ(take_to_server(), query("SELECT 1"));
    EXPECT_TRUE(take_to_client().empty());
}

TEST_F(relay_test, an_old_client_gets_its_end_of_columns_and_right_numbers) {
    make_client(old_client);
    client_says(query("SELECT 1"));
    server_says(one_value("1", "1"));
    std::uint8_t sequence = 1;
    EXPECT_EQ(take_to_client(), result(sequence, {"1"}, {{"1"}}, {}, old_client));
    client_says(query("SET x = 1"));
    ok_packet told;
    told.status = quiet | status::session_state_changed;
    std::string state = variable("x", "1");
    told.session_state = state;
    server_says(ok(1, told));
    std::string plain;
    sequence = 1;
    append_ok(plain, sequence, {}, old_client);
    EXPECT_EQ(take_to_client(), plain);
}

TEST_F(relay_test, several_results_and_an_error_among_them) {
    make_client(old_client);
    client_says(query("CALL p()"));
    std::uint8_t sequence = 1;
    std::string first = result(sequence, {"a"}, {{"1"}, {"2"}}, with_status(quiet | status::more_results));
    EXPECT_EQ(server_says(first + error(1146, "no such table", sequence)), server_next::read_more);
    std::string seen = take_to_client();
    EXPECT_EQ(sequences(seen), (std::vector<int>{1, 2, 3, 4, 5, 6, 7}));
    EXPECT_NE(take_to_server().find("SHOW WARNINGS"), std::string::npos);
    EXPECT_TRUE(linked_);  // until what it left is read
}

TEST_F(relay_test, another_tenants_database_is_not_told) {
    client_says(query("SELECT 1"));
    std::string state;
    append_session_change(state, {session_change::schema, {}, "tenant_other"});
    ok_packet end = with_status(quiet | status::session_state_changed);
    end.session_state = state;
    std::uint8_t sequence = 1;
    server_says(result(sequence, {"1"}, {{"1"}}, end));
    EXPECT_EQ(take_to_client().find("tenant_other"), std::string::npos);
}

TEST_F(relay_test, warnings_are_read_before_the_link_goes_back_and_kept_for_their_client) {
    client_says(query("INSERT INTO t VALUES ('x')"));
    ok_packet warned;
    warned.warnings = 1;
    EXPECT_EQ(server_says(ok(1, warned)), server_next::read_more);
    EXPECT_TRUE(take_to_server().ends_with(query("SHOW WARNINGS")));
    EXPECT_EQ(take_to_client(), ok(1, warned));
    std::uint8_t sequence = 1;
    EXPECT_EQ(server_says(result(sequence, {"Level", "Code", "Message"},
                                 {{"Warning", "1366", "Incorrect integer value: 'secret' for column `n`"}})),
              server_next::release);
    EXPECT_TRUE(take_to_client().empty());
    client_says(query("SHOW WARNINGS"));
    EXPECT_FALSE(linked_);
    std::string told = take_to_client();
    EXPECT_NE(told.find("Incorrect value for column `n`"), std::string::npos);
    EXPECT_EQ(told.find("secret"), std::string::npos);
}

TEST_F(relay_test, errors_of_shared_tables_lose_their_values_and_others_keep_them) {
    for (bool shared : {true, false}) {
        set_model(shared ? config::Model::pool : config::Model::bridge);
        client_says(query("INSERT INTO t VALUES (1)"));
        server_says(error(1062, "Duplicate entry 'for key ' for key 'email'"));
        std::string told = take_to_client();
        EXPECT_EQ(told.find("'for key '") == std::string::npos, shared);
        EXPECT_NE(told.find(" for key 'email'"), std::string::npos);
        std::uint8_t sequence = 1;
        server_says(result(sequence, {"Level", "Code", "Message"}, {}));
        take_to_client();
        EXPECT_FALSE(linked_);
    }
}

TEST_F(relay_test, errors_that_are_made_of_names_keep_their_words_on_shared_tables) {
    set_model(config::Model::pool);
    for (std::string text : {"Table 't' is specified twice, both as a target for 'UPDATE' and as a source",
                             "Incorrect parameter count in the call to native function 'lower'"}) {
        client_says(query("UPDATE t SET a = 1"));
        server_says(error(text.front() == 'T' ? 1093 : 1582, text));
        EXPECT_NE(take_to_client().find(text), std::string::npos);
        std::uint8_t sequence = 1;
        server_says(result(sequence, {"Level", "Code", "Message"}, {}));
        take_to_client();
    }
}

TEST_F(relay_test, a_failed_statement_may_have_begun_a_transaction_so_the_link_is_asked) {
    client_says(query("UPDATE t SET a = 1"));
    EXPECT_EQ(server_says(error(1205, "Lock wait timeout")), server_next::read_more);
    std::uint8_t sequence = 1;
    server_says(result(sequence, {"Level", "Code", "Message"}, {}, with_status(status::in_transaction)));
    EXPECT_TRUE(linked_);
}

TEST_F(relay_test, last_insert_id_is_asked_restored_and_answered) {
    client_says(query("INSERT INTO t VALUES (NULL)"));
    EXPECT_EQ(take_to_server(), query("INSERT INTO t VALUES (NULL)"));
    ok_packet inserted;
    inserted.affected_rows = 1;
    inserted.last_insert_id = 9;
    server_says(ok(1, inserted));
    EXPECT_EQ(take_to_server(), query("SELECT @@last_insert_id"));
    EXPECT_EQ(server_says(one_value("@@last_insert_id", "9")), server_next::release);
    EXPECT_EQ(take_to_client(), ok(1, inserted));

    client_says(query("SELECT LAST_INSERT_ID()"));
    EXPECT_FALSE(linked_);
    EXPECT_NE(take_to_client().find("\x01"
                                    "9"),
              std::string::npos);

    make_server();
    client_says(query("SELECT LAST_INSERT_ID() + 1"));
    EXPECT_EQ(take_to_server(),
              query("SET @@session.last_insert_id=9") + query("SELECT LAST_INSERT_ID() + 1"));
}

TEST_F(relay_test, an_insert_id_that_another_client_left_is_never_taken_for_ours) {
    server_->last_insert_id = 1234;
    client_says(query("INSERT INTO t VALUES (7)"));
    EXPECT_EQ(take_to_server(), query("SET @@session.last_insert_id=0") + query("INSERT INTO t VALUES (7)"));
}

TEST_F(relay_test, row_count_and_found_rows_are_kept) {
    client_says(query("UPDATE t SET a = 1"));
    ok_packet updated;
    updated.affected_rows = 3;
    server_says(ok(1, updated));
    take_to_client();
    client_says(query("SELECT ROW_COUNT() AS n"));
    EXPECT_NE(take_to_client().find("\x01"
                                    "3"),
              std::string::npos);
    client_says(query("INSERT INTO log SELECT ROW_COUNT()"));
    EXPECT_NE(take_to_client().find("[rule previous-statement]"), std::string::npos);
    EXPECT_FALSE(linked_);
}

TEST_F(relay_test, what_sql_calc_found_rows_found_is_fetched_before_the_link_goes_back) {
    client_says(query("SELECT SQL_CALC_FOUND_ROWS 1"));
    server_says(one_value("1", "1"));
    EXPECT_TRUE(take_to_server().ends_with(query("SELECT FOUND_ROWS()")));
    server_says(one_value("FOUND_ROWS()", "40"));
    EXPECT_FALSE(linked_);
    take_to_client();
    client_says(query("USE shop") + query("SELECT FOUND_ROWS(), ROW_COUNT()"));
    EXPECT_NE(take_to_client().find("\x02"
                                    "40"
                                    "\x01"
                                    "0"),
              std::string::npos);
    EXPECT_FALSE(linked_);
}

TEST_F(relay_test, inside_a_transaction_the_server_is_asked_only_what_is_asked_of_us) {
    client_says(query("BEGIN"));
    server_says(ok(1, with_status(quiet | status::in_transaction)));
    client_says(query("SELECT SQL_CALC_FOUND_ROWS 1"));
    std::uint8_t sequence = 1;
    server_says(result(sequence, {"1"}, {{"1"}}, with_status(quiet | status::in_transaction)));
    EXPECT_TRUE(take_to_server().ends_with(query("SELECT SQL_CALC_FOUND_ROWS 1")));
    take_to_client();
    client_says(query("SELECT FOUND_ROWS()"));
    EXPECT_EQ(take_to_server(), query("SELECT FOUND_ROWS()"));
    sequence = 1;
    server_says(result(sequence, {"f"}, {{"40"}}, with_status(quiet | status::in_transaction)));
    EXPECT_NE(take_to_client().find("\x02"
                                    "40"),
              std::string::npos);
    client_says(query("INSERT INTO log SELECT ROW_COUNT()"));  // our question came in between
    EXPECT_NE(take_to_client().find("[rule previous-statement]"), std::string::npos);
}

TEST_F(relay_test, set_transaction_holds_the_link_until_a_transaction_begins) {
    client_says(query("SET TRANSACTION READ ONLY"));
    server_says(ok());
    EXPECT_TRUE(linked_);
    EXPECT_TRUE(server_->needs_full_reset);  // if the client left now
    client_says(query("BEGIN"));
    server_says(ok(1, with_status(quiet | status::in_transaction)));
    client_says(query("COMMIT"));
    server_says(ok());
    EXPECT_FALSE(linked_);
    EXPECT_FALSE(server_->needs_full_reset);
}

TEST_F(relay_test, a_savepoint_without_autocommit_holds_the_link) {
    client_says(query("SAVEPOINT a"));
    server_says(ok(1, with_status(0)));
    EXPECT_TRUE(linked_);
    client_says(query("COMMIT"));
    server_says(ok(1, with_status(0)));
    EXPECT_FALSE(linked_);
}

TEST_F(relay_test, the_mode_is_what_the_server_says_it_is) {
    client_says(query("SET sql_mode = CONCAT(@@sql_mode,',ANSI_QUOTES')"));
    std::string state = variable("sql_mode", "STRICT_TRANS_TABLES,ANSI_QUOTES");
    ok_packet told = with_status(quiet | status::session_state_changed);
    told.session_state = state;
    EXPECT_EQ(server_says(ok(1, told)), server_next::release);
    client_says(query("SELECT 1"));
    EXPECT_TRUE(judge_.modes.back().ansi_quotes);
}

TEST_F(relay_test, a_mode_that_was_not_reported_is_asked_for_before_anything_is_read) {
    client_says(query("SET sql_mode = 'ANSI_QUOTES'") + query("SELECT 1"));
    server_says(ok());
    EXPECT_TRUE(take_to_server().ends_with(query("SELECT @@sql_mode")));
    EXPECT_EQ(judge_.modes.size(), 1u);
    server_says(one_value("@@sql_mode", "ANSI_QUOTES"));
    EXPECT_EQ(judge_.modes.size(), 2u);
    EXPECT_TRUE(judge_.modes.back().ansi_quotes);
}

TEST_F(relay_test, after_a_call_the_mode_is_asked_for) {
    client_says(query("CALL p()"));
    server_says(ok());
    EXPECT_NE(take_to_server().find("SELECT @@sql_mode"), std::string::npos);
}

TEST_F(relay_test, a_mode_that_changes_the_grammar_is_not_read_under) {
    client_says(query("SET sql_mode = 'ORACLE'"));
    std::string state = variable("sql_mode", "ORACLE");
    ok_packet told = with_status(quiet | status::session_state_changed);
    told.session_state = state;
    server_says(ok(1, told));
    take_to_client();
    take_to_server();
    client_says(query("SELECT 1"));
    EXPECT_TRUE(take_to_server().empty());
    EXPECT_NE(take_to_client().find("[rule sql-mode]"), std::string::npos);
}

TEST_F(relay_test, a_pin_holds_the_link_and_has_it_reset) {
    client_says(query("LOCK TABLES t READ"));
    server_says(ok());
    EXPECT_TRUE(linked_);
    EXPECT_EQ(pins_, std::vector<policy::Pin>{policy::Pin::table_lock});
    EXPECT_TRUE(server_->needs_full_reset);
}

TEST_F(relay_test, a_file_is_asked_of_the_client_only_by_its_own_statement) {
    client_says(query("LOAD DATA LOCAL INFILE 'a' INTO TABLE t"));
    take_to_server();
    std::string asked;
    std::uint8_t sequence = 1;
    append_message(asked, sequence,
                   "\xfb"
                   "a");
    server_says(asked);
    EXPECT_EQ(take_to_client(), asked);
    std::string file;
    append_message(file, sequence, "1,2\n");
    append_message(file, sequence, "");
    EXPECT_EQ(client_says(file + query("SELECT 1")), client_next::wait_server);
    EXPECT_EQ(take_to_server(), file);
    server_says(ok(sequence));
    EXPECT_EQ(take_to_client(), ok(sequence));
    EXPECT_EQ(take_to_server(), query("SELECT 1"));
}

TEST_F(relay_test, a_server_that_wants_a_file_unasked_gets_an_empty_one) {
    client_says(query("SELECT 1"));
    take_to_server();
    std::string asked;
    std::uint8_t sequence = 1;
    append_message(asked, sequence, "\xfb/etc/passwd");
    server_says(asked);
    EXPECT_TRUE(take_to_client().empty());
    EXPECT_EQ(take_to_server(), std::string("\0\0\0\2", 4));
    server_says(ok(3));
    std::string told = take_to_client();
    EXPECT_EQ(sequences(told), std::vector<int>{1});
    EXPECT_NE(told.find("not allowed"), std::string::npos);
}

TEST_F(relay_test, a_statement_that_is_too_long_is_read_to_its_end_and_refused) {
    services_.max_statement_bytes = 100;
    client_says(query(std::string(200, 'x')) + command_of(command::ping));
    EXPECT_TRUE(take_to_server().empty());
    std::string told = take_to_client();
    EXPECT_NE(told.find("max_statement_bytes"), std::string::npos);
    EXPECT_TRUE(told.ends_with(ok()));
}

TEST_F(relay_test, a_server_that_speaks_unasked_is_broken) {
    link();
    EXPECT_EQ(server_says(ok()), server_next::broken);
}

TEST_F(relay_test, the_whole_of_it_is_the_same_however_the_stream_is_cut) {
    std::string whole[2];
    for (bool cutting : {false, true}) {
        cut = cutting;
        make_client(old_client);
        make_server();
        server_->database = "elsewhere";
        client_says(query("SELECT {tenant}") + query("INSERT INTO t VALUES (1)"));
        std::uint8_t sequence = 2;
        server_says(ok(1, with_status(quiet | status::more_results)) +
                    result(sequence, {"a", "b"}, {{"1", std::nullopt}, {"\xfe\xff", "2"}}));
        ok_packet inserted;
        inserted.last_insert_id = 3;
        inserted.warnings = 2;
        server_says(ok(1, inserted));
        sequence = 1;
        server_says(result(sequence, {"Level", "Code", "Message"}, {{"Note", "1051", "Unknown table"}}));
        server_says(one_value("@@last_insert_id", "3"));
        client_says(query("SHOW WARNINGS") + query("SELECT LAST_INSERT_ID()"));
        whole[cutting] = take_to_server() + "|" + take_to_client();
        EXPECT_FALSE(linked_);
        EXPECT_TRUE(input_.empty());
    }
    EXPECT_EQ(whole[0], whole[1]);
}

}  // namespace
}  // namespace fairlead::proxy::mysql
