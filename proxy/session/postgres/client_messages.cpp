// The client's side of a session: which message, in which state, and the simple protocol.
#include "proxy/session/postgres/client_session.h"

#include <algorithm>

namespace fairlead::proxy::postgres {
namespace {

// Names of statements and portals; the server cuts them at 63 bytes, so this is generous.
constexpr std::size_t max_name_message = 64 << 10;

bool needs_whole_message(char type) {
    switch (type) {
        case 'Q':
        case 'P':
        case 'D':
        case 'E':
        case 'C':
        case 'S':
        case 'H':
        case 'X':
            return true;
        default:
            return false;
    }
}

bool is_copy(char type) {
    return type == 'd' || type == 'c' || type == 'f';
}

}  // namespace

client_session::client_session(session_services& services, session_identity identity,
                               session_observer& observer, settings_ptr startup_settings)
    : services_(services),
      observer_(observer),
      identity_(std::move(identity)),
      startup_(std::move(startup_settings)),
      settings_(startup_),
      committed_(startup_) {}

client_step client_session::on_client(Bytes input, server_session* server, outgoing& to_client,
                                      outgoing& to_server) {
    turn t{server, to_client, to_server};
    std::size_t consumed = 0;
    while (consumed < input.size()) {
        Bytes available = input.subspan(consumed);
        if (body_remaining_ > 0) {
            consumed += continue_body(t, available);
            continue;
        }
        FrameHeader header;
        Decode decoded = read_header(available, header);
        if (decoded == Decode::need_more) break;
        if (decoded == Decode::malformed) {
            violation(t, "invalid message length");
            return {t.result, consumed};
        }
        if (must_wait(t, header.type)) return {client_next::wait_server, consumed};
        if (handle(t, header, available) != handled::yes) return {t.result, consumed};
        consumed += std::min(available.size(), header.total());
        if (t.result != client_next::read_more) return {t.result, consumed};
    }
    return {client_next::read_more, consumed};
}

bool client_session::must_wait(const turn& t, char type) const {
    if (t.server == nullptr || type == 'X') return false;
    if (t.server->simple_query) return !t.server->copy_in;
    // Not before the Sync: until then the server may keep its answers to itself.
    return wait_for_idle_ && !t.server->expected.empty() && !t.server->sent_since_sync;
}

std::size_t client_session::continue_body(turn& t, Bytes input) {
    auto take = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), body_remaining_));
    if (body_mode_ == body_mode::forward && t.server != nullptr) t.to_server.slice(input.first(take));
    body_remaining_ -= take;
    return take;
}

client_session::handled client_session::start_body(turn& t, const FrameHeader& header, Bytes available,
                                                   body_mode mode) {
    std::size_t take = std::min(available.size(), header.total());
    if (mode == body_mode::forward) t.to_server.slice(available.first(take));
    body_remaining_ = header.total() - take;
    body_mode_ = mode;
    return handled::yes;
}

// Before the first message of a new segment: are the settings on this server the client's?
bool client_session::restore_settings(turn& t) {
    if (t.server == nullptr || !t.server->expected.empty() || t.server->sent_since_sync) return false;
    wait_for_idle_ = false;
    if (t.server->status == 'E' || !settings_differ(*t.server)) return false;
    send_settings(*t.server, t.to_server);
    return true;
}

client_session::handled client_session::handle(turn& t, const FrameHeader& header, Bytes available) {
    if (skip_until_sync_ && header.type != 'S' && header.type != 'X') {
        return start_body(t, header, available, body_mode::discard);
    }
    if (scope() == nullptr && header.type != 'X') {
        append_error_to(t, {.severity = "FATAL",
                            .sqlstate = "57P03",
                            .message = "this placement is not being served any more",
                            .hint = "Look at the proxy's log and at /readyz."});
        t.result = client_next::close;
        return handled::stop;
    }
    // While it takes CopyData the server ignores Sync and Flush, and anything else is the end of the
    // connection.
    if (t.server != nullptr && t.server->copy_in && header.type != 'X' && !is_copy(header.type)) {
        bool ignored = header.type == 'S' || header.type == 'H';
        if (!ignored) return violation(t, "unexpected message type during COPY from stdin");
        return start_body(t, header, available, body_mode::discard);
    }
    if (header.type != 'X' && restore_settings(t)) {
        t.result = client_next::wait_server;
        return handled::stop;
    }
    if (needs_whole_message(header.type)) {
        bool text = header.type == 'Q' || header.type == 'P';
        if (text && header.body_length > services_.max_statement_bytes)
            return refuse_long(t, header, available);
        if (!text && header.body_length > max_name_message) return violation(t, "message too long");
        if (available.size() < header.total()) return handled::stop;
        return on_complete(t, header, available.first(header.total()));
    }
    switch (header.type) {
        case 'B':
            return on_bind(t, header, available);
        case 'd':
        case 'c':
        case 'f':
            return on_copy(t, header, available);
        case 'F':
            return on_function_call(t, header, available);
        default:
            return violation(t, "invalid frontend message type");
    }
}

client_session::handled client_session::on_complete(turn& t, const FrameHeader& header, Bytes message) {
    switch (header.type) {
        case 'Q':
            return on_query(t, message);
        case 'P':
            return on_parse(t, message);
        case 'D':
            return on_describe(t, message);
        case 'E':
            return on_execute(t, message);
        case 'C':
            return on_close(t, message);
        case 'S':
            return on_sync(t, message);
        case 'H':
            if (t.server != nullptr) t.to_server.slice(message);
            return handled::yes;
        default:
            t.result = client_next::close;
            return handled::yes;
    }
}

client_session::handled client_session::need_link(turn& t, policy::VerdictPtr verdict) {
    pending_verdict_ = std::move(verdict);
    pending_scope_ = scope();
    t.result = client_next::need_link;
    return handled::stop;
}

client_session::handled client_session::violation(turn& t, std::string_view what) {
    append_error_to(t, {.severity = "FATAL", .sqlstate = "08P01", .message = what});
    t.result = client_next::close;
    return handled::stop;
}

std::size_t client_session::fail_waiting(Bytes input, const ErrorFields& error, outgoing& to_client) {
    pending_verdict_.reset();
    FrameHeader header;
    if (read_header(input, header) != Decode::ok) return 0;
    bool simple = header.type == 'Q' || header.type == 'F';
    to_client.own([&](std::string& out) {
        append_error(out, error);
        if (simple) append_ready_for_query(out, 'I');
    });
    if (!simple) {
        skip_until_sync_ = true;
        return 0;
    }
    std::size_t here = std::min(input.size(), header.total());
    body_remaining_ = header.total() - here;
    body_mode_ = body_mode::discard;
    return here;
}

void client_session::append_error_to(turn& t, const ErrorFields& error) {
    observer_.on_error(error.sqlstate, false);
    t.to_client.own([&](std::string& out) { append_error(out, error); });
}

client_session::handled client_session::on_query(turn& t, Bytes message) {
    ByteReader reader(message.subspan(header_size));
    auto sql = reader.cstring();
    if (!sql || !reader.at_end()) return violation(t, "invalid message format");
    policy::VerdictPtr verdict = check_once(*sql);
    if (verdict->refused) {
        observer_.on_refusal(verdict->refusal, *sql);
        return refuse_query(t, refusal_fields(verdict->refusal));
    }
    if (verdict->command != policy::SessionCommand::none) return on_session_query(t, message, *sql, verdict);
    if (t.server == nullptr) return need_link(t, std::move(verdict));
    if (verdict->needs_context) ensure_context(t);
    t.to_server.slice(message);
    start_simple_query(t, effect_of(verdict));
    return handled::yes;
}

void client_session::start_simple_query(turn& t, std::shared_ptr<const reply_effect> effect) {
    observer_.on_statement();
    t.server->expect(reply_kind::query, own_purpose::none, std::move(effect));
    t.server->simple_query = true;
    t.server->sent_since_sync = false;
    t.server->unnamed_owner = t.server->unnamed_sent =
        0;  // a simple Query drops the server's unnamed statement
    unnamed_.reset();
    covered_ = false;
}

client_session::handled client_session::on_session_query(turn& t, Bytes, std::string_view sql,
                                                         const policy::VerdictPtr& verdict) {
    if (t.server != nullptr && !t.server->expected.empty()) {
        if (t.server->sent_since_sync) t.to_server.own([](std::string& out) { append_empty(out, 'H'); });
        t.result = client_next::wait_server;  // answered by us: everything before it must have been answered
        return handled::stop;
    }
    if (t.server != nullptr && t.server->status == 'E') {
        return refuse_query(t, {.sqlstate = "25P02",
                                .message = "current transaction is aborted, commands ignored until end of "
                                           "transaction block"});
    }
    switch (verdict->command) {
        case policy::SessionCommand::deallocate:
        case policy::SessionCommand::deallocate_all:
            return on_deallocate(t, *verdict);
        case policy::SessionCommand::discard_all:
            return on_discard_all(t, verdict);
        case policy::SessionCommand::prepare:
            return on_sql_prepare(t, sql, verdict);
        case policy::SessionCommand::execute:
            return on_sql_execute(t, sql, verdict);
        default:
            break;
    }
    if (t.server != nullptr && t.server->status != 'I') {
        return refuse_query(
            t, {.sqlstate = "25001", .message = "SET fairlead.tenant cannot run inside a transaction"});
    }
    requested_tenant_ = verdict->command_name;
    set_tenant_simple_ = true;
    t.result = client_next::set_tenant;
    return handled::yes;
}

client_session::handled client_session::on_deallocate(turn& t, const policy::Verdict& verdict) {
    bool all = verdict.command == policy::SessionCommand::deallocate_all;
    if (!all && find_statement(verdict.command_name) == nullptr) {
        return refuse_query(
            t, {.sqlstate = "26000",
                .message = "prepared statement \"" + verdict.command_name + "\" does not exist"});
    }
    apply_session_command(verdict);
    t.to_client.own([&](std::string& out) {
        append_command_complete(out, all ? "DEALLOCATE ALL" : "DEALLOCATE");
        append_ready_for_query(out, t.server != nullptr ? t.server->status : 'I');
    });
    return handled::yes;
}

client_session::handled client_session::on_discard_all(turn& t, const policy::VerdictPtr& verdict) {
    if (t.server != nullptr && t.server->status != 'I') {
        return refuse_query(
            t, {.sqlstate = "25001", .message = "DISCARD ALL cannot run inside a transaction block"});
    }
    apply_session_command(*verdict);
    t.to_client.own([&](std::string& out) {
        append_command_complete(out, "DISCARD ALL");
        append_ready_for_query(out, 'I');
    });
    return handled::yes;
}

client_session::handled client_session::on_sql_prepare(turn& t, std::string_view sql,
                                                       const policy::VerdictPtr& verdict) {
    if (find_statement(verdict->command_name) != nullptr) {
        return refuse_query(
            t, {.sqlstate = "42P05",
                .message = "prepared statement \"" + verdict->command_name + "\" already exists"});
    }
    if (statement_count() >= services_.max_client_statements) return refuse_query(t, too_many_statements());
    if (t.server == nullptr) return need_link(t);
    statement_ptr statement = services_.statements.sql_prepared(
        identity_.plan_scope, sql.substr(0, verdict->name_begin), sql.substr(verdict->name_end));
    remember(verdict->command_name, {statement, verdict, identity_.slot->current, true});
    if (t.server->prepared.use(*statement)) {
        t.to_client.own([&](std::string& out) {
            append_command_complete(out, "PREPARE");
            append_ready_for_query(out, t.server->status);
        });
        return handled::yes;
    }
    ensure_context(t);
    make_room(t);
    t.server->prepared.add(statement);
    t.to_server.own([&](std::string& out) { append_query(out, statement->text); });
    auto effect = std::make_shared<reply_effect>();
    effect->statement = statement;
    effect->client_name = verdict->command_name;
    start_simple_query(t, std::move(effect));
    return handled::yes;
}

client_session::handled client_session::on_sql_execute(turn& t, std::string_view sql,
                                                       const policy::VerdictPtr& verdict) {
    client_statement* known = find_statement(verdict->command_name);
    if (known == nullptr || known->statement == nullptr) {
        return refuse_query(
            t, {.sqlstate = "26000",
                .message = "prepared statement \"" + verdict->command_name + "\" does not exist"});
    }
    if (!recheck(*known)) return refuse_query(t, refusal_fields(known->verdict->refusal));
    if (t.server == nullptr) return need_link(t);
    ensure_prepared(t, known->statement);
    ensure_context(t);
    std::string text(sql.substr(0, verdict->name_begin));
    text.append(known->statement->server_name).append(sql.substr(verdict->name_end));
    t.to_server.own([&](std::string& out) { append_query(out, text); });
    start_simple_query(t, effect_of(verdict));
    return handled::yes;
}

client_session::handled client_session::on_sync(turn& t, Bytes message) {
    skip_until_sync_ = false;
    bool untouched = t.server == nullptr || (t.server->expected.empty() && !t.server->sent_since_sync);
    if (untouched) {
        t.to_client.own([&](std::string& out) {
            append_ready_for_query(out, t.server != nullptr ? t.server->status : 'I');
        });
        return handled::yes;
    }
    t.to_server.slice(message);
    t.server->sent_since_sync = false;
    t.server->unnamed_sent = 0;
    // While the server takes CopyData it ignores Sync, so no ReadyForQuery answers this one.
    if (!t.server->copy_in) t.server->expect(reply_kind::sync);
    covered_ = false;
    return handled::yes;
}

client_session::handled client_session::on_copy(turn& t, const FrameHeader& header, Bytes available) {
    // After an error the server has left copy mode while the client still sends: such messages are ignored,
    // as the server itself would do.
    if (t.server == nullptr || !t.server->copy_in)
        return start_body(t, header, available, body_mode::discard);
    if (header.type != 'd') t.server->copy_in = false;
    return start_body(t, header, available, body_mode::forward);
}

client_session::handled client_session::on_function_call(turn& t, const FrameHeader& header,
                                                         Bytes available) {
    bool own_server = scope()->guard.model == config::Model::silo;
    if (!own_server) {
        policy::Refusal refusal{.rule = "function-call",
                                .message =
                                    "the FunctionCall message is refused: it names functions by number, past "
                                    "every rule",
                                .hint = "Call the function in a SELECT.",
                                .sqlstate = "0A000"};
        observer_.on_refusal(refusal, {});
        refuse_query(t, refusal_fields(refusal));
        return start_body(t, header, available, body_mode::discard);
    }
    if (t.server == nullptr) return need_link(t);
    start_body(t, header, available, body_mode::forward);
    start_simple_query(t, nullptr);
    return handled::yes;
}

// The answer to a simple Query that is not sent. In a transaction it has to abort it, as any error would.
client_session::handled client_session::refuse_query(turn& t, const ErrorFields& error) {
    bool in_block =
        t.server != nullptr && (t.server->status == 'T' || !t.server->idle()) && t.server->status != 'E';
    observer_.on_error(error.sqlstate, false);
    if (!in_block) {
        t.to_client.own([&](std::string& out) {
            append_error(out, error);
            append_ready_for_query(out, t.server != nullptr ? t.server->status : 'I');
        });
        return handled::yes;
    }
    send_poison(t, error);
    t.to_server.own([](std::string& out) { append_sync(out); });
    t.server->sent_since_sync = false;
    t.server->unnamed_sent = 0;
    t.server->expect(reply_kind::sync);
    t.server->simple_query = true;
    covered_ = false;
    return handled::yes;
}

// Longer than the guard reads. On the client's own server it may pass unread; anywhere else it is refused.
client_session::handled client_session::refuse_long(turn& t, const FrameHeader& header, Bytes available) {
    if (scope()->passes_unread() && header.type == 'Q') {
        if (t.server == nullptr) return need_link(t);
        take_pin(policy::Pin::unparsed, t.server);
        start_body(t, header, available, body_mode::forward);
        start_simple_query(t, nullptr);
        return handled::yes;
    }
    std::string text =
        "statement of " + std::to_string(header.body_length) + " bytes is longer than the guard reads";
    policy::Refusal refusal{
        .rule = "statement-length",
        .message = text,
        .hint = "Use bind parameters for large values, or raise proxy.max_statement_bytes (" +
                std::to_string(services_.max_statement_bytes) + ").",
        .sqlstate = "54000"};
    observer_.on_refusal(refusal, {});
    if (header.type == 'Q') {
        refuse_query(t, refusal_fields(refusal));
    } else {
        refuse_extended(t, refusal_fields(refusal));
    }
    return start_body(t, header, available, body_mode::discard);
}

}  // namespace fairlead::proxy::postgres
