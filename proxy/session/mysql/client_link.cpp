// What a session puts on its link besides the client's own commands: its state, and what it needs to know.
#include "proxy/session/mysql/client_session.h"
#include "proxy/session/mysql/error_words.h"
#include "proxy/session/mysql/session_settings.h"

#include <algorithm>

namespace fairlead::proxy::mysql {
namespace {

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

settings_ptr with_utf8(const settings_ptr& settings) {
    policy::SettingChange change;
    change.name = "names";
    change.value = "utf8mb4";
    return apply_mysql_change(settings, change, settings);
}

policy::VerdictPtr refuse_mode() {
    auto verdict = std::make_shared<policy::Verdict>();
    verdict->refused = true;
    verdict->refusal = {.rule = "sql-mode",
                        .message = "texts cannot be read safely under this sql_mode or character set",
                        .hint = "SET sql_mode or SET NAMES to one that is supported."};
    return verdict;
}

}  // namespace

policy::mysql::Speaker client_session::speaker(bool prepared) {
    if (mode_of_ != settings_ || mode_scope_ != scope()) {
        mode_of_ = settings_;
        mode_scope_ = scope();
        mode_ = lex_mode_of(*settings_, scope()->guard.server, scope()->guard.server_version);
    }
    policy::mysql::Speaker speaker;
    speaker.tenant = identity_.tenant;
    speaker.database = database_;
    speaker.exposed = identity_.exposed;
    if (mode_) speaker.mode = *mode_;
    speaker.multi_statements = multi_statements_ && !prepared;
    speaker.prepared = prepared;
    return speaker;
}

policy::VerdictPtr client_session::check(std::string_view sql, bool prepared) {
    policy::mysql::Speaker who = speaker(prepared);
    if (mode_) return services_.judge.check(scope()->guard, who, sql);
    // `SET sql_mode = ...` must get through, or nothing would ever again: the default mode reads it the same,
    // and whatever else is read wrongly is refused.
    policy::VerdictPtr verdict = services_.judge.check(scope()->guard, who, sql);
    bool only_sets = !verdict->refused && !verdict->settings.empty() && !verdict->multiple_statements &&
                     !verdict->needs_context && sql.find_first_of("\"'`\\") == std::string_view::npos;
    if (only_sets) return verdict;
    return scope()->own_server() ? pass_unread() : refuse_mode();
}

// A command that waits is read again when it may go on; its verdict need not be looked up twice.
policy::VerdictPtr client_session::check_once(std::string_view sql, bool prepared) {
    if (pending_verdict_ != nullptr && pending_scope_ == scope())
        return std::exchange(pending_verdict_, nullptr);
    pending_verdict_.reset();
    pending_scope_ = scope();
    return check(sql, prepared);
}

client_session::handled client_session::need_link(turn& t, policy::VerdictPtr verdict) {
    pending_verdict_ = std::move(verdict);
    pending_scope_ = scope();
    t.result = client_next::need_link;
    return handled::stop;
}

void client_session::on_linked(server_session& server, outgoing&) {
    fresh_link_ = true;
    disturbed_ = conditions_on_link_ = left_behind_ = savepoint_ = false;
    named_.reset();
    server.reply = {};
    bool others = server.hidden_code_of != 0 && server.hidden_code_of != number_;
    if (others) server.applied.reset();  // known again after a reset, which the first command waits for
    if (scope() != nullptr && scope()->session_pooling) take_pin(policy::Pin::session_pooling, &server);
}

void client_session::on_unlinked() {
    cursors_.clear();
    long_data_.clear();
    named_.reset();
    until_next_ = policy::Pin::none;
    savepoint_ = conditions_on_link_ = false;
    prepare_failed_.reset();
    restore_failed_.reset();

    drop_pin();
}

// False: the state on the server is not known and is being found out, or cannot be.
bool client_session::known_state(turn& t) {
    if (t.server->applied.has_value()) return true;
    if (!fresh_link_) {  // a reset would take the client's transaction with it
        violation(t, errors::unknown_error,
                  "fairlead: the session's state on the server is not known any more");
        return false;
    }
    t.server->start_full_reset(t.to_server);
    t.result = client_next::wait_server;
    return false;
}

// Statements that bring the server to this client's state, joined by semicolons. Sent in one text with the
// client's, so that the server stops at the first that fails and the client's never runs on another's state.
std::size_t client_session::append_state(const server_session& server, bool with_database,
                                         std::string& sql) const {
    std::size_t count = 0;
    auto next = [&] {
        if (count++ > 0) sql.push_back(';');
    };
    settings_ptr from = *server.applied;
    if (with_database && server.database != database_) {
        const std::string* set = find_setting(*from, "character_set_client");
        if (!is_ascii(database_) && (set == nullptr || *set != "utf8mb4")) {
            next();
            sql.append("SET NAMES utf8mb4");  // the name is ours, and so in UTF-8
            from = with_utf8(from);
        }
        next();
        sql.append("USE `");
        for (char c : database_) sql.append(c == '`' ? 2 : 1, c);
        sql.push_back('`');
    }
    if (!same_settings(from, settings_)) {
        std::string set;
        append_set(set, *from, *settings_);
        if (!set.empty()) next();
        sql.append(set);
    }
    return count;
}

void client_session::note_hidden_code(server_session& server, const policy::Verdict& verdict) const {
    if (scope()->hidden_code.may_run(verdict)) server.hidden_code_of = number_;
}

void client_session::state_sent(server_session& server, bool with_database) {
    if (with_database) server.database = database_;
    server.applied = settings_;
}

// For commands that cannot carry it. True: it was sent, the command waits for the answer.
bool client_session::restore_state(turn& t, bool with_database) {
    std::string& sql = services_.text;
    sql.clear();
    std::size_t count = append_state(*t.server, with_database, sql);
    if (count == 0) return false;
    if (!t.server->multi_statements)
        t.server->send_multi_statements(true, own_purpose::settings, t.to_server);
    t.server->send_query(sql, own_purpose::settings, t.to_server);
    state_sent(*t.server, with_database);
    t.result = client_next::wait_server;
    return true;
}

bool client_session::insert_id_differs(const server_session& server) const {
    return !previous_.last_insert_id_uncertain && server.last_insert_id != previous_.last_insert_id;
}

// In front of what reads it, and of what may change it: afterwards the server is asked for it, and must not
// say what another client left. Nothing of the client's depends on how it ends, so nothing waits.
void client_session::restore_insert_id(turn& t, const policy::Verdict& verdict) {
    bool matters = has(verdict.reads_previous, policy::Previous::last_insert_id) || verdict.inserts;
    if (!matters || !insert_id_differs(*t.server)) return;
    t.server->send_query("SET @@session.last_insert_id=" + std::to_string(previous_.last_insert_id),
                         own_purpose::insert_id, t.to_server);
    t.server->last_insert_id = previous_.last_insert_id;
}

// Whatever else the plan and the meaning of a prepared text depend on.
std::string client_session::plan_scope() const {
    std::string key = scope()->name;
    key.append(1, '\n').append(database_);
    for (std::string_view name :
         {"character_set_client", "character_set_connection", "collation_connection", "sql_mode"}) {
        const std::string* value = find_setting(*settings_, name);
        key.append(1, '\n').append(value != nullptr ? *value : std::string());
    }
    return key;
}

}  // namespace fairlead::proxy::mysql
