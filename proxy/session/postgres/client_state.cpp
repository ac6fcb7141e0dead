// What a session remembers between transactions, and how answers change it.
#include "proxy/session/postgres/client_session.h"

#include <algorithm>

namespace fairlead::proxy::postgres {

ErrorFields refusal_fields(const policy::Refusal& refusal) {
    return {.severity = "ERROR",
            .sqlstate = refusal.sqlstate,
            .message = refusal.message,
            .detail = {},
            .hint = refusal.hint,
            .position = refusal.position};
}

ErrorFields client_session::too_many_statements() const {
    return {.sqlstate = "54000",
            .message = "too many prepared statements on this connection",
            .hint = "DEALLOCATE some, or raise proxy.max_prepared_statements."};
}

client_session::client_statement* client_session::find_statement(std::string_view name) {
    if (statements_ == nullptr) return nullptr;
    auto found = statements_->find(name);
    return found != statements_->end() ? &found->second : nullptr;
}

void client_session::remember(std::string name, client_statement statement) {
    if (statements_ == nullptr) statements_ = std::make_unique<statement_map>();
    statements_->insert_or_assign(std::move(name), std::move(statement));
}

void client_session::forget_statement(const std::string& name) {
    if (statements_ != nullptr) statements_->erase(name);
}

void client_session::keep_unnamed(Bytes message, const policy::VerdictPtr& verdict, bool local) {
    if (unnamed_ == nullptr) unnamed_ = std::make_unique<unnamed_statement>();
    unnamed_->message.assign(as_text(message));
    unnamed_->serial = services_.next_serial++;
    unnamed_->verdict = verdict;
    unnamed_->scope = identity_.slot->current;
    unnamed_->local = local;
}

const client_session::portal* client_session::find_portal(std::string_view name) const {
    if (portals_ == nullptr) return nullptr;
    auto found =
        std::find_if(portals_->begin(), portals_->end(), [&](const portal& p) { return p.name == name; });
    return found != portals_->end() ? &*found : nullptr;
}

// Only portals whose execution means something to us are kept, so the common case costs nothing.
void client_session::note_portal(std::string_view name, const policy::VerdictPtr& verdict, bool local) {
    forget_portal(name);
    if (!local && effect_of(verdict) == nullptr) return;
    if (portals_ == nullptr) portals_ = std::make_unique<std::vector<portal>>();
    portals_->push_back({std::string(name), verdict, local});
}

void client_session::forget_portal(std::string_view name) {
    if (portals_ == nullptr || portals_->empty()) return;
    std::erase_if(*portals_, [&](const portal& p) { return p.name == name; });
}

std::shared_ptr<const reply_effect> client_session::effect_of(const policy::VerdictPtr& verdict) const {
    bool matters = !verdict->settings.empty() || !verdict->pins.empty() || !verdict->ends.empty() ||
                   verdict->transaction != policy::TransactionEffect::none;
    if (!matters) return nullptr;
    auto effect = std::make_shared<reply_effect>();
    effect->verdict = verdict;
    return effect;
}

void client_session::apply_effect(const policy::Verdict& verdict, server_session* server) {
    using Kind = policy::SettingChange::Kind;
    for (const policy::SettingChange& change : verdict.settings) {
        settings_ = apply_change(settings_, change, startup_);
        if (server == nullptr) continue;
        if (server->applied) server->applied = apply_change(*server->applied, change, no_settings());
        if (change.kind == Kind::reset_all) server->context_in_force = covered_ = false;
    }
    if (verdict.transaction == policy::TransactionEffect::rollback_to && settings_ != committed_) {
        settings_uncertain_ = true;
    }
    note_pins(verdict, server);
}

// UNLISTEN that is rolled back ends nothing; of several statements it is not known which part is.
void client_session::note_pins(const policy::Verdict& verdict, server_session* server) {
    using policy::TransactionEffect;
    bool undone = verdict.multiple_statements ? verdict.transaction != TransactionEffect::none
                                              : verdict.transaction == TransactionEffect::rollback ||
                                                    verdict.transaction == TransactionEffect::rollback_to;
    if (undone) pins_.undo_ends();
    if (!verdict.pins.empty()) take_pin(verdict.pins, server, verdict.multiple_statements);
    pins_.end(verdict.ends, verdict.ends_one);
}

void client_session::apply_session_command(const policy::Verdict& verdict) {
    switch (verdict.command) {
        case policy::SessionCommand::deallocate:
            forget_statement(verdict.command_name);
            break;
        case policy::SessionCommand::deallocate_all:
            statements_.reset();
            break;
        case policy::SessionCommand::discard_all:
            reset_session();
            break;
        default:
            break;
    }
}

// Everything of the session goes; a link that is held for it is given back and cleaned by the caller.
void client_session::reset_session() {
    statements_.reset();
    unnamed_.reset();
    portals_.reset();
    settings_ = committed_ = startup_;
    drop_pin();
}

void client_session::take_pin(policy::PinSet causes, server_session* server, bool more) {
    if (server != nullptr) server->needs_full_reset = true;
    bool first = !pinned();
    pins_.take(causes, more);
    if (first) observer_.on_pin(pin());
}

void client_session::drop_pin() {
    if (pinned()) observer_.on_unpin();
    pins_.clear();
}

void client_session::end_pins(bool committed) {
    bool was_pinned = pinned();
    if (!committed) pins_.undo_ends();
    pins_.settle();
    if (was_pinned && !pinned()) observer_.on_unpin();
}

void client_session::end_transaction(server_session& server, bool committed) {
    // Nearly always nothing was set: compare pointers before touching reference counts.
    if (committed_ != settings_) (committed ? committed_ : settings_) = committed ? settings_ : committed_;
    if (server.applied_before != server.applied) {
        (committed ? server.applied_before : server.applied) =
            committed ? server.applied : server.applied_before;
    }
    if (settings_uncertain_) take_pin(policy::Pin::setting, &server);
    settings_uncertain_ = false;
    end_pins(committed);
}

void client_session::change_identity(session_identity identity) {
    identity_ = std::move(identity);
    reset_session();
}

void client_session::finish_set_tenant(outgoing& to_client) {
    to_client.own([&](std::string& out) {
        append_command_complete(out, "SET");
        if (set_tenant_simple_) append_ready_for_query(out, 'I');
    });
}

void client_session::reject_set_tenant(const ErrorFields& error, outgoing& to_client) {
    observer_.on_error(error.sqlstate, false);
    to_client.own([&](std::string& out) {
        append_error(out, error);
        if (set_tenant_simple_) append_ready_for_query(out, 'I');
    });
    skip_until_sync_ = !set_tenant_simple_;
}

}  // namespace fairlead::proxy::postgres
