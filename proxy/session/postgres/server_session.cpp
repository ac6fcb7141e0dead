#include "proxy/session/postgres/server_session.h"

#include "policy/postgres/sealed_context.h"
#include "proxy/wire/postgres/build.h"

namespace fairlead::proxy::postgres {

void append_own_statements(std::string& out) {
    append_parse(out, set_local_statement, policy::postgres::set_variable_statement);
    append_parse(out, set_session_statement, "SELECT WHERE pg_catalog.set_config($1, $2, false) IS NULL");
    append_parse(out, reset_all_statement, "RESET ALL");
}

void server_session::note_parameter(std::string_view name, std::string_view value) {
    for (auto& [known, current] : parameters) {
        if (known == name) {
            current = value;
            return;
        }
    }
    // The server reports about fifteen; a hostile one must not fill our memory.
    if (parameters.size() < 100) parameters.emplace_back(name, value);
}

void server_session::start_rollback(outgoing& to_server) {
    to_server.own([](std::string& out) { append_query(out, "ROLLBACK"); });
    expect(reply_kind::query, own_purpose::cleanup);
    simple_query = true;
}

void server_session::start_full_reset(outgoing& to_server) {
    to_server.own([&](std::string& out) {
        if (status != 'I') append_query(out, "ROLLBACK");
        append_query(out, "DISCARD ALL");
        append_own_statements(out);
        append_sync(out);
    });
    if (status != 'I') expect(reply_kind::query, own_purpose::cleanup);
    expect(reply_kind::query, own_purpose::cleanup);
    for (int i = 0; i < 3; ++i) expect(reply_kind::parse, own_purpose::cleanup);
    expect(reply_kind::sync, own_purpose::cleanup);
    prepared.clear();
    unnamed_owner = unnamed_sent = 0;
    applied = applied_before = no_settings();
}

}  // namespace fairlead::proxy::postgres
