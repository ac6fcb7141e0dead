#include "dal/driver/postgres/connect_start.h"
#include "dal/driver/postgres/server_session.h"
#include "policy/postgres/sealed_context.h"

#include <libpq-fe.h>

#include <charconv>

namespace fairlead::dal::postgres {
namespace {

void drop_notice(void*, const PGresult*) {}

std::string_view reported(const PGconn* connection, const char* name) {
    const char* const value = PQparameterStatus(connection, name);
    return value == nullptr ? std::string_view() : value;
}

}  // namespace

Wait Session::start_connect(const ConnectOptions& options, const std::string& host_name) {
    failed_.clear();
    options_ = options;
    connection_ = start_connecting(options, host_name);
    if (!connection_) return broke("no memory for a connection");
    PQsetNoticeReceiver(connection_.get(), &drop_notice, nullptr);
    phase_ = Phase::connecting;
    if (PQstatus(connection_.get()) == CONNECTION_BAD) return connect_on();
    return Wait::writable;  // so libpq documents the first wait
}

Wait Session::connect_on() {
    PGconn* const connection = connection_.get();
    if (PQstatus(connection) != CONNECTION_BAD) {
        switch (PQconnectPoll(connection)) {
            case PGRES_POLLING_READING:
                return Wait::readable;
            case PGRES_POLLING_WRITING:
                return Wait::writable;
            case PGRES_POLLING_OK:
                return logged_in();
            case PGRES_POLLING_FAILED:
            case PGRES_POLLING_ACTIVE:
                break;
        }
    }
    return broke(connect_failure(options_, one_line(PQerrorMessage(connection))));
}

Wait Session::logged_in() {
    PGconn* const connection = connection_.get();
    options_ = ConnectOptions();  // the password is not kept
    // The guard reads texts by these rules; a role may have settings of its own.
    if (reported(connection, "standard_conforming_strings") != "on")
        return broke("the server's role or database sets standard_conforming_strings to off");
    if (reported(connection, "client_encoding") != "UTF8")
        return broke("the server's role or database sets a client_encoding other than UTF8");
    if (PQsetnonblocking(connection, 1) != 0 || !pipeline_.enter(connection))
        return broke(one_line(PQerrorMessage(connection)));
    prepared_.begin_operation();
    send_prepare_context();
    parameters_.set(std::span<const Argument>());
    pipeline_.query({Purpose::connection_tag}, policy::postgres::connection_tag_query, parameters_);
    pipeline_.sync();
    return wait_for_answers();
}

void Session::send_prepare_context() {
    parameters_.set(std::span<const Argument>());
    pipeline_.prepare({Purpose::prepare_context}, context_name, policy::postgres::set_variable_statement,
                      parameters_);
}

void Session::receive_tag(const pg_result* answer) {
    if (PQntuples(answer) == 1 && PQnfields(answer) == 1) {
        const std::string_view text = PQgetvalue(answer, 0, 0);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), connection_tag_);
        if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return;
    }
    broke("the server gave no tag for the connection");
}

}  // namespace fairlead::dal::postgres
