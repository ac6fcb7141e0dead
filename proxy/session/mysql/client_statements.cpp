// Binary prepared statements: ids of ours for the client, prepared on whatever server connection runs them.
#include "proxy/session/mysql/client_session.h"
#include "proxy/session/mysql/error_words.h"
#include "proxy/session/mysql/prepare_reply.h"
#include "proxy/wire/mysql/field.h"

#include <algorithm>

namespace fairlead::proxy::mysql {
namespace {

constexpr std::size_t id_begin = packet_header_size + 1;
constexpr std::size_t id_end = id_begin + 4;
constexpr std::size_t execute_head = id_end + 1 + 4;  // flags, iteration count

std::uint32_t id_in(Bytes message) {
    return field_reader(message.subspan(id_begin)).u32().value_or(0);
}

std::string unknown_statement(std::uint32_t id, std::string_view command) {
    return "Unknown prepared statement handler (" + std::to_string(id) + ") given to " + std::string(command);
}
constexpr error_number unknown_handler{1243, "HY000"};

// Messages that are read as a whole carry the id in their body, behind the command.
std::uint32_t id_in_body(std::string_view body) {
    return field_reader(as_bytes(body.substr(1))).u32().value_or(0);
}

}  // namespace

client_session::client_statement* client_session::find_statement(std::uint32_t& id) {
    if (id == last_prepared_statement) id = last_prepared_;
    if (statements_ == nullptr) return nullptr;
    auto found = statements_->find(id);
    return found != statements_->end() ? &found->second : nullptr;
}

bool client_session::in_use(std::uint32_t id) const {
    auto holds = [&](const std::vector<std::uint32_t>& ids) {
        return std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    return holds(cursors_) || holds(long_data_);
}

client_session::handled client_session::on_prepare(turn& t, std::string_view sql) {
    if (statements_ != nullptr && statements_->size() >= services_.max_client_statements) {
        return say_error(t, {1461, "42000"},
                         "fairlead: too many prepared statements on this connection (close some, or raise "
                         "proxy.max_prepared_statements)");
    }
    policy::VerdictPtr verdict = check_once(sql, true);
    if (verdict->refused) return refuse(t, verdict->refusal, sql);
    if (verdict->command != policy::SessionCommand::none || verdict->pins.has(policy::Pin::unparsed)) {
        return say_error(t, {1295, "HY000"},
                         "This command is not supported in the prepared statement protocol yet");
    }
    client_statement made;
    made.mode = speaker(true).mode;
    made.verdict = std::move(verdict);
    made.scope = identity_.slot->current;
    made.sql = sql;
    if (!intern(made)) {
        return say_error(t, errors::not_supported_yet,
                         "fairlead: the statement could not be rewritten [rule render]");
    }
    preparing_ = std::make_unique<client_statement>(std::move(made));
    return send_prepare(t);
}

// The text as servers get it, one object for all clients that send the same.
bool client_session::intern(client_statement& statement) {
    if (statement.verdict->splices.empty()) {
        statement.statement = services_.statements.parsed(plan_scope(), statement.sql, {});
        return true;
    }
    std::string& text = services_.text;
    text.clear();
    if (!services_.judge.render(*statement.verdict, speaker(true), identity_.connection_id, statement.sql,
                                text))
        return false;
    statement.statement = services_.statements.parsed(plan_scope(), text, {});
    return true;
}

client_session::handled client_session::send_prepare(turn& t) {
    const statement_ptr statement = preparing_->statement;
    if (auto kept = statement->reply.load()) {
        observer_.on_statement();
        std::uint32_t id = next_statement_;
        remember(id, head_of(*kept)->parameters);
        t.to_client.own([&](std::string& out) {
            append_prepare_reply(out, next_sequence_, *kept, id, told_status(t), capabilities_);
        });
        return handled::yes;
    }
    const policy::VerdictPtr verdict = preparing_->verdict;
    if (t.server == nullptr) return need_link(t, verdict);
    if (!known_state(t) || restore_state(t, true)) {
        pending_verdict_ = verdict;
        return handled::stop;
    }
    t.server->close_statement(*statement, t.to_server);
    t.server->make_room(t.to_server);
    t.to_server.own([&](std::string& out) {
        std::uint8_t sequence = 0;
        append_packet(out, sequence, [&](std::string& body) {
            body.push_back(static_cast<char>(command::stmt_prepare));
            body.append(statement->text);
        });
    });
    observer_.on_statement();
    expectation& added = t.server->expect(reply_kind::prepare);
    added.client_sequence = next_sequence_;
    added.statement = statement;
    return handled::yes;
}

void client_session::remember(std::uint32_t id, std::uint16_t parameters) {
    preparing_->parameters = parameters;
    if (statements_ == nullptr) statements_ = std::make_unique<statement_map>();
    statements_->insert_or_assign(id, std::move(*preparing_));
    preparing_.reset();
    last_prepared_ = id;
    next_statement_ = id + 1 == last_prepared_statement ? 1 : id + 1;
    while (statements_->contains(next_statement_)) ++next_statement_;  // after 4 billion of them
    previous_.conditions.reset();
}

// The server prepared what the client asked for.
void client_session::finish_prepare(server_session& server, const std::string& kept, std::uint8_t sequence,
                                    outgoing& to_client) {
    auto head = head_of(kept);
    if (!head || preparing_ == nullptr) return;
    std::uint32_t id = next_statement_;
    remember(id, head->parameters);
    to_client.own([&](std::string& out) {
        append_prepare_reply(out, sequence, kept, id, server.status, capabilities_);
    });
}

// The catalogue may have changed since it was prepared; and a server that prepares it anew by itself, after a
// change of its tables, reads it under the mode of that moment.
bool client_session::recheck(client_statement& statement, late_error& error) {
    if (!(speaker(true).mode == statement.mode) || !mode_) {
        error = late_error::of({1615, "HY000"},
                               "fairlead: sql_mode or the character set changed since the statement was "
                               "prepared; prepare it again");
        return false;
    }
    if (statement.scope == identity_.slot->current) return true;
    statement.verdict = check(statement.sql, true);
    if (statement.verdict->refused) {
        observer_.on_refusal(statement.verdict->refusal, statement.sql);
        error =
            late_error::of(number_of(statement.verdict->refusal), refusal_text(statement.verdict->refusal));
        return false;
    }
    statement.scope = identity_.slot->current;
    if (intern(statement)) return true;
    error = late_error::of(errors::not_supported_yet, "fairlead: the statement could not be rewritten");
    return false;
}

bool client_session::may_run(const turn& t, client_statement& statement, late_error& error) {
    if (!recheck(statement, error)) return false;
    policy::Previous asked = statement.verdict->reads_previous;
    bool needs_link = has(asked, policy::Previous::row_count) || has(asked, policy::Previous::found_rows) ||
                      has(asked, policy::Previous::diagnostics);
    bool masked = has(asked, policy::Previous::diagnostics) && scope()->shared_tables();
    if (!needs_link || (!masked && previous_on_link(t, asked))) return true;
    error = late_error::of(errors::not_supported_yet,
                           "fairlead: what the statement before did cannot be asked in this form here (ask "
                           "with a text statement, or inside a transaction) [rule previous-statement]");
    return false;
}

client_session::readiness client_session::ready_statement(turn& t, std::uint32_t id,
                                                          client_statement& statement,
                                                          server_session::server_statement*& on_server,
                                                          late_error& error) {
    if (!may_run(t, statement, error)) return readiness::failed;
    if (t.server == nullptr) {
        need_link(t);
        return readiness::stop;
    }
    // Not the database: a prepared statement runs in the one it was prepared in (measured).
    if (!known_state(t) || restore_state(t, false)) return readiness::stop;
    const statement_ptr& wanted = statement.statement;
    on_server = t.server->find_statement(*wanted, id);
    if (on_server != nullptr) return readiness::ready;
    if (prepare_failed_ != nullptr && prepare_failed_->statement == wanted->id) {
        error = std::move(prepare_failed_->error);
        prepare_failed_.reset();
        return readiness::failed;
    }
    if (restore_state(t, true)) return readiness::stop;
    t.server->make_room(t.to_server);
    t.to_server.own([&](std::string& out) {
        std::uint8_t sequence = 0;
        append_packet(out, sequence, [&](std::string& body) {
            body.push_back(static_cast<char>(command::stmt_prepare));
            body.append(wanted->text);
        });
    });
    t.server->expect(reply_kind::prepare, own_purpose::prepare).statement = wanted;
    t.result = client_next::wait_server;
    return readiness::stop;
}

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

void client_session::expect_execution(turn& t, std::uint32_t id, const client_statement& statement) {
    observer_.on_statement();
    note_hidden_code(*t.server, *statement.verdict);
    expectation& added = t.server->expect(reply_kind::results);
    added.verdict = statement.verdict;
    added.client_statement = id;
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

// Has no answer: what goes wrong shows at the execution.
client_session::handled client_session::on_long_data(turn& t, const packet_header& header, Bytes available) {
    if (header.total() < id_end + 2) return refuse_later(t, header, available, {});
    if (available.size() < id_end) return handled::incomplete;
    std::uint32_t id = id_in(available);
    client_statement* statement = find_statement(id);
    if (statement == nullptr) return refuse_later(t, header, available, {});
    server_session::server_statement* on_server = nullptr;
    late_error error;
    readiness ready = ready_statement(t, id, *statement, on_server, error);
    if (ready == readiness::stop) return handled::stop;
    if (ready == readiness::failed) return refuse_later(t, header, available, {});
    on_server = &t.server->hold_statement(statement->statement, id);
    if (std::find(long_data_.begin(), long_data_.end(), id) == long_data_.end()) long_data_.push_back(id);
    fresh_link_ = false;
    pins_changed(t.server);
    forward_with_id(t, header, available, on_server->id);
    return handled::yes;
}

client_session::handled client_session::on_fetch(turn& t, const whole_command& whole) {
    std::uint32_t id = id_in_body(whole.body);
    client_statement* statement = find_statement(id);
    if (statement == nullptr)
        return say_error(t, unknown_handler, unknown_statement(id, "mysqld_stmt_fetch"));
    bool open = std::find(cursors_.begin(), cursors_.end(), id) != cursors_.end();
    auto* on_server =
        open && t.server != nullptr ? t.server->find_statement(*statement->statement, id) : nullptr;
    if (on_server == nullptr) {
        return say_error(t, {1421, "HY000"}, "The statement (" + std::to_string(id) + ") has no open cursor");
    }
    expectation& added = t.server->expect(reply_kind::rows);
    added.client_statement = id;
    forward_with_id(t, *read_packet_header(whole.message), whole.message, on_server->id);
    return handled::yes;
}

client_session::handled client_session::on_statement_reset(turn& t, const whole_command& whole) {
    std::uint32_t id = id_in_body(whole.body);
    client_statement* statement = find_statement(id);
    if (statement == nullptr)
        return say_error(t, unknown_handler, unknown_statement(id, "mysqld_stmt_reset"));
    auto* on_server =
        in_use(id) && t.server != nullptr ? t.server->find_statement(*statement->statement, id) : nullptr;
    if (on_server == nullptr) {
        say_ok(t);
        return handled::yes;
    }
    t.server->expect(reply_kind::simple).client_statement = id;
    forward_with_id(t, *read_packet_header(whole.message), whole.message, on_server->id);
    return handled::yes;
}

// Has no answer. The server keeps the statement for the next client, unless something of this one hangs on
// it.
client_session::handled client_session::on_statement_close(turn& t, std::string_view argument) {
    std::uint32_t id = field_reader(as_bytes(argument)).u32().value_or(0);
    client_statement* statement = find_statement(id);
    if (statement == nullptr) return handled::yes;
    if (t.server != nullptr) t.server->unhold_statement(id, true, t.to_server);
    std::erase(cursors_, id);
    std::erase(long_data_, id);
    statements_->erase(id);
    if (last_prepared_ == id) last_prepared_ = 0;
    pins_changed(t.server);
    return handled::yes;
}

}  // namespace fairlead::proxy::mysql
