#include "proxy/session/mysql/server_session.h"

#include "policy/mysql/required_settings.h"
#include "proxy/session/mysql/session_settings.h"
#include "proxy/wire/mysql/commands.h"
#include "proxy/wire/mysql/field.h"
#include "proxy/wire/mysql/packet.h"

#include <algorithm>

namespace fairlead::proxy::mysql {
namespace {

constexpr unsigned most_wrong_guesses = 3;

// Behind what shared tables need: what sessions learn of changes that parsing cannot see; state changes are
// reported so that nothing is taken for unchanged that is not.
constexpr std::string_view setup_text =
    ",@@session.session_track_system_variables='*',@@session.session_track_schema=1,"
    "@@session.session_track_state_change=1;"
    "SELECT @@character_set_client,@@character_set_results,@@collation_connection,@@sql_mode,"
    "@@last_insert_id,DATABASE()";

void send_command(outgoing& to_server, command what, std::string_view argument) {
    to_server.own([&](std::string& out) {
        std::uint8_t sequence = 0;
        append_packet(out, sequence, [&](std::string& body) {
            body.push_back(static_cast<char>(what));
            body.append(argument);
        });
    });
}

std::string number_bytes(std::uint32_t id) {
    std::string bytes;
    field_writer(bytes).u32(id);
    return bytes;
}

}  // namespace

void server_session::send_query(std::string_view sql, own_purpose purpose, outgoing& to_server) {
    send_command(to_server, command::query, sql);
    expect(reply_kind::results, purpose);
}

void server_session::send_multi_statements(bool on, own_purpose purpose, outgoing& to_server) {
    std::string argument;
    field_writer(argument).u16(
        static_cast<std::uint16_t>(on ? set_option::multi_statements_on : set_option::multi_statements_off));
    send_command(to_server, command::set_option, argument);
    expect(reply_kind::simple, purpose);
    multi_statements = on;
}

void server_session::send_execution(std::uint32_t id, std::string_view rest, outgoing& to_server) {
    to_server.own([&](std::string& out) {
        std::uint8_t sequence = 0;
        append_packet(out, sequence, [&](std::string& body) {
            field_writer writer(body);
            writer.u8(static_cast<std::uint8_t>(command::stmt_execute));
            writer.u32(id);
            writer.raw(rest);
        });
    });
}

void server_session::add_statement(const statement_ptr& statement, std::uint32_t id) {
    bool first = statements.empty() && held.empty();
    highest_id_ = first ? id : std::max(highest_id_, id);
    prepared.add(statement);
    statements.insert_or_assign(statement->id, server_statement{id, nullptr});
}

// Servers count up from 1, through resets, too (MariaDB, measured); anything else shows, and is not tried
// again and again.
std::optional<std::uint32_t> server_session::guess_id() const {
    if (wrong_guesses_ >= most_wrong_guesses || highest_id_ >= INT32_MAX) return std::nullopt;
    return highest_id_ + 1;
}

void server_session::note_given(early_execution& early, std::uint32_t id) {
    early.given = id;
    wrong_guesses_ = early.missed() ? wrong_guesses_ + 1 : 0;
}

server_session::server_statement* server_session::find_statement(const prepared_statement& statement) {
    if (!prepared.use(statement)) return nullptr;
    auto found = statements.find(statement.id);
    return found != statements.end() ? &found->second : nullptr;
}

void server_session::close_statement(const prepared_statement& statement, outgoing& to_server) {
    auto found = statements.find(statement.id);
    if (found == statements.end()) return;
    send_command(to_server, command::stmt_close, number_bytes(found->second.id));
    std::uint64_t id = statement.id;  // `statement` may be held by the set only
    statements.erase(found);
    prepared.remove(id);
}

server_session::server_statement* server_session::find_statement(const prepared_statement& statement,
                                                                 std::uint32_t client_id) {
    auto kept = held.find(client_id);
    return kept != held.end() ? &kept->second.on_server : find_statement(statement);
}

server_session::server_statement& server_session::hold_statement(const statement_ptr& statement,
                                                                 std::uint32_t client_id) {
    auto kept = held.find(client_id);
    if (kept != held.end()) return kept->second.on_server;
    server_statement on_server = std::move(statements.at(statement->id));
    statements.erase(statement->id);
    prepared.remove(statement->id);
    return held.emplace(client_id, held_statement{statement, std::move(on_server)}).first->second.on_server;
}

void server_session::unhold_statement(std::uint32_t client_id, bool close, outgoing& to_server) {
    auto kept = held.find(client_id);
    if (kept == held.end()) return;
    held_statement back = std::move(kept->second);
    held.erase(kept);
    if (close || statements.contains(back.statement->id)) {
        send_command(to_server, command::stmt_close, number_bytes(back.on_server.id));
        return;
    }
    prepared.add(back.statement);
    statements.emplace(back.statement->id, std::move(back.on_server));
}

void server_session::make_room(outgoing& to_server) {
    while (statement_ptr oldest = prepared.evict_above(max_prepared - 1)) {
        auto found = statements.find(oldest->id);
        if (found == statements.end()) continue;
        send_command(to_server, command::stmt_close, number_bytes(found->second.id));
        statements.erase(found);
    }
}

void server_session::start_rollback(outgoing& to_server) {
    send_query("ROLLBACK", own_purpose::cleanup, to_server);
}

void server_session::start_full_reset(outgoing& to_server) {
    send_command(to_server, command::reset_connection, {});
    expect(reply_kind::simple, own_purpose::cleanup);
    after_reset();
    needs_full_reset = false;
    if (!multi_statements) send_multi_statements(true, own_purpose::cleanup, to_server);
    send_query("SET " + std::string(policy::mysql::required_settings) + std::string(setup_text),
               own_purpose::setup, to_server);
}

bool server_session::take_baseline(const std::vector<text_row>& rows) {
    if (rows.size() != 1 || rows.front().size() != 6) return false;
    const text_row& row = rows.front();
    if (!row[0] || !row[2] || !row[3]) return false;
    settings_ptr found = no_settings();
    auto set = [&](std::string_view name, std::string_view value) {
        policy::SettingChange change;
        change.name = name;
        change.value = value;
        found = apply_mysql_change(found, change, found);
    };
    set("character_set_client", *row[0]);
    set("character_set_results", row[1].value_or("NULL"));
    set("collation_connection", *row[2]);
    set("sql_mode", "'" + *row[3] + "'");
    applied = baseline = std::move(found);
    last_insert_id = row[4] == "0" ? std::optional<std::uint64_t>(0) : std::nullopt;
    database = row[5].value_or("");
    return true;
}

// What the server forgets; its current database is not among that (measured), but an error may have left us
// without knowing it, and the set-up asks.
void server_session::after_reset() {
    prepared.clear();
    statements.clear();
    held.clear();
    applied.reset();
    last_insert_id.reset();
    database.clear();
    hidden_code_of = 0;
}

}  // namespace fairlead::proxy::mysql
