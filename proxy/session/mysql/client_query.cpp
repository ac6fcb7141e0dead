// Statements as text, and the few that are answered by us.
#include "proxy/session/mysql/client_session.h"
#include "proxy/session/mysql/error_words.h"

#include <charconv>

namespace fairlead::proxy::mysql {

client_session::handled client_session::on_query(turn& t, const whole_command& whole) {
    std::string_view sql = whole.body.substr(1);
    policy::VerdictPtr verdict = check_once(sql, false);
    if (verdict->refused) return refuse(t, verdict->refusal, sql);
    if (verdict->command != policy::SessionCommand::none) return on_session_command(t, whole, sql, verdict);
    switch (answer_previous(t, sql, *verdict)) {
        case previous_answer::answered:
        case previous_answer::refused:
            return handled::yes;
        case previous_answer::wait:
            pending_verdict_ = std::move(verdict);
            t.result = client_next::wait_server;
            return handled::stop;
        default:
            return send_query(t, whole, sql, verdict);
    }
}

client_session::handled client_session::on_session_command(turn& t, const whole_command& whole,
                                                           std::string_view sql,
                                                           const policy::VerdictPtr& verdict) {
    switch (verdict->command) {
        case policy::SessionCommand::set_tenant:
            return ask_tenant(t, *verdict);
        case policy::SessionCommand::use_database:
            return change_database(t, verdict->command_name, whole);
        case policy::SessionCommand::kill_connection:
            return ask_kill(t, verdict->command_name, false);
        case policy::SessionCommand::kill_query:
            return ask_kill(t, verdict->command_name, true);
        case policy::SessionCommand::prepare:
        case policy::SessionCommand::execute:
        case policy::SessionCommand::deallocate:
            return on_text_statement(t, whole, sql, verdict);
        default:
            return say_error(t, errors::not_supported_yet,
                             "fairlead: this statement is not supported through the proxy");
    }
}

client_session::handled client_session::ask_tenant(turn& t, const policy::Verdict& verdict) {
    if (t.server != nullptr && (t.server->status & status::in_transaction) != 0) {
        return say_error(t, {1568, "25001"},
                         "fairlead: SET @fairlead_tenant cannot run inside a transaction");
    }
    requested_tenant_ = verdict.command_name;
    t.result = client_next::set_tenant;
    return handled::yes;
}

client_session::handled client_session::ask_kill(turn& t, std::string_view id, bool query_only) {
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (error != std::errc() || end != id.data() + id.size()) number = 0;  // nobody's
    requested_kill_ = {number, query_only};
    t.result = client_next::kill;
    return handled::yes;
}

// Whether the server that is linked can say itself what the client's last command left.
bool client_session::previous_on_link(const turn& t, policy::Previous asked) const {
    if (t.server == nullptr || fresh_link_ || disturbed_ || insert_id_differs(*t.server)) return false;
    return !has(asked, policy::Previous::diagnostics) || conditions_on_link_;
}

// Fetches what only the server knows of the last command. In this order: a question changes FOUND_ROWS().
bool client_session::ask_previous(server_session& server, bool conditions, outgoing& to_server) {
    std::size_t before = server.expected.size();
    bool insert_id = previous_.last_insert_id_uncertain;
    conditions = conditions && std::exchange(conditions_on_link_, false);
    if (previous_.found_rows_uncertain)
        server.send_query("SELECT FOUND_ROWS()", own_purpose::found_rows, to_server);
    if (conditions) server.send_query("SHOW WARNINGS", own_purpose::diagnostics, to_server);
    if (insert_id) server.send_query("SELECT @@last_insert_id", own_purpose::last_insert_id, to_server);
    disturbed_ = disturbed_ || server.expected.size() > before;
    return server.expected.size() > before;
}

client_session::previous_answer client_session::answer_previous(turn& t, std::string_view sql,
                                                                const policy::Verdict& verdict) {
    using policy::Previous;
    if (verdict.reads_previous == Previous::none) return previous_answer::not_asked;
    bool about_server =
        has(verdict.reads_previous, Previous::row_count) || has(verdict.reads_previous, Previous::found_rows);
    if (auto question = read_question(sql)) {
        if (t.server != nullptr && ask_previous(*t.server, true, t.to_server)) return previous_answer::wait;
        t.to_client.own([&](std::string& out) {
            append_previous_answer(out, next_sequence_, *question, previous_, told_status(t), capabilities_);
        });
        observer_.on_statement();
        disturbed_ = true;
        previous_.row_count = -1;
        if (!question->items.empty()) previous_.found_rows = 1;
        return previous_answer::answered;
    }
    bool conditions = has(verdict.reads_previous, Previous::diagnostics);
    bool masked = conditions && scope()->shared_tables();  // the answer would carry the server's texts
    if ((about_server || conditions) && (masked || !previous_on_link(t, verdict.reads_previous))) {
        refuse(t,
               {.rule = "previous-statement",
                .message = "what the statement before did cannot be asked in this form here",
                .hint = "Ask with SELECT ROW_COUNT(), SELECT FOUND_ROWS() or SHOW WARNINGS alone, or inside "
                        "a transaction."},
               sql);
        return previous_answer::refused;
    }
    return previous_answer::forward;
}

// The server takes several statements in one text, which we use; a client that may not send several must not
// either when nobody has read its text.
bool client_session::runs_alone(const policy::Verdict& verdict) const {
    return verdict.pins.has(policy::Pin::unparsed) && !multi_statements_;
}

// False: something of ours has to be answered first, or the connection ends. `with_state`: the session's
// state cannot ride in front of the text.
bool client_session::ready_link(turn& t, const policy::VerdictPtr& verdict, bool alone, bool with_state) {
    bool waits = !known_state(t) || (with_state && restore_state(t, true));
    if (!waits && t.server->multi_statements == alone) {
        t.server->send_multi_statements(!alone, own_purpose::settings, t.to_server);
        t.result = client_next::wait_server;
        waits = true;
    }
    if (waits) pending_verdict_ = verdict;
    return !waits;
}

client_session::handled client_session::send_query(turn& t, const whole_command& whole, std::string_view sql,
                                                   const policy::VerdictPtr& verdict) {
    if (t.server == nullptr) return need_link(t, verdict);
    bool alone = runs_alone(*verdict);
    if (!ready_link(t, verdict, alone, alone)) return handled::stop;
    restore_insert_id(t, *verdict);
    std::string& text = services_.text;
    text.assign(1, static_cast<char>(command::query));
    std::size_t own = alone ? 0 : append_state(*t.server, true, text);
    if (own > 0) text.push_back(';');
    std::uint8_t packets = next_sequence_;
    if (own == 0 && verdict->splices.empty()) {
        t.to_server.slice(whole.message);
    } else {
        if (verdict->splices.empty()) {
            text.append(sql);
        } else if (!services_.judge.render(*verdict, speaker(false), identity_.connection_id, sql, text)) {
            return say_error(t, errors::not_supported_yet,
                             "fairlead: the statement could not be rewritten [rule render]");
        }
        packets = 0;
        t.to_server.own([&](std::string& out) { append_message(out, packets, text); });
    }
    if (own > 0) state_sent(*t.server, true);
    text_statement_sent(*t.server, sql, verdict);
    note_hidden_code(*t.server, *verdict);
    observer_.on_statement();
    expectation& added = t.server->expect(reply_kind::results);
    added.own_results = static_cast<std::uint8_t>(own);
    added.client_sequence = next_sequence_;
    added.verdict = verdict;
    return handled::yes;
}

// A statement too long to be read, on a server of the tenant's own: passes by as it comes.
client_session::handled client_session::send_unread(turn& t, const packet_header& header, Bytes available) {
    policy::VerdictPtr verdict = pass_unread();
    pending_verdict_.reset();
    if (t.server == nullptr) return need_link(t);
    bool waits = !ready_link(t, verdict, runs_alone(*verdict), true);
    pending_verdict_.reset();  // it is made anew
    if (waits) return handled::stop;
    restore_insert_id(t, *verdict);
    observer_.on_statement();
    expectation& added = t.server->expect(reply_kind::results);
    added.verdict = std::move(verdict);
    return start_body(t, header, 0, available, body_mode::forward);
}

}  // namespace fairlead::proxy::mysql
