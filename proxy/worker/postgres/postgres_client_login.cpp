// A PostgreSQL client's way from accept to its first ReadyForQuery.
#include "proxy/auth/random_source.h"
#include "proxy/wire/postgres/build.h"
#include "proxy/worker/postgres/postgres_client.h"
#include "proxy/worker/postgres/postgres_server.h"
#include "proxy/worker/worker.h"

#include <algorithm>
#include <array>
#include <sys/socket.h>

namespace fairlead::proxy::worker {
namespace {

constexpr std::uint8_t tls_handshake_record = 0x16;
constexpr std::size_t cancel_key_size_3_0 = 4;
constexpr std::size_t cancel_key_size_3_2 = 32;

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

}  // namespace

void postgres_client::read_login() {
    if (handshaking_) return continue_handshake();
    if (login_ == nullptr) {
        std::uint8_t first = 0;
        ssize_t peeked = ::recv(stream().fd(), &first, 1, MSG_PEEK);
        if (peeked == 0) return close_now();
        if (peeked < 0) return;
        auto tls = listener_->tls != nullptr ? listener_->tls_mode : config::TlsMode::disable;
        auto method = listener_->auth == config::ClientAuth::password ? postgres::auth_method::password
                                                                      : postgres::auth_method::automatic;
        login_ = std::make_unique<postgres::client_login>(postgres::login_context{
            .credentials = worker_.current().credentials, .tls = tls, .method = method});
        if (first == tls_handshake_record && listener_->tls != nullptr) {
            direct_tls_ = true;
            return begin_tls();
        }
    }
    Bytes fresh;
    net::io_result result = receive(worker_.scratch(), fresh);
    if (result.status == net::io_status::would_block) return;
    if (result.status != net::io_status::ok) return abort_login();
    std::string out;
    auto step = login_->on_bytes(fresh, out);
    consume(fresh, step.consumed);
    continue_login(step, out);
}

void postgres_client::on_tls_established() {
    if (direct_tls_ && !stream().negotiated_alpn()) {
        worker_.log().info("TLS handshake failed", {{"error", "the client did not ask for this protocol"}});
        return abort_login();
    }
    std::string out;
    auto step = login_->on_tls_established(stream().peer(*listener_->tls), out);
    continue_login(step, out);
}

void postgres_client::continue_login(postgres::client_login::step step, const std::string& out) {
    if (!out.empty() && !write(out)) return close_now();
    using next = postgres::client_login::next;
    switch (step.what) {
        case next::read_more:
            return;
        case next::start_tls:
            return begin_tls();
        case next::authenticated:
            return on_authenticated();
        case next::cancel:
            pass_cancel_request();
            return close_now();
        case next::close:
            break;
    }
    end_login(login_->failure_sqlstate(), login_->parameters().user, login_->failure_reason());
}

void postgres_client::pass_cancel_request() {
    auto request = login_->cancel_request();
    unsigned target = worker::worker_of(request.pid);
    if (target >= worker_.shared().workers.size()) return;
    worker_.post_to(target, [request](worker& other) {
        auto* client = dynamic_cast<postgres_client*>(other.client_numbered(request.pid));
        bool known = client != nullptr && !client->cancel_key().empty() &&
                     auth::constant_time_equal(client->cancel_key(), request.key);
        if (!known) return other.counts().cancel_requests_unmatched.add();
        client->cancel();
    });
}

void postgres_client::on_authenticated() {
    protocol_minor_ = static_cast<std::uint8_t>(login_->protocol_minor());
    const postgres::startup_parameters& asked = login_->parameters();
    exposed_database_ = asked.database == asked.user ? std::string() : asked.database;
    dal::identity_labels labels =
        note_login(*login_->user(), login_->label(), login_->has_tls() ? &login_->tls() : nullptr);
    labels.startup_option = asked.tenant;
    if (!enter_route(labels)) return;
    startup_settings_ = postgres::no_settings();
    if (asked.replication != postgres::replication_mode::none) {
        if (take_replication(asked.replication)) worker_.links().request(*this);
        return;
    }
    const postgres::placement_scope& scope = *route_->placement->postgres.current;
    for (const auto& [name, value] : asked.settings) {
        if (!add_setting(scope, name, value)) return;
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

void postgres_client::on_greeting_link(server_connection& server) {
    const postgres::parameter_list baseline = static_cast<postgres_server&>(server).session.parameters;
    on_transaction_end();
    open_session(baseline);
}

// Replication needs a server connection that was opened for it and serves this client alone.
bool postgres_client::take_replication(postgres::replication_mode mode) {
    const postgres::placement_scope& scope = *route_->placement->postgres.current;
    if (scope.guard.model != config::Model::silo || !scope.session_pooling) {
        refuse_login(
            {.sqlstate = "0A000",
             .message = "replication connections are taken for silo placements with session pooling only",
             .hint = "Set pooling = \"session\" for the placement, or connect to the server itself."});
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
bool postgres_client::add_setting(const postgres::placement_scope& scope, std::string_view name,
                                  std::string_view value) {
    std::string statement = "SET " + quoted_setting_name(name) + " = " + quoted(value, '\'');
    auto verdict = worker_.postgres_services().verdicts.check(scope.guard, route_->own_schema, statement);
    if (verdict->refused) {
        on_refusal(verdict->refusal, statement);
        refuse_login({.sqlstate = verdict->refusal.sqlstate,
                      .message = verdict->refusal.message,
                      .hint = verdict->refusal.hint});
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

postgres::session_identity postgres_client::identity_of(const client_route& route) const {
    postgres::session_identity identity;
    identity.tenant = route.tenant;
    identity.own_schema = route.own_schema;
    if (!route.own_schema.empty()) identity.search_path = quoted(route.own_schema, '"');
    identity.plan_scope = route.backend->name + "/" + route.database + "/" + route.own_schema;
    identity.slot = &route.placement->postgres;
    const config::Placement* placement = worker_.current().snapshot->placement(route.placement->name);
    if (placement != nullptr) identity.context_lifetime_s = placement->context_lifetime.count() / 1000;
    return identity;
}

void postgres_client::open_session(const postgres::parameter_list& baseline) {
    cancel_key_.resize(protocol_minor_ >= 2 ? cancel_key_size_3_2 : cancel_key_size_3_0);
    auto* key = reinterpret_cast<std::uint8_t*>(cancel_key_.data());
    if (!auth::system_random({key, cancel_key_.size()}))
        return refuse_login({.sqlstate = "XX000", .message = "no randomness to be had"});
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
    postgres::append_backend_key(out, worker_.client_number(*this), cancel_key_);
    postgres::append_ready_for_query(out, 'I');
    session_ = std::make_unique<postgres::client_session>(worker_.postgres_services(), identity_of(*route_),
                                                          observer(), std::move(startup_settings_));
    login_.reset();
    become_ready();
    if (!write(out)) return close_now();
    process_kept();
}

}  // namespace fairlead::proxy::worker
