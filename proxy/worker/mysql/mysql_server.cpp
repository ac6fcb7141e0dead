#include "proxy/worker/mysql/mysql_server.h"

#include "proxy/wire/mysql/commands.h"
#include "proxy/wire/mysql/packet.h"
#include "proxy/worker/mysql/kill_query.h"
#include "proxy/worker/mysql/mysql_client.h"
#include "proxy/worker/worker.h"

#include <algorithm>

namespace fairlead::proxy::worker {

mysql::server_login_parameters login_parameters(const config::Backend& settings, config::TlsMode tls,
                                                bool local) {
    mysql::server_login_parameters parameters;
    parameters.tls = tls;
    parameters.local = local;
    parameters.user = settings.user;
    parameters.password = settings.password;
    return parameters;
}

mysql_server::mysql_server(link_broker& home_broker, std::shared_ptr<backend_runtime> to,
                           dal::ConnectionId connection_id, const std::string& database_name,
                           net::reactor& reactor)
    : server_connection(home_broker, std::move(to), connection_id, database_name, reactor,
                        net::transport(net::descriptor())) {}

server_login_step mysql_server::start_login(const config::Backend& settings, config::TlsMode tls,
                                            std::string& out) {
    mysql::server_login_parameters parameters = login_parameters(settings, tls, address.is_unix());
    parameters.capabilities |= mysql::capability::mariadb_bulk_operations;
    if (database == found_rows_mark) parameters.capabilities |= mysql::capability::found_rows;
    session.max_prepared = std::max(1u, settings.max_server_prepared_statements);
    login_ = std::make_unique<mysql::server_login>(std::move(parameters));
    return after_login(login_->start(out), out);
}

server_login_step mysql_server::on_login_bytes(Bytes fresh, std::string& out) {
    if (login_ == nullptr) return set_up(fresh);
    return after_login(login_->on_bytes(fresh, out), out);
}

server_login_step mysql_server::on_login_tls(const auth::tls_peer& peer, std::string& out) {
    return after_login(login_->on_tls_established(peer, out), out);
}

// Once the server has let us in, its session is put to the state that all pooled ones are in between two
// clients, by the same commands.
server_login_step mysql_server::after_login(server_login_step step, std::string& out) {
    if (step.what == server_login_next::failed) failure_ = login_->failure();
    if (step.what != server_login_next::ready) return step;
    session.thread_id = static_cast<std::uint32_t>(login_->identity().thread_id);
    session.capabilities = login_->capabilities();
    session.status = login_->status();
    login_.reset();
    outgoing to_server;
    session.start_full_reset(to_server);
    out += to_server.flatten();
    return {server_login_next::read_more, step.consumed};
}

server_login_step mysql_server::set_up(Bytes fresh) {
    outgoing to_client;
    outgoing to_server;
    mysql::reply_reader reader(session, nullptr, home->owner().nobody(), to_client, to_server);
    server_step step = reader.read(fresh, reply_);
    if (step.what == server_next::broken || !to_server.empty()) {
        failure_ = {"08006", "the server did not take the settings of our sessions", false};
        return {server_login_next::failed, step.consumed};
    }
    bool done = session.idle() && session.applied.has_value();
    return {done ? server_login_next::ready : server_login_next::read_more, step.consumed};
}

server_step mysql_server::relay(Bytes fresh, outgoing& to_client, outgoing& to_server) {
    auto* user = static_cast<mysql_client*>(client);
    mysql::reply_reader reader(session, user != nullptr ? &user->session() : nullptr,
                               user != nullptr ? user->observer() : home->owner().nobody(), to_client,
                               to_server);
    return reader.read(fresh, reply_);
}

bool mysql_server::can_roll_back() const {
    return session.expected.empty() && !session.infile && !session.command_incomplete &&
           reply_.remaining == 0;
}

void mysql_server::append_cleaning(bool full_reset, outgoing& to_server) {
    if (full_reset) {
        session.start_full_reset(to_server);
    } else {
        session.start_rollback(to_server);
    }
}

std::unique_ptr<cancel_connection> mysql_server::make_cancel(net::transport opened) {
    std::shared_ptr<const config::Backend> settings;
    std::shared_ptr<const net::tls_context> tls;
    {
        std::lock_guard lock(backend->mutex);
        settings = backend->settings;
        if (!address.is_unix()) tls = backend->tls;
    }
    config::TlsMode mode = tls != nullptr ? settings->tls.mode : config::TlsMode::disable;
    return std::make_unique<kill_query>(*home, std::move(opened), *this,
                                        login_parameters(*settings, mode, address.is_unix()), std::move(tls),
                                        settings->host, session.thread_id);
}

void mysql_server::append_goodbye(std::string& out) const {
    std::uint8_t sequence = 0;
    mysql::append_message(out, sequence, std::string(1, static_cast<char>(mysql::command::quit)));
}

}  // namespace fairlead::proxy::worker
