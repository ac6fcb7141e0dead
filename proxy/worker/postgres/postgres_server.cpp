#include "proxy/worker/postgres/postgres_server.h"

#include "proxy/wire/postgres/build.h"
#include "proxy/worker/postgres/cancel_request.h"
#include "proxy/worker/postgres/postgres_client.h"
#include "proxy/worker/worker.h"

#include <algorithm>
#include <charconv>

namespace fairlead::proxy::worker {
namespace {

std::int64_t to_number(const std::optional<std::string>& text) {
    std::int64_t value = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

std::string own_setup() {
    std::string setup;
    postgres::append_own_statements(setup);
    // The number that fairlead.tenant() compares the token with.
    postgres::append_parse(setup, "", policy::postgres::connection_tag_query);
    postgres::append_bind(setup, "", "", {});
    postgres::append_execute(setup, "");
    postgres::append_sync(setup);
    return setup;
}

std::string without_mark(const std::string& database) {
    return database.substr(0, database.find(replication_mark));
}

}  // namespace

postgres_server::postgres_server(link_broker& home_broker, std::shared_ptr<backend_runtime> to,
                                 dal::ConnectionId connection_id, const std::string& database_name,
                                 net::reactor& reactor)
    : server_connection(home_broker, std::move(to), connection_id, without_mark(database_name), reactor,
                        net::transport(net::descriptor())) {
    std::size_t mark = database_name.find(replication_mark);
    if (mark != std::string::npos) replication_ = database_name.substr(mark + replication_mark.size());
}

server_login_step postgres_server::start_login(const config::Backend& settings, config::TlsMode tls,
                                               std::string& out) {
    postgres::server_login_parameters parameters;
    parameters.tls = tls;
    parameters.user = settings.user;
    parameters.password = settings.password;
    parameters.database = database;
    parameters.settings = {{"application_name", "fairlead"}, {"client_encoding", "UTF8"}};
    if (replication_.empty()) {
        parameters.setup = own_setup();
    } else {
        // A walsender takes no extended protocol.
        parameters.settings.emplace_back("replication", replication_);
    }
    parameters.scram_keys = &home->owner().shared().scram_keys;
    session.max_prepared = std::max(1u, settings.max_server_prepared_statements);
    login_ = std::make_unique<postgres::server_login>(std::move(parameters));
    return login_->start(out);
}

server_login_step postgres_server::on_login_bytes(Bytes fresh, std::string& out) {
    return login_->on_bytes(fresh, out);
}

server_login_step postgres_server::on_login_tls(const auth::tls_peer& peer, std::string& out) {
    return login_->on_tls_established(peer, out);
}

void postgres_server::finish_login() {
    session.pid = static_cast<std::int32_t>(login_->pid());
    session.cancel_key = login_->cancel_key();
    session.parameters = login_->parameters();
    const auto& row = login_->setup_row();
    if (!row.empty()) session.connection_tag = to_number(row.front());
    session.applied = session.applied_before = no_settings();
    login_.reset();
}

server_step postgres_server::relay(Bytes fresh, outgoing& to_client, outgoing& to_server) {
    auto* user = static_cast<postgres_client*>(client);
    postgres::reply_reader reader(session, user != nullptr ? &user->session() : nullptr,
                                  user != nullptr ? user->observer() : home->owner().nobody(), to_client,
                                  to_server);
    return reader.read(fresh, reply_);
}

bool postgres_server::can_roll_back() const {
    return session.expected.empty() && !session.copy_in && !session.sent_since_sync && reply_.remaining == 0;
}

void postgres_server::append_cleaning(bool full_reset, outgoing& to_server) {
    if (!full_reset) return session.start_rollback(to_server);
    session.needs_full_reset = false;
    session.start_full_reset(to_server);
}

std::unique_ptr<cancel_connection> postgres_server::make_cancel(net::transport opened) {
    if (session.cancel_key.size() < 4) return nullptr;
    std::string request;
    postgres::append_cancel_request(request, static_cast<std::uint32_t>(session.pid), session.cancel_key);
    auto cancel = std::make_unique<cancel_request>(*home, std::move(opened), *this, std::move(request));
    if (stream().has_tls()) {
        std::lock_guard lock(backend->mutex);
        cancel->use_tls(backend->tls, backend->settings->host);
    }
    return cancel;
}

void postgres_server::append_goodbye(std::string& out) const {
    postgres::append_terminate(out);
}

baseline_ptr postgres_server::baseline() const {
    if (!replication_.empty()) return nullptr;
    return std::make_shared<const postgres::parameter_list>(session.parameters);
}

}  // namespace fairlead::proxy::worker
