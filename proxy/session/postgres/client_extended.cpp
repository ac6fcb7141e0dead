// The client's side of a session: Parse, Bind, Describe, Execute, Close.
#include "proxy/session/postgres/client_session.h"

#include <algorithm>

namespace fairlead::proxy::postgres {
namespace {

bool answered_by_us(policy::SessionCommand command) {
    using enum policy::SessionCommand;
    return command == deallocate || command == deallocate_all || command == discard_all ||
           command == set_tenant;
}

std::string empty_message(char type) {
    std::string out;
    append_empty(out, type);
    return out;
}

std::string_view command_tag(policy::SessionCommand command) {
    using enum policy::SessionCommand;
    switch (command) {
        case deallocate:
            return "DEALLOCATE";
        case deallocate_all:
            return "DEALLOCATE ALL";
        case discard_all:
            return "DISCARD ALL";
        default:
            return "SET";
    }
}

std::string missing_statement(std::string_view name) {
    return name.empty() ? "unnamed prepared statement does not exist"
                        : "prepared statement \"" + std::string(name) + "\" does not exist";
}

std::string missing_portal(std::string_view name) {
    return "portal \"" + std::string(name) + "\" does not exist";
}

}  // namespace

client_session::handled client_session::on_parse(turn& t, Bytes message) {
    ByteReader reader(message.subspan(header_size));
    auto name = reader.cstring();
    auto sql = reader.cstring();
    std::string_view types = as_text(reader.rest());
    auto count = reader.u16();
    if (!name || !sql || !count || reader.rest().size() != 4u * *count)
        return violation(t, "invalid message format");

    policy::VerdictPtr verdict = check_once(*sql);
    if (verdict->refused) {
        observer_.on_refusal(verdict->refusal, *sql);
        return refuse_extended(t, refusal_fields(verdict->refusal));
    }
    using enum policy::SessionCommand;
    if (verdict->command == prepare || verdict->command == execute) {
        return refuse_extended(
            t, {.sqlstate = "0A000",
                .message = "PREPARE and EXECUTE as SQL text are not taken in the extended protocol",
                .hint = "Send them as a simple query, or prepare with the protocol's Parse."});
    }
    if (!name->empty()) {
        if (find_statement(*name) != nullptr) {
            return refuse_extended(
                t, {.sqlstate = "42P05",
                    .message = "prepared statement \"" + std::string(*name) + "\" already exists"});
        }
        if (statement_count() >= services_.max_client_statements)
            return refuse_extended(t, too_many_statements());
    }
    if (answered_by_us(verdict->command)) {
        if (name->empty()) {
            keep_unnamed(message, verdict, true);
        } else {
            remember(std::string(*name), {nullptr, verdict, identity_.slot->current, false});
        }
        say(t, empty_message('1'));
        return handled::yes;
    }
    return name->empty() ? parse_unnamed(t, message, verdict) : parse_named(t, *name, *sql, types, verdict);
}

client_session::handled client_session::parse_unnamed(turn& t, Bytes message,
                                                      const policy::VerdictPtr& verdict) {
    if (t.server == nullptr) return need_link(t, verdict);
    if (scope()->context_before_parse()) ensure_context(t);
    keep_unnamed(message, verdict, false);
    t.to_server.slice(message);
    t.server->expect_unnamed(unnamed_->serial, own_purpose::none);
    t.server->sent_since_sync = true;
    return handled::yes;
}

// A text that this server has, or that any server has taken before, is answered by us: the second saves a
// client that prepares its statements at the start from waiting for a link that it does not need yet.
client_session::handled client_session::parse_named(turn& t, std::string_view name, std::string_view sql,
                                                    std::string_view types,
                                                    const policy::VerdictPtr& verdict) {
    statement_ptr statement = services_.statements.parsed(identity_.plan_scope, sql, types);
    bool known = t.server != nullptr ? t.server->prepared.use(*statement) : statement->confirmed.load();
    if (!known && t.server == nullptr) return need_link(t, verdict);
    remember(std::string(name), {statement, verdict, identity_.slot->current, false});
    if (known) {
        say(t, empty_message('1'));
        return handled::yes;
    }
    if (scope()->context_before_parse()) ensure_context(t);
    make_room(t);
    t.server->prepared.add(statement);
    send_parse(t, *statement);
    auto effect = std::make_shared<reply_effect>();
    effect->statement = statement;
    effect->client_name = name;
    t.server->expect(reply_kind::parse, own_purpose::none, std::move(effect));
    t.server->sent_since_sync = true;
    return handled::yes;
}

// Only the two names at its front are read; the parameters stream through, however long they are.
client_session::handled client_session::on_bind(turn& t, const FrameHeader& header, Bytes available) {
    constexpr std::size_t longest_names = 16 << 10;
    Bytes body = available.subspan(header_size);
    body = body.first(std::min<std::size_t>(body.size(), header.body_length));
    ByteReader reader(body);
    auto portal_name = reader.cstring();
    auto statement_name = reader.cstring();
    if (!statement_name) {
        bool more_may_come = body.size() < header.body_length && body.size() < longest_names;
        return more_may_come ? handled::stop : violation(t, "invalid message format");
    }
    std::size_t names = portal_name->size() + statement_name->size() + 2;

    policy::VerdictPtr verdict;
    statement_ptr statement;
    bool local = false;
    if (!resolve_statement(t, *statement_name, verdict, statement, local)) {
        return start_body(t, header, available, body_mode::discard);  // refused; skipped until Sync
    }
    if (local) {
        note_portal(*portal_name, verdict, true);
        say(t, empty_message('2'));
        return start_body(t, header, available, body_mode::discard);
    }
    if (t.server == nullptr) return need_link(t);
    if (statement != nullptr) {
        ensure_prepared(t, statement);
    } else {
        ensure_unnamed(t);
    }
    if (verdict->needs_context) ensure_context(t);
    if (portal_name->empty()) {
        unnamed_portal_needs_context_ = verdict->needs_context;
        unnamed_portal_is_ours_ = false;
    }
    note_portal(*portal_name, verdict, false);
    t.server->expect(reply_kind::bind);
    t.server->sent_since_sync = true;
    if (statement == nullptr) return start_body(t, header, available, body_mode::forward);

    t.to_server.own([&](std::string& out) {
        ByteWriter writer(out);
        writer.u8('B');
        writer.u32(static_cast<std::uint32_t>(4 + header.body_length - statement_name->size() +
                                              statement->server_name.size()));
        writer.cstring(*portal_name);
        writer.cstring(statement->server_name);
    });
    t.to_server.slice(body.subspan(names));
    body_remaining_ = header.body_length - body.size();
    body_mode_ = body_mode::forward;
    return handled::yes;
}

// Which statement a Bind or Describe means. False: it was refused. `statement` null and not `local`: the
// unnamed one.
bool client_session::resolve_statement(turn& t, std::string_view name, policy::VerdictPtr& verdict,
                                       statement_ptr& statement, bool& local) {
    if (name.empty() && unnamed_ != nullptr) {
        if (!unnamed_->local && unnamed_->scope != identity_.slot->current) {
            ByteReader reader(as_bytes(unnamed_->message).subspan(header_size));
            reader.cstring();
            unnamed_->verdict = check(*reader.cstring());
            unnamed_->scope = identity_.slot->current;
        }
        verdict = unnamed_->verdict;
        local = unnamed_->local;
    } else if (client_statement* known = name.empty() ? nullptr : find_statement(name)) {
        recheck(*known);
        verdict = known->verdict;
        statement = known->statement;
        local = known->statement == nullptr;
    } else {
        refuse_extended(t, {.sqlstate = "26000", .message = missing_statement(name)});
        return false;
    }
    if (verdict->refused) {
        observer_.on_refusal(verdict->refusal, {});
        refuse_extended(t, refusal_fields(verdict->refusal));
        return false;
    }
    return true;
}

client_session::handled client_session::on_describe(turn& t, Bytes message) {
    ByteReader reader(message.subspan(header_size));
    auto kind = reader.u8();
    auto name = reader.cstring();
    if (!name || !reader.at_end() || (*kind != 'S' && *kind != 'P'))
        return violation(t, "invalid message format");
    if (*kind == 'P') return describe_portal(t, *name, message);

    policy::VerdictPtr verdict;
    statement_ptr statement;
    bool local = false;
    if (!resolve_statement(t, *name, verdict, statement, local)) return handled::yes;
    if (local) {
        std::string bytes;
        ByteWriter writer(bytes);
        writer.u8('t');
        writer.u32(6);
        writer.u16(0);
        append_empty(bytes, 'n');
        say(t, std::move(bytes));
        return handled::yes;
    }
    if (t.server == nullptr) return need_link(t);
    if (scope()->context_before_parse()) ensure_context(t);
    if (statement == nullptr) {
        ensure_unnamed(t);
        t.to_server.slice(message);
    } else {
        ensure_prepared(t, statement);
        t.to_server.own([&](std::string& out) {
            ByteWriter writer(out);
            writer.u8('D');
            writer.u32(static_cast<std::uint32_t>(6 + statement->server_name.size()));
            writer.u8('S');
            writer.cstring(statement->server_name);
        });
    }
    t.server->expect(reply_kind::describe);
    t.server->sent_since_sync = true;
    return handled::yes;
}

client_session::handled client_session::describe_portal(turn& t, std::string_view name, Bytes message) {
    const portal* known = find_portal(name);
    if (known != nullptr && known->local) {
        say(t, empty_message('n'));
        return handled::yes;
    }
    if (t.server == nullptr || (name.empty() && unnamed_portal_is_ours_))
        return refuse_extended(t, {.sqlstate = "34000", .message = missing_portal(name)});
    t.to_server.slice(message);
    t.server->expect(reply_kind::describe);
    t.server->sent_since_sync = true;
    return handled::yes;
}

client_session::handled client_session::on_execute(turn& t, Bytes message) {
    ByteReader reader(message.subspan(header_size));
    auto name = reader.cstring();
    auto rows = reader.u32();
    if (!name || !rows || !reader.at_end()) return violation(t, "invalid message format");
    const portal* known = find_portal(*name);
    if (known != nullptr && known->local) return execute_local(t, known->verdict);
    if (t.server == nullptr || (name->empty() && unnamed_portal_is_ours_))
        return refuse_extended(t, {.sqlstate = "34000", .message = missing_portal(*name)});
    policy::VerdictPtr verdict = known != nullptr ? known->verdict : nullptr;
    // The context came with its Bind, but something that ran since (RESET ALL, COMMIT) may have taken it
    // away. Ours is bound to the unnamed portal, and so takes the place of the client's.
    bool named = !name->empty();
    bool needs_context = verdict != nullptr ? verdict->needs_context : named || unnamed_portal_needs_context_;
    if (needs_context && lacks_context(*t.server)) {
        if (!named) return refuse_extended(t, {.sqlstate = "34000", .message = missing_portal(*name)});
        ensure_context(t);
    }
    t.to_server.slice(message);
    t.server->expect(reply_kind::execute, own_purpose::none,
                     verdict != nullptr ? effect_of(verdict) : nullptr);
    t.server->sent_since_sync = true;
    observer_.on_statement();
    if (verdict != nullptr) {
        if (verdict->transaction != policy::TransactionEffect::none) covered_ = false;
        if (!verdict->settings.empty()) {
            wait_for_idle_ = true;
            covered_ = false;  // RESET ALL takes the context away too
        }
    }
    return handled::yes;
}

client_session::handled client_session::execute_local(turn& t, const policy::VerdictPtr& verdict) {
    bool in_block = t.server != nullptr && t.server->status != 'I';
    if (in_block && (verdict->command == policy::SessionCommand::discard_all ||
                     verdict->command == policy::SessionCommand::set_tenant)) {
        return refuse_extended(t, {.sqlstate = "25001",
                                   .message = std::string(command_tag(verdict->command)) +
                                              " cannot run inside a transaction block"});
    }
    if (verdict->command == policy::SessionCommand::set_tenant) {
        if (t.server != nullptr && !t.server->idle()) {
            return refuse_extended(
                t, {.sqlstate = "25001",
                    .message = "SET fairlead.tenant cannot be pipelined behind other statements"});
        }
        requested_tenant_ = verdict->command_name;
        set_tenant_simple_ = false;
        t.result = client_next::set_tenant;
        return handled::yes;
    }
    if (verdict->command == policy::SessionCommand::deallocate &&
        find_statement(verdict->command_name) == nullptr) {
        return refuse_extended(t, {.sqlstate = "26000", .message = missing_statement(verdict->command_name)});
    }
    std::string bytes;
    append_command_complete(bytes, command_tag(verdict->command));
    auto effect = std::make_shared<reply_effect>();
    effect->verdict = verdict;
    say(t, std::move(bytes), effect);
    return handled::yes;
}

client_session::handled client_session::on_close(turn& t, Bytes message) {
    ByteReader reader(message.subspan(header_size));
    auto kind = reader.u8();
    auto name = reader.cstring();
    if (!name || !reader.at_end() || (*kind != 'S' && *kind != 'P'))
        return violation(t, "invalid message format");
    if (*kind == 'S') {
        // The server keeps its copy: another client may use it, and the connection's own limit evicts it.
        if (name->empty()) {
            unnamed_.reset();
        } else if (statements_ != nullptr) {
            statements_->erase(std::string(*name));
        }
        say(t, empty_message('3'));
        return handled::yes;
    }
    const portal* known = find_portal(*name);
    bool local = known != nullptr && known->local;
    forget_portal(*name);
    if (local || t.server == nullptr) {
        say(t, empty_message('3'));
        return handled::yes;
    }
    t.to_server.slice(message);
    t.server->expect(reply_kind::close);
    t.server->sent_since_sync = true;
    return handled::yes;
}

// A refused message has the effect of an error at its place: what the segment did before is undone, what
// follows is skipped until Sync. When something was sent, the server has to do that: it gets a message that
// fails.
client_session::handled client_session::refuse_extended(turn& t, const ErrorFields& error) {
    skip_until_sync_ = true;
    observer_.on_error(error.sqlstate, false);
    if (t.server == nullptr || t.server->idle()) {
        t.to_client.own([&](std::string& out) { append_error(out, error); });
        return handled::yes;
    }
    send_poison(t, error);
    t.server->sent_since_sync = true;
    return handled::yes;
}

}  // namespace fairlead::proxy::postgres
