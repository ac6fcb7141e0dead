// What a session remembers between commands, and how answers change it.
#include "proxy/session/mysql/client_session.h"
#include "proxy/session/mysql/error_words.h"
#include "proxy/session/mysql/session_settings.h"
#include "proxy/wire/mysql/session_track.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace fairlead::proxy::mysql {
namespace {

// Reported like settings, but used up by the next statement or changed by each: restoring them elsewhere
// would do something else.
bool is_one_shot(std::string_view name) {
    constexpr std::array<std::string_view, 7> names{"insert_id",        "rand_seed1",  "rand_seed2",
                                                    "pseudo_thread_id", "gtid_seq_no", "gtid_domain_id",
                                                    "skip_replication"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_insert_id(std::string_view name) {
    return name == "last_insert_id" || name == "identity";
}

// The server says what such a value became; the statement may have said it in another way.
bool server_knows_better(std::string_view name) {
    return name == "sql_mode" || name.starts_with("character_set_") || name == "collation_connection";
}

bool sets(const policy::Verdict& verdict, std::string_view name) {
    return std::any_of(verdict.settings.begin(), verdict.settings.end(),
                       [&](const policy::SettingChange& change) { return change.name == name; });
}

// For this statement alone (SET STATEMENT ... FOR): what it reports is undone when it has ended (measured).
bool sets_for_itself(const policy::Verdict* verdict, std::string_view name) {
    return verdict != nullptr && std::any_of(verdict->settings.begin(), verdict->settings.end(),
                                             [&](const policy::SettingChange& change) {
                                                 return change.local && change.name == name;
                                             });
}

// Whether the statement itself says what of the session it changes. Triggers and routines may change more.
bool explains_change(const expectation& done, const policy::mysql::HiddenCode& hidden) {
    if (done.verdict == nullptr) return true;  // commands that have their own meaning
    const policy::Verdict& verdict = *done.verdict;
    if (!verdict.pins.empty() || !verdict.ends.empty()) return true;
    if (verdict.transaction != policy::TransactionEffect::none) return true;
    bool lasting = std::any_of(verdict.settings.begin(), verdict.settings.end(),
                               [](const policy::SettingChange& change) { return !change.local; });
    return lasting || (!verdict.settings.empty() && !hidden.may_run(verdict));
}

std::uint64_t to_number(const std::optional<std::string>& text) {
    std::uint64_t value = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

}  // namespace

std::uint16_t client_session::told_status(const turn& t) const {
    constexpr std::uint16_t kept = status::autocommit | status::no_backslash_escapes |
                                   status::in_transaction | status::in_readonly_transaction;
    return t.server != nullptr && !fresh_link_ ? static_cast<std::uint16_t>(t.server->status & kept)
                                               : last_status_;
}

void client_session::say_ok(turn& t, std::string_view session_state) {
    ok_packet ok;
    ok.status = told_status(t);
    ok.session_state = session_state;
    t.to_client.own([&](std::string& out) { append_ok(out, next_sequence_, ok, capabilities_); });
}

client_session::handled client_session::say_error(turn& t, error_number number, std::string_view text) {
    pending_verdict_.reset();
    observer_.on_error(number.sqlstate, false);
    previous_.set_error(number.code, std::string(text));
    conditions_on_link_ = false;
    disturbed_ = true;
    t.to_client.own([&](std::string& out) { append_err(out, next_sequence_, number, text); });
    return handled::yes;
}

client_session::handled client_session::refuse(turn& t, const policy::Refusal& refusal,
                                               std::string_view sql) {
    observer_.on_refusal(refusal, sql);
    return say_error(t, number_of(refusal), refusal_text(refusal));
}

// One OK packet or one end of rows among the results of the client's command.
void client_session::note_result(server_session& server, const ok_packet& ok, bool rows,
                                 std::uint64_t row_count, const policy::Verdict* verdict) {
    previous_.row_count = rows ? -1 : static_cast<std::int64_t>(ok.affected_rows);
    if (rows) {
        previous_.found_rows = row_count;
        previous_.found_rows_uncertain = verdict != nullptr && verdict->pins.has(policy::Pin::found_rows);
    }
    if (ok.last_insert_id != 0 || (rows && server.expected.front().may_insert())) {
        previous_.last_insert_id_uncertain = true;  // INSERT ... RETURNING gives rows
        server.last_insert_id.reset();
    }
    if (ok.warnings > 0) {
        conditions_on_link_ = true;
    } else if (verdict != nullptr && verdict->needs_context) {
        conditions_on_link_ = false;
        previous_.conditions.reset();
    }
    if (!ok.session_state.empty()) learn(server, ok, verdict);
}

void client_session::learn(server_session& server, const ok_packet& ok, const policy::Verdict* verdict) {
    bool changed = false;
    bool came_back = false;
    session_change_reader reader(as_bytes(ok.session_state));
    while (auto entry = reader.next()) {
        if (entry->kind == session_change::system_variable) {
            learn_variable(server, entry->name, entry->value, verdict);
        } else if (entry->kind == session_change::schema) {
            server.database = entry->value;
            // A prepared statement runs in its own database and comes back (measured).
            bool stays = server.expected.empty() || server.expected.front().client_statement == 0;
            if (stays && scope() != nullptr && scope()->own_server()) database_ = entry->value;
            came_back |= !stays;
        } else if (entry->kind == session_change::state) {
            changed = true;
        }
    }
    state_reported_ |= changed && !came_back;
    if (!reader.ok()) take_pin(policy::Pin::setting, &server);
}

void client_session::learn_variable(server_session& server, std::string_view name, std::string_view value,
                                    const policy::Verdict* verdict) {
    if (is_insert_id(name)) {
        previous_.last_insert_id_uncertain = true;
        server.last_insert_id.reset();
        return;
    }
    if (sets_for_itself(verdict, name)) return;
    mode_reported_ |= name == "sql_mode";
    charset_reported_ |= name.starts_with("character_set_") || name == "collation_connection";
    // Kept as reported even where it was set to DEFAULT: the server's default is not what must be in force.
    if (auto required = is_required(name) ? setting_text(value) : std::nullopt)
        return change_one(server, {.name = std::string(name), .value = *required});
    bool known = verdict != nullptr && sets(*verdict, name);
    if (known && !server_knows_better(name)) return;  // taken from the verdict when the command has ended
    // What CALL and SET STATEMENT report may be the value inside of them (measured).
    auto text = setting_text(value);
    bool vague = verdict != nullptr && verdict->may_change_mode;
    if (is_one_shot(name) || vague || name.starts_with("session_track_") || !text) {
        return take_pin(policy::Pin::setting, &server);
    }
    policy::SettingChange change;
    change.name = name;
    change.value = *text;
    if (name == "character_set_results" && value.empty()) change.value = "NULL";
    change_one(server, change);
}

void client_session::change_one(server_session& server, const policy::SettingChange& change) {
    settings_ = apply_mysql_change(settings_, change, startup_);
    if (!server.applied) return;
    server.applied = apply_mysql_change(*server.applied, change,
                                        server.baseline != nullptr ? server.baseline : no_settings());
    if (same_settings(*server.applied, settings_)) server.applied = settings_;  // compared by address next
}

void client_session::note_failure(std::uint16_t code, std::string message) {
    previous_.set_error(code, std::move(message));
    conditions_on_link_ = true;
}

// A command of ours that the client's waits for: its error is the client's answer.
void client_session::note_own_failure(server_session& server, const expectation& failed,
                                      const err_packet& err) {
    bool mask = scope() == nullptr || scope()->shared_tables();
    late_error error{err.code, std::string(err.sqlstate),
                     mask ? masked_message(err.code, err.message) : std::string(err.message)};
    if (failed.purpose == own_purpose::prepare) {
        prepare_failed_ = std::make_unique<failed_preparation>();
        prepare_failed_->statement = failed.statement->id;
        prepare_failed_->error = std::move(error);
        return;
    }
    server.applied.reset();
    server.database.clear();
    restore_failed_ = std::make_unique<late_error>(std::move(error));
}

// The client's command is answered. `ok`: its last OK or end of rows; null if it failed.
void client_session::end_command(server_session& server, const expectation& done, const ok_packet* ok,
                                 outgoing& to_server) {
    fresh_link_ = disturbed_ = false;
    if (ok != nullptr) last_status_ = ok->status & (status::autocommit | status::no_backslash_escapes);
    if (done.resets && ok != nullptr) {
        reset_session();
        server.after_reset();
        left_behind_ = fresh_link_ = true;
    }
    if (done.client_statement != 0) end_execution(server, done, ok, to_server);
    if (done.verdict != nullptr) {
        const policy::Verdict& verdict = *done.verdict;
        end_one_statement(verdict);
        text_statement_answered(verdict, ok != nullptr);
        if (ok != nullptr) {
            apply_effect(server, verdict);
        } else if (verdict.multiple_statements ? !verdict.settings.empty() || !verdict.pins.empty()
                                               : verdict.settings.size() > 1) {
            take_pin(policy::Pin::setting, &server);  // how far it came is not known
        }
        // A routine that failed keeps what it did before.
        if (ok == nullptr && verdict.may_change_mode && verdict.pins.has(policy::Pin::user_variable))
            take_pin(policy::Pin::user_variable, &server);
        // A trigger, say: nothing tells what it changed.
        const auto hidden = scope() != nullptr ? scope()->hidden_code : policy::mysql::HiddenCode();
        if (state_reported_ && !explains_change(done, hidden)) take_pin(policy::Pin::user_variable, &server);
        if (verdict.may_change_mode) left_behind_ = mode_uncertain_ = true;
        if (verdict.may_change_mode || has(verdict.reads_previous, policy::Previous::last_insert_id))
            previous_.last_insert_id_uncertain = true;
        if (previous_.last_insert_id_uncertain) server.last_insert_id.reset();
    }
    mode_reported_ = charset_reported_ = state_reported_ = false;
    if ((server.status & status::in_transaction) == 0) pins_.settle();
    pins_changed(&server);
}

// What the server said it became (learn_variable() came first) counts more than what the statement said.
void client_session::apply_setting(server_session& server, const policy::SettingChange& change) {
    bool set = change.kind == policy::SettingChange::Kind::set;
    if (change.name == "sql_mode") {
        mode_uncertain_ = mode_uncertain_ || !mode_reported_;
    } else if (is_insert_id(change.name)) {
        previous_.last_insert_id_uncertain = true;
    } else if (is_required(change.name)) {
        return;  // what the server reported was kept
    } else if (is_one_shot(change.name)) {
        take_pin(policy::Pin::setting, &server);
    } else if (!set && (change.name == "names" || server_knows_better(change.name))) {
        if (!charset_reported_) take_pin(policy::Pin::setting, &server);
    } else {
        change_one(server, change);
    }
}

// SET TRANSACTION lasts until a transaction begins, the others until any next statement.
void client_session::end_one_statement(const policy::Verdict& verdict) {
    bool transaction = verdict.needs_context || verdict.transaction != policy::TransactionEffect::none;
    if (until_next_ != policy::Pin::setting || transaction) until_next_ = policy::Pin::none;
}

void client_session::apply_effect(server_session& server, const policy::Verdict& verdict) {
    for (const policy::SettingChange& change : verdict.settings) apply_setting(server, change);
    using policy::TransactionEffect;
    bool in_transaction = (server.status & status::in_transaction) != 0;
    if (verdict.transaction == TransactionEffect::characteristics && !in_transaction)
        until_next_ = policy::Pin::setting;
    if (verdict.transaction == TransactionEffect::savepoint && !server.autocommit()) savepoint_ = true;
    if (verdict.transaction == TransactionEffect::commit ||
        verdict.transaction == TransactionEffect::rollback || server.autocommit())
        savepoint_ = false;
    // SQL_CALC_FOUND_ROWS needs no pin: its number is fetched before the link goes back.
    policy::PinSet kept = verdict.pins - policy::Pin::found_rows;
    if (!kept.empty()) take_pin(kept, &server, verdict.multiple_statements);
    if (!conditions_on_link_) pins_.end(verdict.ends, verdict.ends_one);
}

void client_session::end_execution(server_session& server, const expectation& done, const ok_packet* ok,
                                   outgoing& to_server) {
    std::uint32_t id = done.client_statement;
    std::uint16_t now = ok != nullptr ? ok->status : 0;
    // What went wrong with a piece stays with the server's statement: the next to execute it would fail.
    bool spoilt = ok == nullptr && std::find(long_data_.begin(), long_data_.end(), id) != long_data_.end();
    if (done.kind != reply_kind::rows) std::erase(long_data_, id);
    bool open = done.kind == reply_kind::results
                    ? (now & status::cursor_exists) != 0
                    : done.kind == reply_kind::rows && ok != nullptr && (now & status::last_row_sent) == 0;
    std::erase(cursors_, id);
    if (open) cursors_.push_back(id);
    auto statement = statements_ != nullptr ? statements_->find(id) : statement_map::iterator();
    if (done.kind == reply_kind::results && statements_ != nullptr && statement != statements_->end()) {
        auto* on_server = server.find_statement(*statement->second.statement, id);
        if (on_server != nullptr) on_server->types = ok != nullptr ? statement->second.types : nullptr;
    }
    if (!in_use(id)) server.unhold_statement(id, spoilt, to_server);
}

// Questions of ours, once nothing of the client is outstanding. Those about the last command are asked only
// when the link is about to go back: until then the server can be asked by the client itself.
void client_session::append_questions(server_session& server, outgoing& to_server) {
    bool releasing = (server.status & status::in_transaction) == 0 && !pinned() && !fresh_link_;
    bool mode = std::exchange(mode_uncertain_, false);
    if (releasing || mode) ask_previous(server, releasing, to_server);
    if (!mode) return;
    server.send_query("SELECT @@sql_mode", own_purpose::sql_mode, to_server);
    disturbed_ = true;
}

// False: not the answer to what was asked.
bool client_session::take_answer(server_session& server, own_purpose purpose,
                                 const std::vector<text_row>& rows) {
    if (purpose == own_purpose::diagnostics) {
        previous_.conditions.reset();
        if (!rows.empty()) previous_.conditions = std::make_unique<std::vector<condition>>();
        for (const text_row& row : rows) {
            if (row.size() != 3 || !row[0] || !row[2]) return false;
            auto code = static_cast<std::uint16_t>(to_number(row[1]));
            bool mask = scope() == nullptr || scope()->shared_tables();
            previous_.conditions->push_back({*row[0], code, mask ? masked_message(code, *row[2]) : *row[2]});
        }
        return true;
    }
    if (rows.size() != 1 || rows.front().size() != 1 || !rows.front().front()) return false;
    if (purpose == own_purpose::found_rows) {
        previous_.found_rows = to_number(rows.front().front());
        previous_.found_rows_uncertain = false;
        return true;
    }
    if (purpose == own_purpose::last_insert_id) {
        previous_.last_insert_id = to_number(rows.front().front());
        previous_.last_insert_id_uncertain = false;
        server.last_insert_id = previous_.last_insert_id;
        return true;
    }
    policy::SettingChange change;
    change.name = "sql_mode";
    change.value = "'" + *rows.front().front() + "'";
    change_one(server, change);
    return true;
}

policy::Pin client_session::pin() const {
    if (policy::Pin held = pins_.reason(); held != policy::Pin::none) return held;
    if (!cursors_.empty()) return policy::Pin::cursor;
    if (!long_data_.empty()) return policy::Pin::long_data;
    if (until_next_ != policy::Pin::none) return until_next_;
    return savepoint_ ? policy::Pin::setting : policy::Pin::none;
}

void client_session::take_pin(policy::PinSet causes, server_session* server, bool more) {
    left_behind_ = true;
    pins_.take(causes, more);
    pins_changed(server);
}

void client_session::drop_pin() {
    pins_.clear();
    pins_changed(nullptr);
}

// What is pinned goes away by itself only when its cause ends; a client that leaves before leaves it to a
// reset.
void client_session::pins_changed(server_session* server) {
    policy::Pin now = pin();
    if (server != nullptr) server->needs_full_reset = left_behind_ || now != policy::Pin::none;
    if ((now == policy::Pin::none) == (reported_pin_ == policy::Pin::none)) return;
    reported_pin_ = now;
    if (now == policy::Pin::none) return observer_.on_unpin();
    observer_.on_pin(now);
}

// Everything of the session goes, except its database (COM_RESET_CONNECTION keeps that). A link that is held
// is given back and cleaned by the caller.
void client_session::reset_session() {
    number_ = std::uint64_t{identity_.connection_id} << 32 | services_.next_session++;
    statements_.reset();
    preparing_.reset();
    last_prepared_ = 0;
    settings_ = startup_;
    previous_ = {};
    conditions_on_link_ = mode_uncertain_ = savepoint_ = false;
    cursors_.clear();
    long_data_.clear();
    named_.reset();
    until_next_ = policy::Pin::none;
    multi_statements_ = has(capabilities_, capability::multi_statements);
    last_status_ = status::autocommit;
    bool stays = scope() != nullptr && scope()->session_pooling;
    if (!stays) drop_pin();
}

void client_session::change_identity(session_identity identity) {
    identity_ = std::move(identity);
    database_ = identity_.database;
    reset_session();
    drop_pin();
}

void client_session::finish_set_tenant(outgoing& to_client) {
    outgoing nothing;
    turn t{nullptr, to_client, nothing};
    say_ok(t);
}

void client_session::reject_set_tenant(const client_error& error, outgoing& to_client) {
    outgoing nothing;
    turn t{nullptr, to_client, nothing};
    say_error(t, number_of(error), text_of(error));
}

void client_session::finish_kill(bool found, outgoing& to_client) {
    outgoing nothing;
    turn t{nullptr, to_client, nothing};
    if (found) return say_ok(t);
    say_error(t, {1094, "HY000"}, "Unknown thread id: " + std::to_string(requested_kill_.connection_id));
}

void append_client_error(std::string& out, std::uint8_t sequence, const client_error& error) {
    append_err(out, sequence, number_of(error), text_of(error));
}

}  // namespace fairlead::proxy::mysql
