#pragma once

#include "config/snapshot.h"
#include "policy/postgres/verdict_cache.h"
#include "proxy/session/observer.h"
#include "proxy/session/pins.h"
#include "proxy/session/postgres/placement_scope.h"
#include "proxy/session/postgres/server_session.h"
#include "proxy/session/step.h"
#include "proxy/wire/postgres/build.h"
#include "proxy/wire/postgres/frame.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace fairlead::proxy::postgres {

/// The error a client gets for a refused statement. Views into `refusal`.
ErrorFields refusal_fields(const policy::Refusal& refusal);

/// What the sessions of one worker share.
struct session_services {
    policy::postgres::VerdictCache& verdicts;
    statement_registry& statements;
    std::uint64_t max_statement_bytes = 1 << 20;
    std::uint32_t max_client_statements = 1000;
    std::function<std::int64_t()> unix_seconds;
    std::uint64_t next_serial = 1;  // of unnamed statements; unique over all clients, see worker::worker
};

/// Who the session belongs to and where it lives.
struct session_identity {
    std::string tenant;
    std::string own_schema;   // bridge by schema
    std::string search_path;  // bridge by schema: the same, quoted as search_path takes it
    std::string plan_scope;   // database (and schema) that server plans depend on
    const placement_slot* slot = nullptr;
    std::int64_t context_lifetime_s = 3600;
};

/// One client in the ready phase. Sans-I/O: takes bytes of the client and of its server connection, says what
/// to write to whom. The caller owns sockets, pooling and time. Not thread-safe.
class client_session {
public:
    client_session(session_services& services, session_identity identity, session_observer& observer,
                   settings_ptr startup_settings);

    client_step on_client(Bytes input, server_session* server, outgoing& to_client, outgoing& to_server);
    /// A connection was lent. Restores this client's settings on it if they differ.
    void on_linked(server_session& server, outgoing& to_server);
    /// The link is gone (released, or the server died).
    void on_unlinked();

    /// No link could be had: the message at the front of `input` that asked for it gets `error`. Returns how
    /// much of the input is done with.
    std::size_t fail_waiting(Bytes input, const ErrorFields& error, outgoing& to_client);

    bool pinned() const { return pin() != policy::Pin::none; }
    policy::Pin pin() const { return pins_.reason(); }
    /// The client is in the middle of something that lives on its link.
    const std::string& requested_tenant() const { return requested_tenant_; }
    const session_identity& identity() const { return identity_; }
    /// Another tenant from now on; everything of the session is reset.
    void change_identity(session_identity identity);
    /// Answers the SET fairlead.tenant that asked for it.
    void finish_set_tenant(outgoing& to_client);
    void reject_set_tenant(const ErrorFields& error, outgoing& to_client);

private:
    friend class reply_reader;

    struct client_statement {
        statement_ptr statement;  // null: answered by us (`verdict->command`)
        policy::VerdictPtr verdict;
        std::shared_ptr<const placement_scope> scope;  // the verdict was made under
        bool sql_level = false;
    };
    struct unnamed_statement {
        std::string message;  // the whole Parse message, to send it again on another connection
        std::uint64_t serial = 0;
        policy::VerdictPtr verdict;
        std::shared_ptr<const placement_scope> scope;
        bool local = false;
    };
    struct portal {
        std::string name;
        policy::VerdictPtr verdict;
        bool local = false;
    };
    enum class body_mode : std::uint8_t { forward, discard };

    /// One call of on_client(): where its output goes.
    struct turn {
        server_session* server;
        outgoing& to_client;
        outgoing& to_server;
        client_next result = client_next::read_more;
    };
    enum class handled : std::uint8_t { yes, incomplete, stop };

    // client_messages.cpp
    bool must_wait(const turn& t, char type) const;
    std::size_t continue_body(turn& t, Bytes input);
    handled start_body(turn& t, const FrameHeader& header, Bytes available, body_mode mode);
    bool restore_settings(turn& t);
    handled handle(turn& t, const FrameHeader& header, Bytes available);
    handled on_complete(turn& t, const FrameHeader& header, Bytes message);
    handled need_link(turn& t, policy::VerdictPtr verdict = nullptr);
    handled violation(turn& t, std::string_view what);
    void append_error_to(turn& t, const ErrorFields& error);
    handled on_query(turn& t, Bytes message);
    void start_simple_query(turn& t, std::shared_ptr<const reply_effect> effect);
    handled on_session_query(turn& t, Bytes message, std::string_view sql, const policy::VerdictPtr& verdict);
    handled on_deallocate(turn& t, const policy::Verdict& verdict);
    handled on_discard_all(turn& t, const policy::VerdictPtr& verdict);
    handled on_sql_prepare(turn& t, std::string_view sql, const policy::VerdictPtr& verdict);
    handled on_sql_execute(turn& t, std::string_view sql, const policy::VerdictPtr& verdict);
    handled on_sync(turn& t, Bytes message);
    handled on_copy(turn& t, const FrameHeader& header, Bytes available);
    handled on_function_call(turn& t, const FrameHeader& header, Bytes available);
    handled refuse_query(turn& t, const ErrorFields& error);
    handled refuse_long(turn& t, const FrameHeader& header, Bytes available);

    // client_extended.cpp
    handled on_parse(turn& t, Bytes message);
    handled parse_unnamed(turn& t, Bytes message, const policy::VerdictPtr& verdict);
    handled parse_named(turn& t, std::string_view name, std::string_view sql, std::string_view types,
                        const policy::VerdictPtr& verdict);
    handled on_bind(turn& t, const FrameHeader& header, Bytes available);
    bool resolve_statement(turn& t, std::string_view name, policy::VerdictPtr& verdict,
                           statement_ptr& statement, bool& local);
    handled on_describe(turn& t, Bytes message);
    handled describe_portal(turn& t, std::string_view name, Bytes message);
    handled on_execute(turn& t, Bytes message);
    handled execute_local(turn& t, const policy::VerdictPtr& verdict);
    handled on_close(turn& t, Bytes message);
    handled refuse_extended(turn& t, const ErrorFields& error);

    // client_link.cpp
    const placement_scope* scope() const { return identity_.slot->current.get(); }
    policy::VerdictPtr check(std::string_view sql);
    policy::VerdictPtr check_once(std::string_view sql);
    bool recheck(client_statement& statement);
    bool lacks_context(const server_session& server) const;
    void ensure_context(turn& t);
    void append_context_value(std::string& out, const server_session& server);
    void ensure_prepared(turn& t, const statement_ptr& statement);
    void ensure_unnamed(turn& t);
    void make_room(turn& t);
    void send_parse(turn& t, const prepared_statement& statement);
    void send_poison(turn& t, const ErrorFields& error);
    void say(turn& t, std::string bytes, const std::shared_ptr<const reply_effect>& effect = nullptr);
    bool settings_differ(const server_session& server) const;
    void send_settings(server_session& server, outgoing& to_server);

    // client_state.cpp
    client_statement* find_statement(std::string_view name);
    std::size_t statement_count() const { return statements_ != nullptr ? statements_->size() : 0; }
    void remember(std::string name, client_statement statement);
    void forget_statement(const std::string& name);
    void keep_unnamed(Bytes message, const policy::VerdictPtr& verdict, bool local);
    const portal* find_portal(std::string_view name) const;
    void note_portal(std::string_view name, const policy::VerdictPtr& verdict, bool local);
    void forget_portal(std::string_view name);
    std::shared_ptr<const reply_effect> effect_of(const policy::VerdictPtr& verdict) const;
    void apply_effect(const policy::Verdict& verdict, server_session* server);
    void apply_session_command(const policy::Verdict& verdict);
    void take_pin(policy::PinSet causes, server_session* server, bool more = false);
    void drop_pin();
    void note_pins(const policy::Verdict& verdict, server_session* server);
    void end_pins(bool committed);
    void end_transaction(server_session& server, bool committed);
    void reset_session();
    ErrorFields too_many_statements() const;

    session_services& services_;
    session_observer& observer_;
    session_identity identity_;
    settings_ptr startup_;
    settings_ptr settings_;   // as the client has set them, within the transaction
    settings_ptr committed_;  // as they are if the transaction is rolled back

    using statement_map =
        std::unordered_map<std::string, client_statement, config::StringHash, std::equal_to<>>;
    std::unique_ptr<statement_map> statements_;
    std::unique_ptr<unnamed_statement> unnamed_;
    std::unique_ptr<std::vector<portal>> portals_;
    std::string requested_tenant_;
    policy::VerdictPtr pending_verdict_;  // of the message that waits for a link
    const placement_scope* pending_scope_ = nullptr;

    std::uint64_t body_remaining_ = 0;
    body_mode body_mode_ = body_mode::forward;
    pins pins_;
    bool skip_until_sync_ = false;
    bool covered_ = false;  // the context precedes whatever is sent next
    bool unnamed_portal_needs_context_ = false;
    bool unnamed_portal_is_ours_ = false;  // whatever the client has bound to it is gone
    bool set_tenant_simple_ =
        false;  // SET fairlead.tenant came as a simple Query: answer with ReadyForQuery too
    /// Settings were reset, or statements closed: what became of that is looked at before the next message
    /// goes out.
    bool wait_for_idle_ = false;
    bool settings_uncertain_ = false;  // SET and ROLLBACK TO in one transaction
};

}  // namespace fairlead::proxy::postgres
