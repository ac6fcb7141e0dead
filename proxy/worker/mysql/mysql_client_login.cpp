// A MySQL client's way from our greeting to its first command, and through COM_CHANGE_USER later.
#include "proxy/session/mysql/session_settings.h"
#include "proxy/worker/mysql/mysql_client.h"
#include "proxy/worker/worker.h"

#include <algorithm>

namespace fairlead::proxy::worker {

mysql::client_login_context mysql_client::login_context() const {
    const mysql_greeting& greeting = worker_.current().greeting;
    mysql::client_login_context context;
    context.credentials = worker_.current().credentials;
    context.tls = listener_->tls != nullptr ? listener_->tls_mode : config::TlsMode::disable;
    context.local = listener_->local;
    context.method =
        listener_->auth == config::ClientAuth::password ? auth_method::password : auth_method::automatic;
    context.flavour = greeting.flavour;
    context.server_version = greeting.version;
    context.rsa = &worker_.shared().rsa_key;
    context.cache = &worker_.shared().sha2_hashes;
    return context;
}

void mysql_client::begin() {
    login_ = std::make_unique<mysql::client_login>(login_context(), worker_.client_number(*this));
    std::string out;
    client_login_step step = login_->start(out);
    continue_login(step, out);
}

void mysql_client::read_login() {
    if (handshaking_) return continue_handshake();
    // What follows an SSLRequest belongs to the TLS library.
    std::span<std::uint8_t> room = worker_.scratch();
    if (codec_ == nullptr) room = room.first(std::min(room.size(), login_->read_limit(kept())));
    Bytes fresh;
    net::io_result result = receive(room, fresh);
    if (result.status == net::io_status::would_block) return;
    if (result.status != net::io_status::ok) return abort_login();
    login_bytes(fresh);
}

void mysql_client::login_bytes(Bytes fresh) {
    std::string out;
    client_login_step step{client_login_next::read_more, 0};
    if (codec_ == nullptr) {
        step = login_->on_bytes(fresh, out);
        consume(fresh, step.consumed);
    } else {
        auto unpacked = codec_->read(fresh, plain_, mysql::client_login::max_buffered());
        consume(fresh, unpacked.consumed);
        if (unpacked.what == mysql::frame_codec::status::malformed) return abort_login();
        step = login_->on_bytes(as_bytes(plain_), out);
        plain_.erase(0, step.consumed);
    }
    continue_login(step, out);
}

void mysql_client::on_tls_established() {
    std::string out;
    client_login_step step = login_->on_tls_established(stream().peer(*listener_->tls), out);
    continue_login(step, out);
}

bool mysql_client::say(const std::string& bytes) {
    outgoing& out = worker_.to_client();
    out.clear();
    out.own(bytes);
    return deliver(out);
}

void mysql_client::continue_login(client_login_step step, const std::string& out) {
    if (!out.empty() && !say(out)) return close_now();
    switch (step.what) {
        case client_login_next::read_more:
        case client_login_next::cancel:
            return;
        case client_login_next::start_tls:
            return begin_tls();
        case client_login_next::authenticated:
            return on_authenticated();
        case client_login_next::close:
            break;
    }
    end_login(login_->failure_sqlstate(), login_->parameters().user, login_->failure_reason());
}

void mysql_client::on_authenticated() {
    const mysql::client_parameters& asked = login_->parameters();
    exposed_database_ = asked.database.value_or("");
    dal::identity_labels labels =
        note_login(*login_->user(), login_->label(), login_->has_tls() ? &login_->tls() : nullptr);
    labels.connection_attribute = asked.tenant;
    established_ = {.capabilities = login_->capabilities(),
                    .collation = asked.collation,
                    .max_packet = asked.max_packet,
                    .scramble = login_->scramble(),
                    .has_tls = login_->has_tls(),
                    .tls = login_->tls()};
    if (!enter_route(labels)) return;
    const mysql::placement_scope& scope = *route_->placement->mysql.current;
    settings_ptr startup = mysql::startup_settings(asked.collation, scope.sql_mode);
    if (startup == nullptr) {
        return refuse_login({.sqlstate = "0A000",
                             .message = "this character set is not taken, as its characters may hold a quote",
                             .hint = "Use utf8mb4, utf8, latin1, ascii or binary."});
    }
    open_session(std::move(startup));
}

void mysql_client::open_session(settings_ptr startup) {
    std::string out;
    login_->finish(out);
    if (!say(out)) return close_now();
    mysql::compression_choice compression = login_->compression();
    if (codec_ == nullptr && compression.method != mysql::compression_method::none)
        codec_ = std::make_unique<mysql::frame_codec>(compression);
    session_ =
        std::make_unique<mysql::client_session>(worker_.mysql_services(), identity_of(*route_), observer(),
                                                established_.capabilities, std::move(startup));
    login_.reset();
    become_ready();
    process_kept();
}

// The client becomes somebody else, on the connection that it has: nothing of before remains.
void mysql_client::change_user() {
    abandon_link();
    set_state(client_state::logging_in);
    leave_route();
    route_.reset();
    drop_session();
    worker_.watch_login(*this);
    login_ =
        std::make_unique<mysql::client_login>(login_context(), worker_.client_number(*this), established_);
    std::string out;
    client_login_step step = login_->start(out);
    if (step.what != client_login_next::read_more || !out.empty()) return continue_login(step, out);
    want_read(true);
    login_bytes(kept());
}

}  // namespace fairlead::proxy::worker
