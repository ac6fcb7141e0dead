// What a session puts on its link besides the client's own messages: context, settings, prepared statements,
// poison.
#include "proxy/session/postgres/client_session.h"

namespace fairlead::proxy::postgres {
namespace {

// Bind and Execute of set_local_statement. They go in front of each transaction, so they are laid out in as
// few steps as there are, and `append_value` writes the value in its place.
template <typename AppendValue>
void append_set_local(std::string& out, std::string_view variable, const AppendValue& append_value) {
    using namespace std::string_view_literals;
    const std::size_t bind = out.size();
    ByteWriter writer(out);
    writer.raw(
        "B\0\0\0\0"  // its length follows
        "\0"sv);     // the unnamed portal
    writer.cstring(set_local_statement);
    writer.raw("\0\0\0\2"sv);  // parameters as text, two of them
    writer.u32(static_cast<std::uint32_t>(variable.size()));
    writer.raw(variable);
    const std::size_t value = writer.size();
    writer.u32(0);
    append_value();
    writer.patch_u32(value, static_cast<std::uint32_t>(writer.size() - value - 4));
    writer.raw("\0\0"sv);  // results as text
    writer.patch_u32(bind + 1, static_cast<std::uint32_t>(writer.size() - bind - 1));
    writer.raw("E\0\0\0\x09\0\0\0\0\0"sv);  // the unnamed portal, all rows
}

}  // namespace

policy::VerdictPtr client_session::check(std::string_view sql) {
    return services_.verdicts.check(scope()->guard, identity_.own_schema, sql);
}

// The message that asked for a link is read again when it has one; its verdict need not be looked up twice.
policy::VerdictPtr client_session::check_once(std::string_view sql) {
    if (pending_verdict_ != nullptr && pending_scope_ == scope())
        return std::exchange(pending_verdict_, nullptr);
    pending_verdict_.reset();
    return check(sql);
}

// The catalogue may have changed since the statement was prepared: a table may have lost its policy.
bool client_session::recheck(client_statement& statement) {
    if (statement.statement != nullptr && statement.scope != identity_.slot->current) {
        statement.verdict = check(statement.statement->text);
        statement.scope = identity_.slot->current;
    }
    return !statement.verdict->refused;
}

bool client_session::lacks_context(const server_session& server) const {
    // An aborted transaction takes nothing but ROLLBACK; our Bind would only make the server skip that.
    bool aborted = server.status == 'E' && server.expected.empty();
    return !covered_ && scope()->context != context_kind::none && !aborted;
}

// Puts the tenant's context in front of what is sent next. No Sync follows: both run in one transaction, and
// if ours fails the server skips the client's message (docs/architecture.md, "The context rides in the
// client's own transaction").
void client_session::ensure_context(turn& t) {
    if (!lacks_context(*t.server)) return;
    std::string_view variable = scope()->context == context_kind::sealed ? policy::postgres::context_variable
                                : scope()->context == context_kind::search_path
                                    ? std::string_view("search_path")
                                    : scope()->context_variable;
    t.to_server.own([&](std::string& out) {
        append_set_local(out, variable, [&] { append_context_value(out, *t.server); });
    });
    t.server->expect(reply_kind::bind, own_purpose::context);
    t.server->expect(reply_kind::execute, own_purpose::context);
    covered_ = true;
    unnamed_portal_is_ours_ = true;
}

void client_session::append_context_value(std::string& out, const server_session& server) {
    if (scope()->context == context_kind::variable) {
        out.append(identity_.tenant);
    } else if (scope()->context == context_kind::search_path) {
        out.append(identity_.search_path);
    } else {
        identity_.slot->sealer->seal(out, identity_.tenant, server.pid, server.connection_tag,
                                     services_.unix_seconds() + identity_.context_lifetime_s);
    }
}

void client_session::ensure_prepared(turn& t, const statement_ptr& statement) {
    if (t.server->prepared.use(*statement)) return;
    if (scope()->context_before_parse() || statement->sql_level) ensure_context(t);  // a PREPARE is executed
    make_room(t);
    auto effect = std::make_shared<reply_effect>();
    effect->statement = statement;
    if (statement->sql_level) {
        t.to_server.own([&](std::string& out) {
            append_parse(out, "", statement->text);
            append_bind(out, "", "", {});
            append_execute(out, "");
        });
        unnamed_portal_is_ours_ = true;
        t.server->expect_unnamed(0, own_purpose::prepare);
        t.server->expect(reply_kind::bind, own_purpose::prepare);
        t.server->expect(reply_kind::execute, own_purpose::prepare, std::move(effect));
    } else {
        send_parse(t, *statement);
        t.server->expect(reply_kind::parse, own_purpose::prepare, std::move(effect));
    }
    t.server->prepared.add(statement);
}

// The unnamed statement belongs to whoever parsed it last on this connection; ours may have been on another.
void client_session::ensure_unnamed(turn& t) {
    if (t.server->has_unnamed(unnamed_->serial)) return;
    if (scope()->context_before_parse()) ensure_context(t);
    t.to_server.own(unnamed_->message);
    t.server->expect_unnamed(unnamed_->serial, own_purpose::prepare);
}

void client_session::make_room(turn& t) {
    while (statement_ptr oldest = t.server->prepared.evict_above(t.server->max_prepared - 1)) {
        t.to_server.own([&](std::string& out) { append_close(out, 'S', oldest->server_name); });
        auto effect = std::make_shared<reply_effect>();
        effect->statement = oldest;
        t.server->expect(reply_kind::close, own_purpose::prepare, std::move(effect));
        // Whether the server takes it or skips it has to be known before the name is prepared again.
        wait_for_idle_ = true;
    }
}

void client_session::send_parse(turn& t, const prepared_statement& statement) {
    t.to_server.own([&](std::string& out) {
        ByteWriter writer(out);
        writer.u8('P');
        writer.u32(static_cast<std::uint32_t>(4 + statement.server_name.size() + 1 + statement.text.size() +
                                              1 + statement.types.size()));
        writer.cstring(statement.server_name);
        writer.cstring(statement.text);
        writer.raw(statement.types);
    });
}

void client_session::send_poison(turn& t, const ErrorFields& error) {
    t.to_server.own([](std::string& out) { append_bind(out, "", poison_statement, {}); });
    auto effect = std::make_shared<reply_effect>();
    append_error(effect->bytes, error);
    t.server->expect(reply_kind::poison, own_purpose::none, std::move(effect));
}

// An answer of ours, in its place among the server's.
void client_session::say(turn& t, std::string bytes, const std::shared_ptr<const reply_effect>& effect) {
    if (t.server == nullptr || t.server->expected.empty()) {
        t.to_client.own(bytes);
        if (effect != nullptr) apply_session_command(*effect->verdict);
        return;
    }
    auto fake =
        effect != nullptr ? std::make_shared<reply_effect>(*effect) : std::make_shared<reply_effect>();
    fake->bytes = std::move(bytes);
    t.server->expect(reply_kind::fake, own_purpose::none, std::move(fake));
}

void client_session::on_linked(server_session& server, outgoing& to_server) {
    covered_ = false;
    if (scope() != nullptr && scope()->session_pooling) take_pin(policy::Pin::session_pooling, &server);
    if (settings_differ(server)) send_settings(server, to_server);
}

void client_session::on_unlinked() {
    covered_ = false;
    wait_for_idle_ = false;
    settings_uncertain_ = false;
    portals_.reset();
    drop_pin();
}

bool client_session::settings_differ(const server_session& server) const {
    return !server.applied.has_value() || !same_settings(*server.applied, settings_);
}

// In a round trip of its own, before the client's message: a set_config() in the client's transaction would
// be undone with it, and would come too late for SET TRANSACTION.
void client_session::send_settings(server_session& server, outgoing& to_server) {
    settings_difference change =
        server.applied ? difference(**server.applied, *settings_) : settings_difference{};
    bool reset = !server.applied || !change.unset.empty();
    if (reset) change.set.assign(settings_->begin(), settings_->end());
    auto call = [&](std::string_view statement, std::span<const std::string_view> parameters) {
        to_server.own([&](std::string& out) {
            append_bind(out, "", statement, parameters);
            append_execute(out, "");
        });
        server.expect(reply_kind::bind, own_purpose::settings);
        server.expect(reply_kind::execute, own_purpose::settings);
    };
    if (reset) {
        call(reset_all_statement, {});
        server.context_in_force = covered_ = false;
    }
    for (const auto& [name, value] : change.set) {
        const std::array<std::string_view, 2> parameters{name, value};
        call(set_session_statement, parameters);
    }
    to_server.own([](std::string& out) { append_sync(out); });
    server.expect(reply_kind::sync, own_purpose::settings);
    server.applied = settings_;
    if (server.status == 'I') server.applied_before = settings_;
    wait_for_idle_ = true;
}

}  // namespace fairlead::proxy::postgres
