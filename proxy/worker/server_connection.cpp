#include "proxy/worker/server_connection.h"

#include "proxy/worker/client_connection.h"
#include "proxy/worker/link_broker.h"
#include "proxy/worker/worker.h"

#include <charconv>
#include <cstring>
#include <sys/epoll.h>

namespace fairlead::proxy::worker {
namespace {

// A server that answers no clean-up within this time is not worth waiting for.
constexpr std::chrono::seconds cleaning_timeout{10};

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

void server_connection::on_ready(std::uint32_t events) {
    link_broker& broker = *home;  // at the end this connection may be another worker's, or gone
    switch (state) {
        case server_state::connecting:
            on_connected();
            break;
        case server_state::logging_in:
            if (handshaking) {
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
                    client
                        ->after_replies();  // which may give this connection away; epoll tells the rest again
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
    postgres::server_login_parameters parameters;
    {
        std::lock_guard lock(backend->mutex);
        parameters.tls = address.is_unix() || backend->tls == nullptr ? config::TlsMode::disable
                                                                      : backend->settings->tls.mode;
        parameters.user = backend->settings->user;
        parameters.password = backend->settings->password;
        session.max_prepared = std::max(1u, backend->settings->max_server_prepared_statements);
    }
    parameters.database = database;
    parameters.settings = {{"application_name", "fairlead"}, {"client_encoding", "UTF8"}};
    if (replication.empty()) {
        parameters.setup = own_setup();
    } else {
        parameters.settings.emplace_back("replication",
                                         replication);  // a walsender takes no extended protocol
    }
    parameters.scram_keys = &home->owner().shared().scram_keys;
    login = std::make_unique<postgres::server_login>(std::move(parameters));
    update_interest();
    std::string out;
    auto step = login->start(out);
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
    auto step = login->on_bytes(fresh, out);
    consume(fresh, step.consumed);
    continue_login(step, out);
}

void server_connection::continue_login(postgres::server_login::step step, const std::string& out) {
    if (!out.empty() && !write(out))
        return home->login_failed(*this, "08006", "connection lost during login");
    using next = postgres::server_login::next;
    switch (step.what) {
        case next::read_more:
            break;
        case next::failed: {
            const auto& failure = login->failure();
            home->login_failed(*this, failure.sqlstate, failure.message);
            break;
        }
        case next::ready:
            finish_login();
            break;
        case next::start_tls: {
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
            handshaking = true;
            continue_handshake();
            break;
        }
    }
}

void server_connection::continue_handshake() {
    net::io_result result = stream().handshake();
    if (result.status == net::io_status::would_block) return update_interest();
    if (result.status != net::io_status::ok) return home->login_failed(*this, "08006", stream().tls_error());
    handshaking = false;
    update_interest();
    std::string out;
    auto step = login->on_tls_established(stream().peer(*tls_in_use_), out);
    continue_login(step, out);
}

void server_connection::finish_login() {
    session.pid = static_cast<std::int32_t>(login->pid());
    session.cancel_key = login->cancel_key();
    session.parameters = login->parameters();
    const auto& row = login->setup_row();
    if (!row.empty()) session.connection_tag = to_number(row.front());
    session.applied = session.applied_before = postgres::no_settings();
    login.reset();
    state = server_state::idle;
    home->login_finished(*this);
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
    postgres::reply_reader reader(session, user != nullptr ? &user->session() : nullptr,
                                  user != nullptr ? user->observer() : home->owner().nobody(), to_client,
                                  to_server);
    auto step = reader.read(fresh, reply);
    bool written = to_server.empty() || write(to_server);
    bool client_gone = false;
    if (user != nullptr && !to_client.empty()) {
        user->count_replies(fresh.size(), to_client.size());
        client_gone = !user->write(to_client);
    }
    consume(fresh, step.consumed);
    if (step.what == server_next::broken || !written) {
        if (user != nullptr) user->note_error_said(session.error_in_segment);
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
    if (full_reset) {
        session.needs_full_reset = false;
        session.start_full_reset(to_server);
    } else {
        session.start_rollback(to_server);
    }
    if (!write(to_server)) home->discard(*this, "write failed");
}

// Nobody's and idle: what has to happen before it may be lent again?
void server_connection::settle() {
    if (state == server_state::idle) return;  // an asynchronous message on an idle connection
    if (session.needs_full_reset) return start_cleaning(true);
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
