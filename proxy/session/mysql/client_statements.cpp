// Binary prepared statements: ids of ours for the client, prepared on whatever server connection runs them.
#include "proxy/session/mysql/client_session.h"
#include "proxy/session/mysql/error_words.h"
#include "proxy/session/mysql/prepare_reply.h"
#include "proxy/session/mysql/statement_number.h"
#include "proxy/wire/mysql/field.h"

#include <algorithm>

namespace fairlead::proxy::mysql {
namespace {

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
    observer_.on_statement();
    append_preparation(t, statement, own_purpose::none).client_sequence = next_sequence_;
    return handled::yes;
}

expectation& client_session::append_preparation(turn& t, const statement_ptr& statement,
                                                own_purpose purpose) {
    t.server->make_room(t.to_server);
    t.to_server.own([&](std::string& out) {
        std::uint8_t sequence = 0;
        append_packet(out, sequence, [&](std::string& body) {
            body.push_back(static_cast<char>(command::stmt_prepare));
            body.append(statement->text);
        });
    });
    expectation& added = t.server->expect(reply_kind::prepare, purpose);
    added.statement = statement;
    return added;
}

// The client's command waits for the answer.
client_session::handled client_session::prepare_first(turn& t, const client_statement& statement) {
    append_preparation(t, statement.statement, own_purpose::prepare);
    t.result = client_next::wait_server;
    return handled::stop;
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
    return restore_state(t, true) ? readiness::stop : readiness::unprepared;
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
    if (ready == readiness::unprepared) return prepare_first(t, *statement);
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
