// Executions of binary prepared statements.
#include "proxy/session/mysql/client_session.h"
#include "proxy/session/mysql/error_words.h"
#include "proxy/session/mysql/statement_number.h"

#include <algorithm>

namespace fairlead::proxy::mysql {
namespace {

constexpr std::size_t execute_head = id_end + 1 + 4;  // flags, iteration count
constexpr std::size_t longest_early = 4 << 10;        // of messages that are kept until they have run

}  // namespace

client_session::handled client_session::on_execute(turn& t, const packet_header& header, Bytes available) {
    auto malformed = [&] {
        return refuse_later(t, header, available,
                            late_error::of(errors::malformed_packet, "Malformed communication packet"));
    };
    if (header.total() < execute_head) return malformed();
    if (available.size() < execute_head) return handled::incomplete;
    execution what{id_in(available), execute_head, false};
    client_statement* statement = find_statement(what.id);
    if (statement == nullptr) {
        return refuse_later(
            t, header, available,
            late_error::of(unknown_handler, unknown_statement(what.id, "mysqld_stmt_execute")));
    }
    std::size_t count = statement->parameters;
    if (count > 0) {
        what.head += (count + 7) / 8 + 1;
        if (header.total() < what.head) return malformed();
        if (available.size() < what.head) return handled::incomplete;
        what.bound = available[what.head - 1] == 1;
        if (what.bound) what.head += 2 * count;
        if (header.total() < what.head) return malformed();
        if (available.size() < what.head) return handled::incomplete;
    }
    server_session::server_statement* on_server = nullptr;
    late_error error;
    switch (ready_statement(t, what.id, *statement, on_server, error)) {
        case readiness::stop:
            return handled::stop;
        case readiness::failed:
            return refuse_later(t, header, available, std::move(error));
        case readiness::unprepared:
            return goes_early(t, header, available) ? send_early(t, header, available, what, *statement)
                                                    : prepare_first(t, *statement);
        default:
            return send_execute(t, header, available, what, *statement, *on_server);
    }
}

// What the client bound, for when it executes again without saying so on a connection that does not know.
void client_session::note_types(Bytes available, const execution& what, client_statement& statement) const {
    if (!what.bound) return;
    std::size_t size = 2 * std::size_t{statement.parameters};
    std::string_view types = as_text(available.subspan(what.head - size, size));
    if (statement.types == nullptr || *statement.types != types)
        statement.types = std::make_shared<const std::string>(types);
}

client_session::handled client_session::send_execute(turn& t, const packet_header& header, Bytes available,
                                                     const execution& what, client_statement& statement,
                                                     server_session::server_statement& on_server) {
    note_types(available, what, statement);
    bool known = statement.types == nullptr || on_server.types == statement.types ||
                 (on_server.types != nullptr && *on_server.types == *statement.types);
    bool insert = statement.parameters > 0 && !what.bound && !known;
    std::size_t added = insert ? statement.types->size() : 0;
    if (insert && header.length + added >= max_packet_payload) {
        return refuse_later(t, header, available,
                            late_error::of(errors::packet_too_large,
                                           "fairlead: an execution of this length has to bind the types of "
                                           "its parameters"));
    }
    restore_insert_id(t, *statement.verdict);
    bool cursor = available[id_end] != 0;
    server_session::server_statement& target =
        cursor ? t.server->hold_statement(statement.statement, what.id) : on_server;
    t.to_server.own([&](std::string& out) {
        append_packet_header(out, header.length + static_cast<std::uint32_t>(added), 0);
        field_writer writer(out);
        writer.u8(static_cast<std::uint8_t>(command::stmt_execute));
        writer.u32(target.id);
    });
    std::size_t taken = id_end;
    if (insert) {
        t.to_server.slice(available.subspan(id_end, what.head - 1 - id_end));
        t.to_server.own([&](std::string& out) { out.append(1, '\1').append(*statement.types); });
        taken = what.head;
    }
    target.types.reset();  // known again when it went well
    expect_execution(t, what.id, statement);
    return start_body(t, header, taken, available, body_mode::forward);
}

// In one write with its preparation. Not where a statement may be on the server that we do not know of
// (prepared as text, or by a routine): its id could be the one that is guessed. With a cursor the server's
// statement is held, so it has to be there.
bool client_session::goes_early(const turn& t, const packet_header& header, Bytes available) const {
    bool whole = header.total() <= std::min(available.size(), longest_early);
    bool cursor = available[id_end] != 0;
    return whole && !cursor && !left_behind_ && named_ == nullptr && t.server->guess_id().has_value();
}

client_session::handled client_session::send_early(turn& t, const packet_header& header, Bytes available,
                                                   const execution& what, client_statement& statement) {
    note_types(available, what, statement);
    restore_insert_id(t, *statement.verdict);
    auto early = std::make_unique<early_execution>();
    append_preparation(t, statement.statement, own_purpose::prepare);
    early->guessed = *t.server->guess_id();
    Bytes rest = available.subspan(id_end, header.total() - id_end);
    bool insert = statement.parameters > 0 && !what.bound && statement.types != nullptr;
    std::size_t before_types = insert ? what.head - 1 - id_end : rest.size();
    early->rest = as_text(rest.first(before_types));
    if (insert)
        early->rest.append(1, '\1').append(*statement.types).append(as_text(rest.subspan(before_types + 1)));
    server_session::send_execution(early->guessed, early->rest, t.to_server);
    expect_execution(t, what.id, statement).early = std::move(early);
    return start_body(t, header, header.total(), available, body_mode::forward);
}

expectation& client_session::expect_execution(turn& t, std::uint32_t id, const client_statement& statement) {
    observer_.on_statement();
    note_hidden_code(*t.server, *statement.verdict);
    expectation& added = t.server->expect(reply_kind::results);
    added.verdict = statement.verdict;
    added.client_statement = id;
    return added;
}

void client_session::forward_with_id(turn& t, const packet_header& header, Bytes available,
                                     std::uint32_t server_id) {
    t.to_server.slice(available.first(id_begin));
    t.to_server.own([&](std::string& out) { field_writer(out).u32(server_id); });
    start_body(t, header, id_end, available, body_mode::forward);
}

// MariaDB: arrays of parameters. No parameter says whose a row is (the guard writes that into the text), so
// the rows need not be read.
client_session::handled client_session::on_bulk_execute(turn& t, const packet_header& header,
                                                        Bytes available) {
    if (!has(capabilities_, capability::mariadb_bulk_operations)) {
        return refuse_later(t, header, available, late_error::of(errors::unknown_command, "Unknown command"));
    }
    if (header.total() < id_end + 2) {
        return refuse_later(t, header, available,
                            late_error::of(errors::malformed_packet, "Malformed communication packet"));
    }
    if (available.size() < id_end) return handled::incomplete;
    std::uint32_t id = id_in(available);
    client_statement* statement = find_statement(id);
    server_session::server_statement* on_server = nullptr;
    late_error error = late_error::of(unknown_handler, unknown_statement(id, "mysqld_stmt_bulk_execute"));
    readiness ready =
        statement != nullptr ? ready_statement(t, id, *statement, on_server, error) : readiness::failed;
    if (ready == readiness::stop) return handled::stop;
    if (ready == readiness::unprepared) return prepare_first(t, *statement);
    if (ready == readiness::ready && !has(t.server->capabilities, capability::mariadb_bulk_operations)) {
        error = late_error::of(errors::not_supported_yet, "fairlead: this server takes no bulk executions");
        ready = readiness::failed;
    }
    if (ready == readiness::failed) return refuse_later(t, header, available, std::move(error));
    restore_insert_id(t, *statement->verdict);
    statement->types.reset();  // whatever was bound before, the server has these now
    on_server->types.reset();
    std::uint32_t server_id = on_server->id;
    expect_execution(t, id, *statement);
    forward_with_id(t, header, available, server_id);
    return handled::yes;
}

}  // namespace fairlead::proxy::mysql
