// What a client's login and its tenant's home have to do with the worker, whatever the protocol.
#include "proxy/worker/client_connection.h"
#include "proxy/worker/server_connection.h"
#include "proxy/worker/worker.h"

#include <algorithm>

namespace fairlead::proxy::worker {
namespace {

// The reason names tables and roles: it is for the operator.
constexpr std::string_view see_log =
    "The reason is in the proxy's log and at /readyz; `fairlead policy verify` names what mends it.";

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void client_connection::begin_tls() {
    if (!stream().start_tls(*listener_->tls, nullptr)) return close_now();
    handshaking_ = true;
    continue_handshake();
}

void client_connection::continue_handshake() {
    net::io_result result = stream().handshake();
    if (result.status == net::io_status::would_block) return update_interest();
    if (result.status != net::io_status::ok) {
        worker_.log().info("TLS handshake failed", {{"error", stream().tls_error()}});
        return abort_login();
    }
    handshaking_ = false;
    update_interest();
    on_tls_established();
}

void client_connection::abort_login() {
    worker_.counts().client_logins_aborted.add();
    close_now();
}

void client_connection::break_off_login(const client_error& why) {
    if (!handshaking_) {
        std::string bytes;
        append_error(bytes, why);
        outgoing& out = worker_.to_client();
        out.clear();
        out.own(bytes);
        deliver(out);
    }
    abort_login();
}

void client_connection::end_login(std::string_view sqlstate, std::string_view user, std::string_view why) {
    if (sqlstate.empty()) return abort_login();
    worker_.counts().client_logins_failed.add();
    on_error(sqlstate, false);
    worker_.log().info("client login refused", {{"user", user}, {"why", why}});
    close_now();
}

void client_connection::refuse_login(const client_error& error) {
    worker_.counts().client_logins_failed.add();
    worker_.log().info("client refused", {{"user", user_}, {"why", error.message}});
    client_error fatal = error;
    fatal.fatal = true;
    end(fatal);
}

bool client_connection::enter_route(const dal::identity_labels& labels) {
    dal::route_error error;
    std::unique_ptr<client_route> route;
    if (!find_route(labels, route, error)) {
        refuse_login({.sqlstate = error.sqlstate, .message = error.message, .hint = error.hint});
        return false;
    }
    set_state(client_state::closed);  // out of the gauge of logins ...
    route_ = std::move(route);
    set_state(client_state::greeting);  // ... into that of its placement
    if (route_->placement->served()) return true;
    refuse_login({.sqlstate = "57P03", .message = route_->placement->client_refusal, .hint = see_log});
    return false;
}

bool client_connection::change_route(const dal::identity_labels& labels, dal::route_error& error) {
    std::unique_ptr<client_route> route;
    if (!find_route(labels, route, error)) return false;
    if (!route->placement->served()) {
        error = {"57P03", route->placement->client_refusal, std::string(see_log)};
        std::swap(route_, route);
        leave_route();
        std::swap(route_, route);
        return false;
    }
    if (link_ != nullptr) abandon_link();  // pinned: what pinned it belongs to the tenant of before
    client_state before = state_;
    set_state(client_state::closed);
    leave_route();
    route_ = std::move(route);
    set_state(before);
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
    auto found = dal::resolve_route(snapshot, *user, labels, engine(), exposed_database_);
    if (!found) {
        error = found.error();
        return false;
    }
    auto made = std::make_unique<client_route>();
    made->tenant = found->tenant->id;
    made->backend = worker_.backend(found->backend->name);
    made->placement = worker_.placement(found->placement->name);
    made->database = found->server_database;
    made->exposed_database = found->exposed_database;
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
    made->database_slot = made->backend->pool.enter_database(pool_database(*made));
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

dal::identity_labels client_connection::note_login(const config::User& user, const std::string& label,
                                                   const auth::tls_peer* tls) {
    user_ = user.name;
    login_label_ = label;
    certificate_tenants_.clear();
    dal::identity_labels labels;
    if (!label.empty()) labels.user_suffix = label;
    if (tls != nullptr) {
        certificate_tenants_ = tls->certificate_tenants;
        labels.sni = dal::tenant_of_server_name(tls->server_name, listener_->sni_suffix);
    }
    labels.certificate = certificate_tenants_;
    return labels;
}

void client_connection::set_tenant(const std::string& named) {
    dal::identity_labels labels;
    if (!login_label_.empty()) labels.user_suffix = login_label_;
    labels.certificate = certificate_tenants_;
    labels.set_command = named;
    outgoing& to_client = worker_.to_client();
    to_client.clear();
    dal::route_error error;
    if (change_route(labels, error)) {
        finish_set_tenant(to_client);
    } else {
        reject_set_tenant({.sqlstate = error.sqlstate, .message = error.message, .hint = error.hint},
                          to_client);
    }
    if (send(to_client)) process_kept();
}

void client_connection::become_ready() {
    worker_.counts().client_logins_ok.add();
    set_state(client_state::ready);
}

void client_connection::follow(const config::Snapshot& snapshot) {
    if (route_ == nullptr || state_ == client_state::closed) return;
    const config::Tenant* tenant = snapshot.tenant(route_->tenant);
    const config::User* user = snapshot.user(user_);
    const config::Placement* placement = snapshot.placement(route_->placement->name);
    bool welcome = tenant != nullptr && user != nullptr && placement != nullptr &&
                   contains(tenant->placements, placement->name) &&
                   (user->any_tenant || contains(user->tenants, tenant->id)) &&
                   placement->backend == route_->backend->name &&
                   config::server_database(*placement, tenant->id) == route_->database;
    if (!welcome) {
        unwelcome_ = true;
        if (between_transactions()) send_away();
        return;
    }
    std::lock_guard lock(route_->backend->mutex);
    route_->backend->pool.enter_tenant(
        tenant->id, {.weight = tenant->weight, .max_server_connections = tenant->max_server_connections});
    route_->backend->pool.leave_tenant(route_->tenant_slot);
}

}  // namespace fairlead::proxy::worker
