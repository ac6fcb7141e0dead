#include "proxy/worker/server_connection.h"

#include "proxy/worker/client_connection.h"
#include "proxy/worker/link_broker.h"
#include "proxy/worker/worker.h"

#include <cstring>
#include <sys/epoll.h>

namespace fairlead::proxy::worker {
namespace {

// A server that answers no clean-up within this time is not worth waiting for.
constexpr std::chrono::seconds cleaning_timeout{10};

}  // namespace

server_connection::server_connection(link_broker& home_broker, std::shared_ptr<backend_runtime> to,
                                     dal::ConnectionId connection_id, std::string database_name,
                                     net::reactor& reactor, net::transport stream)
    : net::connection(reactor, std::move(stream)),
      home(&home_broker),
      backend(std::move(to)),
      id(connection_id),
      database(std::move(database_name)) {}

server_connection::~server_connection() = default;

void server_connection::on_events(std::uint32_t events) {
    link_broker& broker = *home;  // at the end this connection may be another worker's, or gone
    switch (state) {
        case server_state::connecting:
            on_connected();
            break;
        case server_state::logging_in:
            if (handshaking_) {
                continue_handshake();
            } else {
                if ((events & EPOLLOUT) != 0 && !flush())
                    return home->login_failed(*this, "08006", "connection lost");
                if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) read_login();
            }
            break;
        case server_state::closed:
        case server_state::resolving:
            break;
        default:
            if ((events & EPOLLOUT) != 0) {
                if (!flush()) return home->discard(*this, "write failed");
                if (backlog() == 0 && client != nullptr) {
                    ask_again();              // for what else there is ...
                    client->after_replies();  // ... since this may give the connection away
                    break;
                }
            }
            if (state != server_state::closed && (events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0)
                read_replies();
            break;
    }
    broker.run_grants();
}

void server_connection::on_connected() {
    if (int error = net::connect_error(stream().fd()); error != 0) {
        return home->login_failed(*this, "08001", std::string("cannot connect: ") + std::strerror(error));
    }
    state = server_state::logging_in;
    std::shared_ptr<const config::Backend> settings;
    config::TlsMode tls = config::TlsMode::disable;
    {
        std::lock_guard lock(backend->mutex);
        settings = backend->settings;
        if (!address.is_unix() && backend->tls != nullptr) tls = settings->tls.mode;
    }
    update_interest();
    std::string out;
    server_login_step step = start_login(*settings, tls, out);
    continue_login(step, out);
}

void server_connection::read_login() {
    Bytes fresh;
    net::io_result result = receive(home->owner().scratch(), fresh);
    if (result.status == net::io_status::would_block) return;
    if (result.status != net::io_status::ok) {
        return home->login_failed(*this, "08006", "the server closed the connection during login");
    }
    std::string out;
    server_login_step step = on_login_bytes(fresh, out);
    consume(fresh, step.consumed);
    continue_login(step, out);
}

void server_connection::continue_login(server_login_step step, const std::string& out) {
    if (!out.empty() && !write(out))
        return home->login_failed(*this, "08006", "connection lost during login");
    switch (step.what) {
        case server_login_next::read_more:
            break;
        case server_login_next::failed: {
            login_failure failed = failure();
            home->login_failed(*this, failed.sqlstate, failed.message);
            break;
        }
        case server_login_next::ready:
            finish_login();
            state = server_state::idle;
            expect_edges();
            home->login_finished(*this);
            break;
        case server_login_next::start_tls: {
            std::string host;
            std::shared_ptr<const net::tls_context> tls;
            {
                std::lock_guard lock(backend->mutex);
                host = backend->settings->host;
                tls = backend->tls;
            }
            if (!stream().start_tls(*tls, &host))
                return home->login_failed(*this, "08006", "cannot start TLS");
            tls_in_use_ = std::move(tls);
            handshaking_ = true;
            continue_handshake();
            break;
        }
    }
}

void server_connection::continue_handshake() {
    net::io_result result = stream().handshake();
    if (result.status == net::io_status::would_block) return update_interest();
    if (result.status != net::io_status::ok) return home->login_failed(*this, "08006", stream().tls_error());
    handshaking_ = false;
    update_interest();
    std::string out;
    server_login_step step = on_login_tls(stream().peer(*tls_in_use_), out);
    continue_login(step, out);
}

void server_connection::read_replies() {
    // A client that does not take its rows stops its own server, nobody else.
    if (client != nullptr && client->backlog() > 0) return want_read(false);
    Bytes fresh;
    net::io_result result = receive(home->owner().scratch(), fresh);
    if (result.status == net::io_status::would_block) return;
    if (result.status != net::io_status::ok) return home->discard(*this, "the server closed the connection");
    handle_replies(fresh);
}

bool server_connection::handle_replies(Bytes fresh) {
    outgoing& to_client = home->owner().to_client();
    outgoing& to_server = home->owner().to_server();
    to_client.clear();
    to_server.clear();
    client_connection* user = client;
    server_step step = relay(fresh, to_client, to_server);
    bool written = to_server.empty() || write(to_server);
    bool client_gone = false;
    if (user != nullptr && !to_client.empty()) {
        user->count_replies(fresh.size(), to_client.size());
        client_gone = !user->deliver(to_client);
    }
    consume(fresh, step.consumed);
    if (step.what == server_next::broken || !written) {
        if (user != nullptr) user->note_error_said(said_error());
        home->discard(*this, "protocol violation");
        return false;
    }
    if (client_gone) {
        user->leave();  // cleans this connection, or closes it
        return false;
    }
    if (step.what == server_next::release) {
        // Whatever stands behind ReadyForQuery belongs to nobody: the next user must not get it.
        if (!kept().empty()) {
            home->discard(*this, "the server spoke out of turn");
            return false;
        }
        if (user != nullptr) {
            user->on_transaction_end();
        } else {
            settle();
        }
        return true;
    }
    if (user != nullptr) {
        if (user->backlog() > 0) want_read(false);
        user->after_replies();
    }
    return true;
}

void server_connection::start_cleaning(bool full_reset) {
    client = nullptr;
    state = server_state::cleaning;
    deadline = home->owner().now() + cleaning_timeout;
    want_read(true);
    outgoing& to_server = home->owner().to_server();
    to_server.clear();
    append_cleaning(full_reset, to_server);
    if (!write(to_server)) home->discard(*this, "write failed");
}

// Nobody's and idle: what has to happen before it may be lent again?
void server_connection::settle() {
    if (state == server_state::idle) return;  // an asynchronous message on an idle connection
    if (needs_full_reset()) return start_cleaning(true);
    if (cancels_in_flight > 0) {
        client = nullptr;
        state = server_state::held;
        return;
    }
    client = nullptr;
    state = server_state::idle;
    want_read(true);
    home->give_back(*this);
}

}  // namespace fairlead::proxy::worker
