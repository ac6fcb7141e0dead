// A client's way from accept to its first ReadyForQuery.
#include "proxy/auth/random_source.h"
#include "proxy/wire/postgres/build.h"
#include "proxy/worker/client_connection.h"
#include "proxy/worker/client_route.h"
#include "proxy/worker/worker.h"

#include <algorithm>
#include <array>
#include <sys/socket.h>

namespace fairlead::proxy::worker {
namespace {

constexpr std::uint8_t tls_handshake_record = 0x16;
constexpr std::size_t cancel_key_size_3_0 = 4;
constexpr std::size_t cancel_key_size_3_2 = 32;

// The reason names tables and roles: it is for the operator.
constexpr std::string_view see_log =
    "The reason is in the proxy's log and at /readyz; `fairlead policy verify` names what mends it.";

std::string quoted(std::string_view text, char quote) {
    std::string out(1, quote);
    for (char c : text) {
        if (c == quote) out.push_back(quote);
        out.push_back(c);
    }
    out.push_back(quote);
    return out;
}

// "a.b" -> "a"."b", so that the guard reads a start-up parameter as the SET it amounts to.
std::string quoted_setting_name(std::string_view name) {
    std::string out;
    for (std::size_t at = 0; at <= name.size();) {
        std::size_t dot = std::min(name.find('.', at), name.size());
        if (!out.empty()) out.push_back('.');
        out.append(quoted(name.substr(at, dot - at), '"'));
        at = dot + 1;
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

// A driver compares what it asked for with what it is told, in the server's spelling.
std::string reported_value(std::string_view name, std::string_view value) {
    if (name == "client_encoding") {
        std::string key;
        for (char c : lower(value)) {
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) key.push_back(c);
        }
        if (key == "utf8" || key == "unicode") return "UTF8";
        if (key == "latin1" || key == "iso88591") return "LATIN1";
        if (key == "sqlascii") return "SQL_ASCII";
    }
    if (name == "datestyle" && lower(value) == "iso") return "ISO, MDY";
    return std::string(value);
}

// tenant.db.example.com under the suffix db.example.com -> tenant
std::optional<std::string> sni_tenant(std::string_view name, std::string_view suffix) {
    if (suffix.empty() || name.size() <= suffix.size() + 1 || !name.ends_with(suffix)) return std::nullopt;
    std::string_view label = name.substr(0, name.size() - suffix.size());
    if (label.back() != '.') return std::nullopt;
    label.remove_suffix(1);
    return std::string(label);
}

}  // namespace

void client_connection::read_login() {
    if (handshaking_) return continue_handshake();
    if (login_ == nullptr) {
        std::uint8_t first = 0;
        ssize_t peeked = ::recv(stream().fd(), &first, 1, MSG_PEEK);
        if (peeked == 0) return close_now();
        if (peeked < 0) return;
        auto tls = listener_->tls != nullptr ? listener_->tls_mode : config::TlsMode::disable;
        login_ = std::make_unique<postgres::client_login>(postgres::login_context{
            .credentials = worker_.current().credentials, .tls = tls, .method = listener_->auth});
        if (first == tls_handshake_record && listener_->tls != nullptr) return begin_tls(true);
    }
    Bytes fresh;
    net::io_result result = receive(worker_.scratch(), fresh);
    if (result.status == net::io_status::would_block) return;
    if (result.status != net::io_status::ok) {
        worker_.counts().client_logins_aborted.add();
        return close_now();
    }
    std::string out;
    auto step = login_->on_bytes(fresh, out);
    consume(fresh, step.consumed);
    continue_login(step, out);
}

void client_connection::begin_tls(bool direct) {
    direct_tls_ = direct;
    if (!stream().start_tls(*listener_->tls, nullptr)) return close_now();
    handshaking_ = true;
    continue_handshake();
}

void client_connection::continue_handshake() {
    net::io_result result = stream().handshake();
    if (result.status == net::io_status::would_block) return update_interest();
    bool wrong_protocol = direct_tls_ && result.status == net::io_status::ok && !stream().negotiated_alpn();
    if (result.status != net::io_status::ok || wrong_protocol) {
        worker_.log().info("TLS handshake failed", {{"error", stream().tls_error()}});
        worker_.counts().client_logins_aborted.add();
        return close_now();
    }
    handshaking_ = false;
    update_interest();
    std::string out;
    auto step = login_->on_tls_established(stream().peer(*listener_->tls), out);
    continue_login(step, out);
}

void client_connection::continue_login(postgres::client_login::step step, const std::string& out) {
    if (!out.empty() && !write(out)) return close_now();
    using next = postgres::client_login::next;
    switch (step.what) {
        case next::read_more:
            break;
        case next::start_tls:
            begin_tls(false);
            break;
        case next::authenticated:
            on_authenticated();
            break;
        case next::cancel: {
            auto request = login_->cancel_request();
            unsigned target = request.pid >> 24;
            if (target < worker_.shared().workers.size()) {
                worker_.post_to(target, [request](worker& other) {
                    if (!other.cancel_request(request.pid, request.key))
                        other.counts().cancel_requests_unmatched.add();
                });
            }
            close_now();
            break;
        }
        case next::close:
            if (!login_->failure_sqlstate().empty()) {
                worker_.counts().client_logins_failed.add();
                on_error(login_->failure_sqlstate(), false);
                worker_.log().info("client login refused",
                                   {{"user", login_->parameters().user}, {"why", login_->failure_reason()}});
            } else {
                worker_.counts().client_logins_aborted.add();
            }
            close_now();
            break;
    }
}

void client_connection::time_out_login() {
    worker_.counts().client_logins_aborted.add();
    if (!handshaking_) {
        std::string bytes;
        postgres::append_error(bytes, {.severity = "FATAL",
                                       .sqlstate = "08006",
                                       .message = "login timed out",
                                       .hint = "See proxy.login_timeout."});
        write(bytes);
    }
    close_now();
}

void client_connection::refuse_login(std::string_view sqlstate, std::string_view message,
                                     std::string_view hint) {
    worker_.counts().client_logins_failed.add();
    worker_.log().info("client refused", {{"user", user_}, {"why", message}});
    end({.severity = "FATAL", .sqlstate = sqlstate, .message = message, .hint = hint});
}

void client_connection::on_authenticated() {
    user_ = login_->user()->name;
    login_label_ = login_->label();
    protocol_minor_ = static_cast<std::uint8_t>(login_->protocol_minor());
    const postgres::startup_parameters& asked = login_->parameters();
    exposed_database_ = asked.database == asked.user ? std::string() : asked.database;
    dal::identity_labels labels;
    if (!login_label_.empty()) labels.user_suffix = login_label_;
    labels.startup_option = asked.tenant;
    if (login_->has_tls()) labels.sni = sni_tenant(login_->tls().server_name, listener_->sni_suffix);

    dal::route_error error;
    std::unique_ptr<client_route> route;
    if (!find_route(labels, route, error)) return refuse_login(error.sqlstate, error.message, error.hint);
    set_state(client_state::closed);  // out of the gauge of logins ...
    route_ = std::move(route);
    set_state(client_state::greeting);  // ... into that of its placement
    const postgres::placement_scope* scope = route_->placement->slot.current.get();
    if (scope == nullptr) return refuse_login("57P03", route_->placement->client_refusal, see_log);
    startup_settings_ = postgres::no_settings();
    if (asked.replication != postgres::replication_mode::none) {
        if (take_replication(asked.replication)) worker_.links().request(*this);
        return;
    }
    for (const auto& [name, value] : asked.settings) {
        if (!add_setting(*scope, name, value)) return;
    }
    baseline_ptr baseline;
    {
        std::lock_guard lock(route_->backend->mutex);
        auto found = route_->backend->baselines.find(route_->database);
        if (found != route_->backend->baselines.end()) baseline = found->second;
    }
    if (baseline == nullptr) return worker_.links().request(*this);
    open_session(*baseline);
}

// Replication needs a server connection that was opened for it and serves this client alone.
bool client_connection::take_replication(postgres::replication_mode mode) {
    const postgres::placement_scope& scope = *route_->placement->slot.current;
    if (scope.guard.model != config::Model::silo || !scope.session_pooling) {
        refuse_login("0A000",
                     "replication connections are taken for silo placements with session pooling only",
                     "Set pooling = \"session\" for the placement, or connect to the server itself.");
        return false;
    }
    std::string database = route_->database;
    database.append(replication_mark)
        .append(mode == postgres::replication_mode::logical ? "database" : "true");
    std::lock_guard lock(route_->backend->mutex);
    route_->backend->pool.leave_database(route_->database_slot);
    route_->database_slot = route_->backend->pool.enter_database(database);
    return true;
}

// A start-up parameter is a SET before the first statement, and judged as one.
bool client_connection::add_setting(const postgres::placement_scope& scope, std::string_view name,
                                    std::string_view value) {
    std::string statement = "SET " + quoted_setting_name(name) + " = " + quoted(value, '\'');
    auto verdict = worker_.services().verdicts.check(scope.guard, route_->own_schema, statement);
    if (verdict->refused) {
        on_refusal(verdict->refusal, statement);
        refuse_login(verdict->refusal.sqlstate, verdict->refusal.message, verdict->refusal.hint);
        return false;
    }
    if (verdict->settings.empty()) {
        startup_settings_ = postgres::with_setting(startup_settings_, lower(name), value);
    }
    for (const policy::SettingChange& change : verdict->settings) {
        startup_settings_ = postgres::apply_change(startup_settings_, change, startup_settings_);
    }
    return true;
}

bool client_connection::find_route(const dal::identity_labels& labels, std::unique_ptr<client_route>& route,
                                   dal::route_error& error) {
    const config::Snapshot& snapshot = *worker_.current().snapshot;
    const config::User* user = snapshot.user(user_);
    if (user == nullptr) {
        error = {"28000", "user \"" + user_ + "\" was removed from the configuration", {}};
        return false;
    }
    auto found = dal::resolve_route(snapshot, *user, labels, config::Engine::postgres, exposed_database_);
    if (!found) {
        error = found.error();
        return false;
    }
    auto made = std::make_unique<client_route>();
    made->tenant = found->tenant->id;
    made->backend = worker_.backend(found->backend->name);
    made->placement = worker_.placement(found->placement->name);
    made->database = found->server_database;
    made->own_schema = found->own_schema;
    if (made->backend == nullptr || made->placement == nullptr) {
        error = {"57P03", "placement \"" + found->placement->name + "\" is not being served", {}};
        return false;
    }
    if (!worker_.shared().tenants.enter(made->tenant, found->tenant->max_client_connections)) {
        error = {"53300", "too many connections for tenant \"" + made->tenant + "\"",
                 "Raise max_client_connections of the tenant (" +
                     std::to_string(found->tenant->max_client_connections) + ")."};
        return false;
    }
    std::lock_guard lock(made->backend->mutex);
    made->tenant_slot = made->backend->pool.enter_tenant(
        made->tenant,
        {.weight = found->tenant->weight, .max_server_connections = found->tenant->max_server_connections});
    made->database_slot = made->backend->pool.enter_database(made->database);
    made->tenant_counts = &worker_.counts().tenants.enter(made->tenant);
    route = std::move(made);
    return true;
}

void client_connection::leave_route() {
    if (route_ == nullptr) return;
    {
        std::lock_guard lock(route_->backend->mutex);
        route_->backend->pool.leave_tenant(route_->tenant_slot);
        route_->backend->pool.leave_database(route_->database_slot);
    }
    worker_.shared().tenants.leave(route_->tenant);
    worker_.counts().tenants.leave(*route_->tenant_counts);
}

postgres::session_identity client_connection::identity_of(const client_route& route) const {
    postgres::session_identity identity;
    identity.tenant = route.tenant;
    identity.own_schema = route.own_schema;
    if (!route.own_schema.empty()) identity.search_path = quoted(route.own_schema, '"');
    identity.plan_scope = route.backend->name + "/" + route.database + "/" + route.own_schema;
    identity.slot = &route.placement->slot;
    const config::Placement* placement = worker_.current().snapshot->placement(route.placement->name);
    if (placement != nullptr) identity.context_lifetime_s = placement->context_lifetime.count() / 1000;
    return identity;
}

void client_connection::open_session(const postgres::parameter_list& baseline) {
    cancel_key_.resize(protocol_minor_ >= 2 ? cancel_key_size_3_2 : cancel_key_size_3_0);
    auto* key = reinterpret_cast<std::uint8_t*>(cancel_key_.data());
    if (!auth::system_random({key, cancel_key_.size()}))
        return refuse_login("XX000", "no randomness to be had", {});
    std::string out;
    for (const auto& [name, value] : baseline) {
        const std::string* own = postgres::find_setting(*startup_settings_, lower(name));
        if (name == "application_name" && own == nullptr) {
            postgres::append_parameter_status(out, name, "");
        } else {
            postgres::append_parameter_status(out, name,
                                              own != nullptr ? reported_value(lower(name), *own) : value);
        }
    }
    auto slot = static_cast<std::uint32_t>(cookie_);
    postgres::append_backend_key(out, (worker_.index() << 24) | (slot & 0xffffff), cancel_key_);
    postgres::append_ready_for_query(out, 'I');
    session_ = std::make_unique<postgres::client_session>(worker_.services(), identity_of(*route_),
                                                          observer(), std::move(startup_settings_));
    login_.reset();
    worker_.counts().client_logins_ok.add();
    set_state(client_state::ready);
    if (!write(out)) return close_now();
    process_kept();
}

// SET fairlead.tenant between transactions: resolved like a login with one more label.
void client_connection::handle_set_tenant() {
    dal::identity_labels labels;
    if (!login_label_.empty()) labels.user_suffix = login_label_;
    labels.set_command = session_->requested_tenant();
    if (link_ != nullptr) on_transaction_end();

    outgoing& to_client = worker_.to_client();
    to_client.clear();
    dal::route_error error;
    std::unique_ptr<client_route> route;
    bool found = find_route(labels, route, error);
    if (found && route->placement->slot.current == nullptr) {
        std::swap(route_, route);
        leave_route();
        std::swap(route_, route);
        error = {"57P03", route->placement->client_refusal, std::string(see_log)};
        found = false;
    }
    if (!found) {
        session_->reject_set_tenant(
            {.sqlstate = error.sqlstate, .message = error.message, .hint = error.hint}, to_client);
    } else {
        set_state(client_state::closed);
        leave_route();
        route_ = std::move(route);
        set_state(client_state::ready);
        session_->change_identity(identity_of(*route_));
        session_->finish_set_tenant(to_client);
    }
    send(to_client);
}

}  // namespace fairlead::proxy::worker
