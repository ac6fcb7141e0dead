// Orders of messages that no driver sends on purpose; found by pg_relay_fuzz.
#include "unit/proxy/session/postgres/relay_fixture.h"

namespace fairlead::proxy::postgres {
namespace {

using next = client_next;

class RelaySequence : public relay_fixture {
protected:
    static std::string copy_in() { return std::string("G\0\0\0\7\0\0\0", 8); }
    // A simple COPY, up to where the server takes data.
    void start_simple_copy() {
        client_says(query("COPY t FROM STDIN"));
        server_says(context_done() + copy_in());
        take_to_server();
        take_to_client();
    }
};

TEST_F(RelaySequence, SyncInASimpleCopyIsIgnoredAsTheServerDoes) {
    start_simple_copy();
    client_says(sync() + empty('H') + empty('c'));
    EXPECT_EQ(types(take_to_server()), "c");
    server_says(complete("COPY 0") + ready('I'));
    EXPECT_EQ(types(take_to_client()), "CZ");
    EXPECT_FALSE(linked_);
}

TEST_F(RelaySequence, AQueryInACopyIsAnErrorAndNoHang) {
    start_simple_copy();
    EXPECT_EQ(client_says(query("SELECT 1")), next::close);
    EXPECT_EQ(take_to_server(), "");
    EXPECT_NE(take_to_client().find("08P01"), std::string::npos);
}

TEST_F(RelaySequence, AQueryBehindAFailedParseIsSkippedUpToSync) {
    client_says(parse("a", "SYNTAX"));
    server_says(error("42601"));
    take_to_server();
    take_to_client();
    client_says(query("SELECT 1"));
    EXPECT_EQ(take_to_server(), "");
    client_says(sync());
    EXPECT_EQ(types(take_to_server()), "S");
    server_says(ready('I'));
    EXPECT_EQ(types(take_to_client()), "Z");
    EXPECT_FALSE(linked_);
}

TEST_F(RelaySequence, ASyncsAnswerDoesNotEndTheQueryBehindIt) {
    client_says(parse("", "SELECT 1") + sync() + query("COPY t FROM STDIN"));
    server_says(empty('1') + ready('I'));
    take_to_server();
    EXPECT_EQ(client_says(query("SELECT 2")), next::wait_server);
    EXPECT_EQ(take_to_server(), "");
}

// The Sync that was sent with the Execute is ignored by a server in copy mode; without another one the COPY
// would never be committed, and the next user of the connection would go on in its transaction.
TEST_F(RelaySequence, ALinkIsKeptUntilTheSyncBehindACopy) {
    client_says(parse("", "COPY t FROM STDIN") + bind("", "") + execute() + sync());
    server_says(empty('1') + context_done() + empty('2') + copy_in());
    client_says(empty('c'));
    take_to_server();
    server_says(complete("COPY 0"));
    EXPECT_FALSE(server_->idle());
    client_says(sync());
    EXPECT_EQ(types(take_to_server()), "S");
    server_says(ready('I'));
    EXPECT_FALSE(linked_);
}

// What the server holds as unnamed statement then is another client's: its text, with its literals.
TEST_F(RelaySequence, AnUnnamedStatementThatWasSkippedIsNotBoundBehindTheSync) {
    client_says(parse("", "SELECT 1") + execute() + parse("", "SELECT 2") + sync());
    take_to_server();
    client_says(bind("", "") + execute() + sync());  // sent before the answers have come
    EXPECT_EQ(types(take_to_server()), "PBEBES");
    server_says(empty('1') + error("34000") + ready('I'));
    EXPECT_EQ(server_->unnamed_sent, 0u);
}

TEST_F(RelaySequence, AnUnnamedStatementThatFailedIsParsedAgain) {
    client_says(parse("", "SELECT 1") + sync());
    server_says(error("42601") + ready('I'));
    take_to_server();
    client_says(bind("", "") + execute() + sync());
    EXPECT_EQ(types(take_to_server()), "PBEBES");
}

// What the context's own Bind and Execute left behind is nothing that a client may look at.
TEST_F(RelaySequence, ThePortalOfTheContextIsNobodys) {
    const std::string describe_portal("D\0\0\0\6P\0", 7);
    for (const std::string& looks : {execute(), describe_portal}) {
        client_says(parse("", "SELECT 1") + bind("named", "") + looks + sync());
        EXPECT_EQ(types(take_to_server()), "PBEBBS") << "a Bind that fails takes the place of the last";
        server_says(empty('1') + context_done() + empty('2') + error("26000") + ready('I'));
        EXPECT_NE(take_to_client().find("34000"), std::string::npos);
        EXPECT_FALSE(linked_);
    }
    client_says(parse("", "SELECT 1") + bind("", "") + describe_portal + execute() + sync());
    EXPECT_EQ(types(take_to_server()), "PBEBDES");
}

// The Close that makes room was skipped with everything behind the error: the server has the statement still.
TEST_F(relay_fixture, an_eviction_that_was_skipped_did_not_happen) {
    server_->max_prepared = 1;
    client_says(parse("a", "SELECT 1") + sync());
    server_says(empty('1') + ready('I'));
    client_says(parse("", "SYNTAX") + parse("b", "SELECT 2") + sync());
    EXPECT_EQ(types(take_to_server()), "PSPCPS");
    server_says(error("42601") + ready('I'));
    client_says(bind("", "a") + execute() + sync());
    EXPECT_EQ(types(take_to_server()), "BEBES") << "no Parse of a name that the server has";
}

}  // namespace
}  // namespace fairlead::proxy::postgres
