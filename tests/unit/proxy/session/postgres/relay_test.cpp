#include "unit/proxy/session/postgres/relay_fixture.h"

namespace fairlead::proxy::postgres {
namespace {

using next = client_next;

TEST_F(relay_fixture, context_precedes_a_query_without_a_sync) {
    client_says(query("SELECT 1"));
    std::string sent = take_to_server();
    EXPECT_EQ(types(sent), "BEQ");
    EXPECT_NE(sent.find("app.tenant"), std::string::npos);
    EXPECT_NE(sent.find("acme"), std::string::npos);
    EXPECT_EQ(server_says(context_done() + complete("SELECT 1") + ready('I')), server_next::release);
    EXPECT_EQ(types(take_to_client()), "CZ") << "the answers to the context stay with us";
}

TEST_F(relay_fixture, begin_passes_alone_and_the_context_follows_with_the_first_statement) {
    client_says(query("BEGIN ISOLATION LEVEL SERIALIZABLE"));
    EXPECT_EQ(types(take_to_server()), "Q");
    EXPECT_EQ(server_says(complete("BEGIN") + ready('T')), server_next::read_more);
    client_says(query("SELECT 1"));
    EXPECT_EQ(types(take_to_server()), "BEQ");
    server_says(context_done() + complete("SELECT 1") + ready('T'));
    client_says(query("SELECT 2"));
    EXPECT_EQ(types(take_to_server()), "Q") << "in force until the transaction ends";
    server_says(complete("SELECT 1") + ready('T'));
    client_says(query("COMMIT"));
    EXPECT_EQ(types(take_to_server()), "Q");
    EXPECT_EQ(server_says(complete("COMMIT") + ready('I')), server_next::release);
    client_says(query("SELECT 3"));
    EXPECT_EQ(types(take_to_server()), "BEQ") << "and not a statement longer";
}

TEST_F(relay_fixture, a_failed_context_makes_the_server_skip_the_query_and_we_ask_for_ready) {
    client_says(query("SELECT 1"));
    take_to_server();
    server_says(error("57014", "canceling statement due to user request"));
    EXPECT_EQ(types(take_to_server()), "S");
    EXPECT_EQ(types(take_to_client()), "E");
    EXPECT_EQ(server_says(ready('I')), server_next::release);
    EXPECT_EQ(types(take_to_client()), "Z");
}

TEST_F(relay_fixture, a_context_that_failed_in_a_transaction_is_not_taken_for_granted_after_rollback_to) {
    client_says(query("BEGIN"));
    server_says(complete("BEGIN") + ready('T'));
    client_says(query("SELECT 1"));
    server_says(error("57014"));
    server_says(ready('E'));
    take_to_server();
    client_says(query("ROLLBACK TO a"));
    server_says(complete("ROLLBACK") + ready('T'));
    take_to_server();
    client_says(query("SELECT 2"));
    EXPECT_EQ(types(take_to_server()), "BEQ");
}

TEST_F(relay_fixture, a_refused_query_outside_a_transaction_needs_no_server) {
    EXPECT_EQ(client_says(query("LISTEN x")), next::read_more);
    EXPECT_FALSE(linked_);
    EXPECT_EQ(take_to_server(), "");
    EXPECT_EQ(types(take_to_client()), "EZ");
    EXPECT_EQ(refusals_, std::vector<std::string>{"listen"});
}

TEST_F(relay_fixture, a_refused_query_aborts_the_transaction_it_is_in) {
    client_says(query("BEGIN"));
    server_says(complete("BEGIN") + ready('T'));
    take_to_client();
    take_to_server();
    client_says(query("LISTEN x"));
    EXPECT_EQ(types(take_to_server()), "BS");
    server_says(error("26000", "prepared statement \"fairlead_refused\" does not exist") + ready('E'));
    std::string answer = take_to_client();
    EXPECT_EQ(types(answer), "EZ");
    EXPECT_NE(answer.find("LISTEN is refused"), std::string::npos) << "our words, not the server's";
    EXPECT_EQ(answer.back(), 'E');
}

TEST_F(relay_fixture, a_refused_message_in_a_pipeline_undoes_what_came_before_it) {
    client_says(parse("", "INSERT") + bind("", "") + execute() + parse("", "LISTEN x") + bind("", "") +
                execute() + sync());
    EXPECT_EQ(types(take_to_server()), "PBEBEBS") << "parse, context, bind, execute, the poison, sync";
    server_says(empty('1') + context_done() + empty('2') + complete("INSERT 0 1") + error("26000") +
                ready('I'));
    EXPECT_EQ(types(take_to_client()), "12CEZ");
}

TEST_F(relay_fixture, prepared_statements_get_our_names_and_are_made_again_on_another_server) {
    client_says(parse("s1", "SELECT 1") + sync());
    std::string sent = take_to_server();
    EXPECT_EQ(types(sent), "PS");
    EXPECT_NE(sent.find("fl_"), std::string::npos);
    server_says(empty('1') + ready('I'));
    EXPECT_EQ(types(take_to_client()), "1Z");

    client_says(bind("", "s1") + execute() + sync());
    EXPECT_EQ(types(take_to_server()), "BEBES");
    server_says(context_done() + empty('2') + complete("SELECT 1") + ready('I'));
    take_to_client();

    make_server();
    client_says(bind("", "s1") + execute() + sync());
    EXPECT_EQ(types(take_to_server()), "PBEBES");
    server_says(empty('1') + context_done() + empty('2') + complete("SELECT 1") + ready('I'));
    EXPECT_EQ(types(take_to_client()), "2CZ") << "our Parse is not the client's";
}

TEST_F(relay_fixture, a_statement_the_server_has_is_answered_in_its_place) {
    client_says(parse("a", "SELECT 1") + sync());
    server_says(empty('1') + ready('I'));
    take_to_server();
    take_to_client();
    client_says(bind("", "a") + execute() + parse("b", "SELECT 1") + sync());
    EXPECT_EQ(types(take_to_server()), "BEBES");
    server_says(context_done() + empty('2') + complete("SELECT 1"));
    EXPECT_EQ(types(take_to_client()), "2C1") << "after what was sent before it";
    server_says(ready('I'));
    EXPECT_EQ(types(take_to_client()), "Z");
}

TEST_F(relay_fixture, a_failed_parse_leaves_no_statement) {
    client_says(parse("a", "SELECT nonsense") + sync());
    server_says(error("42703") + ready('I'));
    take_to_client();
    take_to_server();
    client_says(bind("", "a") + execute() + sync());
    EXPECT_EQ(take_to_server(), "");
    std::string answer = take_to_client();
    EXPECT_EQ(types(answer), "EZ");
    EXPECT_NE(answer.find("26000"), std::string::npos);
}

TEST_F(relay_fixture, parsing_a_taken_name_is_an_error) {
    client_says(parse("a", "SELECT 1") + sync());
    server_says(empty('1') + ready('I'));
    take_to_client();
    client_says(parse("a", "SELECT 2") + sync());
    EXPECT_NE(take_to_client().find("42P05"), std::string::npos);
}

TEST_F(relay_fixture, the_unnamed_statement_follows_its_client_to_another_server) {
    client_says(parse("", "SELECT 1") + sync());
    server_says(empty('1') + ready('I'));
    take_to_client();
    take_to_server();
    make_server();
    client_says(bind("", "") + execute() + sync());
    EXPECT_EQ(types(take_to_server()), "PBEBES");
    server_says(empty('1') + context_done() + empty('2') + complete("SELECT 1") + ready('I'));
    EXPECT_EQ(types(take_to_client()), "2CZ");
    client_says(query("SELECT 2"));
    server_says(context_done() + complete("SELECT 1") + ready('I'));
    take_to_client();
    client_says(bind("", "") + sync());
    EXPECT_NE(take_to_client().find("unnamed prepared statement does not exist"), std::string::npos)
        << "a simple query drops it";
}

TEST_F(relay_fixture, sql_prepare_and_execute_use_our_names) {
    client_says(query("PREPARE q AS SELECT 1"));
    std::string sent = take_to_server();
    EXPECT_NE(sent.find("PREPARE fl_"), std::string::npos);
    server_says(context_done() + complete("PREPARE") + ready('I'));
    make_server();
    client_says(query("EXECUTE q(1)"));
    sent = take_to_server();
    EXPECT_EQ(types(sent), "BEPBEQ");  // a PREPARE is executed: under the context too
    EXPECT_NE(sent.find("EXECUTE fl_"), std::string::npos);
    take_to_client();
    server_says(context_done() + empty('1') + empty('2') + complete("PREPARE") + complete("SELECT 1") +
                ready('I'));
    EXPECT_EQ(types(take_to_client()), "CZ");
    client_says(query("DEALLOCATE q"));
    EXPECT_EQ(types(take_to_client()), "CZ");
    client_says(query("EXECUTE q(1)"));
    EXPECT_NE(take_to_client().find("26000"), std::string::npos);
}

TEST_F(relay_fixture, settings_are_restored_in_a_round_trip_before_the_statement) {
    client_says(query("SET timezone = UTC"));
    server_says(context_done() + complete("SET") + ready('I'));
    take_to_server();
    take_to_client();
    make_server();
    EXPECT_EQ(client_says(query("SELECT 1")), next::wait_server);
    std::string sent = take_to_server();
    EXPECT_EQ(types(sent), "BES");
    EXPECT_NE(sent.find("timezone"), std::string::npos);
    server_says(empty('2') + complete("SELECT 1") + ready('I'));
    EXPECT_EQ(take_to_client(), "");
    linked_ = true;
    client_says("");
    EXPECT_EQ(types(take_to_server()), "BEQ");
}

TEST_F(relay_fixture, a_setting_of_a_rolled_back_transaction_is_forgotten) {
    client_says(query("BEGIN"));
    server_says(complete("BEGIN") + ready('T'));
    client_says(query("SET timezone = UTC"));
    server_says(context_done() + complete("SET") + ready('T'));
    client_says(query("ROLLBACK"));
    server_says(complete("ROLLBACK") + ready('I'));
    take_to_server();
    make_server();
    client_says(query("SELECT 1"));
    EXPECT_EQ(types(take_to_server()), "BEQ") << "nothing to restore";
}

TEST_F(relay_fixture, reset_all_in_a_pipeline_is_followed_by_the_context) {
    client_says(parse("", "RESET ALL") + bind("", "") + execute() + parse("", "SELECT 1") + bind("", "") +
                execute() + sync());
    EXPECT_EQ(types(take_to_server()), "PBEBEPBEBES");
}

TEST_F(relay_fixture, a_commit_in_a_pipeline_is_followed_by_the_context) {
    client_says(parse("", "COMMIT") + bind("", "") + execute() + parse("", "SELECT 1") + bind("", "") +
                execute() + sync());
    EXPECT_EQ(types(take_to_server()), "PBEPBEBES");
}

TEST_F(relay_fixture, a_text_that_a_server_has_taken_is_prepared_without_a_link) {
    client_says(parse("a", "SELECT 1") + sync());
    server_says(empty('1') + ready('I'));
    take_to_client();
    take_to_server();
    EXPECT_EQ(client_says(parse("b", "SELECT 1") + sync()), next::read_more);
    EXPECT_FALSE(linked_);
    EXPECT_EQ(types(take_to_client()), "1Z");
}

TEST_F(relay_fixture, syncs_behind_a_copy_are_not_waited_for) {
    client_says(parse("", "COPY t FROM STDIN") + bind("", "") + execute() + sync());
    take_to_server();
    std::string copy_in = std::string("G") + std::string("\0\0\0\7\0\0\0", 7);
    server_says(empty('1') + context_done() + empty('2') + copy_in);
    EXPECT_EQ(types(take_to_client()), "12G");
    client_says(std::string("d") + std::string("\0\0\0\6", 4) + "x\n" + empty('c') + sync());
    EXPECT_EQ(types(take_to_server()), "dcS");
    EXPECT_EQ(server_says(complete("COPY 1") + ready('I')), server_next::release);
    EXPECT_EQ(types(take_to_client()), "CZ");
}

TEST_F(relay_fixture, copy_data_after_an_error_is_dropped) {
    client_says(query("COPY t FROM STDIN"));
    take_to_server();
    std::string copy_in = std::string("G") + std::string("\0\0\0\7\0\0\0", 7);
    server_says(context_done() + copy_in);
    server_says(error("22P02") + ready('I'));
    EXPECT_EQ(client_says(std::string("d") + std::string("\0\0\0\6", 4) + "x\n" + empty('c')),
              next::read_more);
    EXPECT_EQ(take_to_server(), "");
}

TEST_F(relay_fixture, an_error_in_a_pipeline_skips_to_its_own_sync_only) {
    client_says(parse("", "SELECT 1") + bind("", "") + execute() + sync() + parse("", "SELECT 2") +
                bind("", "") + execute() + sync());
    EXPECT_EQ(types(take_to_server()), "PBEBESPBEBES");
    server_says(error("42601") + ready('I'));
    EXPECT_EQ(types(take_to_client()), "EZ");
    EXPECT_EQ(server_says(empty('1') + context_done() + empty('2') + complete("SELECT 1") + ready('I')),
              server_next::release);
    EXPECT_EQ(types(take_to_client()), "12CZ");
}

TEST_F(relay_fixture, every_cut_of_the_stream_gives_the_same_result) {
    std::string sent = parse("s", "SELECT 1") + bind("p", "s") + execute("p") + sync();
    std::string replies = empty('1') + context_done() + empty('2') + complete("SELECT 1") + ready('I');
    client_says(sent);
    std::string expected_server = take_to_server();
    server_says(replies);
    std::string expected_client = take_to_client();
    for (std::size_t cut = 1; cut < sent.size(); ++cut) {
        session_ = std::make_unique<client_session>(services_, session_->identity(), *this, no_settings());
        make_server();
        client_says(sent.substr(0, cut));
        client_says(sent.substr(cut));
        EXPECT_EQ(types(take_to_server()), types(expected_server)) << "cut at " << cut;
        for (char byte : replies) server_says(std::string(1, byte));
        EXPECT_EQ(take_to_client(), expected_client) << "cut at " << cut;
    }
}

TEST_F(relay_fixture, a_large_bind_streams) {
    std::string names = std::string("\0s\0", 3);
    client_says(parse("s", "SELECT 1") + sync());
    server_says(empty('1') + ready('I'));
    take_to_server();
    std::string header = "B";
    ByteWriter writer(header);
    writer.u32(4 + 3 + 100'000'000);
    EXPECT_EQ(client_says(header + names + std::string(1000, 'x')), next::read_more);
    EXPECT_EQ(input_, "") << "nothing is held back";
    std::string sent = take_to_server();
    EXPECT_TRUE(sent.ends_with(std::string(1000, 'x')));
    client_says(std::string(5000, 'y'));
    EXPECT_EQ(take_to_server(), std::string(5000, 'y'));
}

TEST_F(relay_fixture, rubbish_from_a_server_breaks_its_link) {
    client_says(query("SELECT 1"));
    EXPECT_EQ(server_says(std::string("?") + std::string("\0\0\0\4", 4)), server_next::broken);
    make_server();
    EXPECT_EQ(server_says(std::string("Z") + std::string("\xff\xff\xff\xff", 4)), server_next::broken);
    make_server();
    server_input_.clear();
    EXPECT_EQ(server_says(ready('I')), server_next::broken) << "an answer nobody waits for";
}

TEST_F(relay_fixture, malformed_client_messages_end_the_connection) {
    EXPECT_EQ(client_says(std::string("Q") + std::string("\0\0\0\3", 4)), next::close);
    EXPECT_NE(take_to_client().find("08P01"), std::string::npos);
    input_.clear();
    EXPECT_EQ(client_says(std::string("Q") + std::string("\0\0\0\6", 4) + "ab"), next::close)
        << "no terminator";
    input_.clear();
    EXPECT_EQ(client_says(std::string("!") + std::string("\0\0\0\4", 4)), next::close);
}

TEST_F(relay_fixture, statements_longer_than_the_guard_reads_are_refused_without_being_held) {
    services_.max_statement_bytes = 100;
    std::string long_query = query(std::string(10'000, 'x'));
    client_says(long_query.substr(0, 50));
    EXPECT_NE(take_to_client().find("54000"), std::string::npos);
    client_says(long_query.substr(50));
    EXPECT_EQ(input_, "");
    client_says(query("SELECT 1"));
    EXPECT_EQ(types(take_to_server()), "BEQ") << "the session goes on";
}

}  // namespace
}  // namespace fairlead::proxy::postgres
