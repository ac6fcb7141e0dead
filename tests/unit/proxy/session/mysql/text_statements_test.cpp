// PREPARE, EXECUTE and DEALLOCATE as statements: whose names they are, and when a server hears of them.
#include "unit/proxy/session/mysql/relay_fixture.h"

namespace fairlead::proxy::mysql {
namespace {

using policy::Pin;

class text_statements_test : public relay_fixture {
protected:
    void prepare(std::string_view name) {
        client_says(query("PREPARE " + std::string(name) + " FROM 'SELECT 1'"));
        server_says(ok());
        EXPECT_EQ(take_to_client(), ok());
        take_to_server();
    }
    /// What the client is told; nothing may have gone to the server.
    std::string refused(std::string_view sql) {
        client_says(query(sql));
        EXPECT_TRUE(take_to_server().empty()) << sql;
        return take_to_client();
    }
    bool is_unknown(std::string_view sql) {
        return refused(sql).find("Unknown prepared statement handler") != std::string::npos;
    }
    void new_scope() { slot_.current = std::make_shared<placement_scope>(*slot_.current); }
};

TEST_F(text_statements_test, a_name_runs_where_it_was_prepared_and_the_client_stays_there) {
    prepare("s");
    EXPECT_TRUE(linked_);
    EXPECT_EQ(pins_, std::vector<Pin>{Pin::text_prepare});
    EXPECT_TRUE(server_->needs_full_reset);
    client_says(query("EXECUTE s"));
    EXPECT_EQ(take_to_server(), query("EXECUTE s"));
    server_says(one_value("1", "1"));
    EXPECT_EQ(take_to_client(), one_value("1", "1"));
    EXPECT_TRUE(linked_);
    client_says(query("DEALLOCATE PREPARE s"));
    EXPECT_EQ(take_to_server(), query("DEALLOCATE PREPARE s"));
    server_says(ok());
    EXPECT_EQ(take_to_server(), query("SELECT @@last_insert_id")) << "it may have been an INSERT";
    server_says(one_value("@@last_insert_id", "0"));
    EXPECT_FALSE(linked_);
    EXPECT_EQ(unpins_, 1);
    EXPECT_TRUE(server_->needs_full_reset);
}

TEST_F(text_statements_test, a_name_of_nobody_never_reaches_a_server) {
    EXPECT_TRUE(is_unknown("EXECUTE s"));
    EXPECT_TRUE(is_unknown("DEALLOCATE PREPARE s"));
    EXPECT_FALSE(linked_);
    client_says(query("BEGIN"));
    server_says(ok(1, with_status(status::autocommit | status::in_transaction)));
    take_to_server();
    take_to_client();
    EXPECT_TRUE(linked_);
    EXPECT_TRUE(is_unknown("EXECUTE s"));
    prepare("s");
    EXPECT_TRUE(is_unknown("EXECUTE other"));
}

TEST_F(text_statements_test, every_name_has_to_be_given_back) {
    prepare("a");
    prepare("b");
    prepare("a");
    client_says(query("DEALLOCATE PREPARE a"));
    server_says(ok());
    EXPECT_TRUE(linked_);
    take_to_server();
    take_to_client();
    EXPECT_TRUE(is_unknown("EXECUTE a"));
    client_says(query("DEALLOCATE PREPARE b"));
    server_says(ok());
    EXPECT_FALSE(linked_);
}

TEST_F(text_statements_test, a_name_is_lost_with_the_preparation_that_failed) {
    prepare("s");
    client_says(query("PREPARE s FROM 'SELECT x'"));
    EXPECT_FALSE(take_to_server().empty());
    server_says(error(1054, "Unknown column"));
    take_to_client();
    EXPECT_TRUE(is_unknown("EXECUTE s"));
    EXPECT_TRUE(server_->needs_full_reset);
}

TEST_F(text_statements_test, the_connection_is_cleaned_even_if_nobody_waits_for_the_answer) {
    client_says(query("PREPARE s FROM 'SELECT 1'"));
    EXPECT_TRUE(server_->needs_full_reset);
    unlink();
    EXPECT_TRUE(server_->needs_full_reset);
}

TEST_F(text_statements_test, names_do_not_go_to_another_connection) {
    prepare("s");
    unlink();
    make_server();
    EXPECT_TRUE(is_unknown("EXECUTE s"));
    client_says(query("BEGIN"));
    server_says(ok(1, with_status(status::autocommit | status::in_transaction)));
    take_to_server();
    take_to_client();
    EXPECT_TRUE(is_unknown("EXECUTE s"));
}

TEST_F(text_statements_test, a_reset_session_has_no_names) {
    prepare("s");
    client_says(command_of(command::reset_connection));
    server_says(ok());
    take_to_server();
    take_to_client();
    EXPECT_TRUE(is_unknown("EXECUTE s"));
}

TEST_F(text_statements_test, another_tenant_has_no_names) {
    prepare("s");
    session_identity other = session_->identity();
    other.tenant = "globex";
    session_->change_identity(other);
    EXPECT_TRUE(is_unknown("EXECUTE s"));
}

TEST_F(text_statements_test, what_a_routine_may_have_replaced_is_not_run) {
    judge_.calls_pin = true;
    prepare("s");
    client_says(query("CALL p()"));
    server_says(ok());
    take_to_server();
    server_says(one_value("@@last_insert_id", "0"));
    server_says(one_value("@@sql_mode", "STRICT_TRANS_TABLES"));
    take_to_server();
    take_to_client();
    EXPECT_TRUE(is_unknown("EXECUTE s"));
}

TEST_F(text_statements_test, a_new_catalogue_is_asked_again) {
    prepare("s");
    new_scope();
    client_says(query("EXECUTE s"));
    EXPECT_EQ(take_to_server(), query("EXECUTE s"));
    server_says(one_value("1", "1"));
    take_to_client();
    new_scope();
    judge_.rewritten = "'SELECT 2'";
    EXPECT_NE(refused("EXECUTE s").find("prepare it again"), std::string::npos);
    judge_.refuses_prepare = true;
    EXPECT_NE(refused("EXECUTE s").find("[rule upsert-unique-key]"), std::string::npos);
    judge_.refuses_prepare = false;
    prepare("s");
    client_says(query("EXECUTE s"));
    EXPECT_EQ(take_to_server(), query("EXECUTE s"));
}

TEST_F(text_statements_test, another_mode_means_preparing_again) {
    prepare("s");
    client_says(query("SET sql_mode = 'ANSI_QUOTES'"));
    std::string state = variable("sql_mode", "ANSI_QUOTES");
    ok_packet told = with_status(status::autocommit | status::session_state_changed);
    told.session_state = state;
    server_says(ok(1, told));
    take_to_server();
    take_to_client();
    EXPECT_NE(refused("EXECUTE s").find("sql_mode"), std::string::npos);
}

TEST_F(text_statements_test, two_character_sets_would_convert_what_was_read) {
    client_says(query("SET collation_connection = 'latin1_bin'"));
    std::string state = variable("collation_connection", "latin1_bin");
    ok_packet told = with_status(status::autocommit | status::session_state_changed);
    told.session_state = state;
    server_says(ok(1, told));
    take_to_server();
    take_to_client();
    EXPECT_NE(refused("PREPARE s FROM 'SELECT 1'").find("[rule text-prepare]"), std::string::npos);
}

TEST_F(text_statements_test, there_is_a_bound) {
    services_.max_client_statements = 2;
    prepare("a");
    prepare("b");
    EXPECT_NE(refused("PREPARE c FROM 'SELECT 1'").find("too many"), std::string::npos);
}

TEST_F(text_statements_test, the_protocol_does_not_prepare_them) {
    for (std::string_view sql : {"PREPARE s FROM 'SELECT 1'", "EXECUTE s", "DEALLOCATE PREPARE s"}) {
        client_says(command_of(command::stmt_prepare, sql));
        EXPECT_TRUE(take_to_server().empty()) << sql;
        EXPECT_NE(take_to_client().find("not supported in the prepared statement protocol"),
                  std::string::npos);
    }
}

TEST_F(text_statements_test, pipelined_they_wait_for_each_other) {
    client_says(query("PREPARE s FROM 'SELECT 1'") + query("EXECUTE s"));
    EXPECT_EQ(take_to_server(), query("PREPARE s FROM 'SELECT 1'"));
    server_says(ok());
    EXPECT_EQ(take_to_server(), query("EXECUTE s"));
}

}  // namespace
}  // namespace fairlead::proxy::mysql
