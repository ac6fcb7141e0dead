#include "proxy/worker/link_broker.h"

#include "dal/pool/pool_limits.h"
#include "proxy/worker/cancel_connection.h"
#include "proxy/worker/client_connection.h"
#include "proxy/worker/worker.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <optional>

namespace fairlead::proxy::worker {
namespace {

constexpr std::chrono::seconds cancel_timeout{10};

}  // namespace

link_broker::link_broker(worker& home) : worker_(home), resolver_(home.io()) {}
link_broker::~link_broker() = default;

std::uint64_t link_broker::key_of(const backend_runtime& backend, dal::ConnectionId id) {
    return (static_cast<std::uint64_t>(backend.index) << 32) | static_cast<std::uint32_t>(id);
}

server_connection* link_broker::find(std::uint64_t key) {
    auto found = servers_.find(key);
    return found != servers_.end() ? found->second.get() : nullptr;
}

void link_broker::request(client_connection& client) {
    const client_route& route = *client.route();
    dal::BackendPool::Acquired acquired;
    actions_.clear();
    {
        std::lock_guard lock(route.backend->mutex);
        acquired = route.backend->pool.acquire(route.tenant_slot, route.database_slot, worker_.index(),
                                               client.cookie(), worker_.now(), actions_);
    }
    client.ticket = acquired.ticket;
    if (!actions_.empty()) perform(route.backend, actions_);
    if (!acquired.connection) return;
    std::uint64_t key = key_of(*route.backend, *acquired.connection);
    if (acquired.from_worker == worker_.index()) {
        if (server_connection* server = find(key)) lend(*server, client.cookie(), {});
        return;
    }
    worker_.post_to(acquired.from_worker,
                    [key, to = worker_.index(), cookie = client.cookie()](worker& other) {
                        other.links().hand_over(key, to, cookie, {});
                    });
}

bool link_broker::withdraw(client_connection& client) {
    std::lock_guard lock(client.route()->backend->mutex);
    return client.route()->backend->pool.cancel(client.ticket);
}

void link_broker::lend(server_connection& server, std::uint64_t cookie, std::chrono::nanoseconds waited) {
    client_connection* client = worker_.client(cookie);
    if (server.state == server_state::closed) return;
    if (client == nullptr || client->state() == client_state::closed) return give_back(server);
    server.client = client;
    server.state = server_state::linked;
    client->on_link(server, waited);
}

void link_broker::give_back(server_connection& server) {
    actions_.clear();
    {
        std::lock_guard lock(server.backend->mutex);
        server.backend->pool.release(server.id, worker_.now(), actions_);
    }
    if (actions_.empty()) return;
    dal::PoolActions actions;  // perform() may come back here
    std::swap(actions, actions_);
    perform(server.backend, actions);
    std::swap(actions, actions_);
}

void link_broker::discard(server_connection& server, std::string_view why) {
    if (server.state == server_state::closed) return;
    client_connection* client = std::exchange(server.client, nullptr);
    bool was_idle = server.state == server_state::idle;
    std::shared_ptr<backend_runtime> backend = server.backend;
    worker_.log().debug("server connection closed", {{"backend", backend->name}, {"why", why}});
    server.state = server_state::closed;
    server.close();
    std::uint64_t key = key_of(*backend, server.id);
    dal::ConnectionId id = server.id;
    if (auto owned = release_ownership(key)) graveyard_.push_back(std::move(owned));
    dal::PoolActions actions;
    {
        std::lock_guard lock(backend->mutex);
        // A connection that dies while idle may mean that the server restarted with other parameters.
        if (was_idle) backend->baselines.erase(server.database);
        backend->pool.discard(id, worker_.now(), actions);
    }
    perform(backend, actions);
    if (client != nullptr) client->on_server_lost(false);
}

void link_broker::login_finished(server_connection& server) {
    worker_.counts().backend(server.backend->name).logins_ok.add();
    dal::PoolActions actions;
    {
        std::lock_guard lock(server.backend->mutex);
        if (baseline_ptr baseline = server.baseline()) {
            server.backend->baselines[server.database] = std::move(baseline);
        }
        server.backend->pool.connected(server.id, worker_.now(), actions);
    }
    perform(server.backend, actions);
}

void link_broker::login_failed(server_connection& server, std::string_view sqlstate,
                               std::string_view message) {
    if (server.state == server_state::closed) return;
    std::shared_ptr<backend_runtime> backend = server.backend;
    worker_.counts().backend(backend->name).logins_failed.add();
    worker_.log().warning("server login failed", {{"backend", backend->name},
                                                  {"database", server.database},
                                                  {"sqlstate", sqlstate},
                                                  {"error", message}});
    // Clients are told no more: the reason may name addresses, roles and the server's own words.
    std::string text = "cannot connect to backend \"" + backend->name + "\"";
    server.state = server_state::closed;
    server.close();
    dal::ConnectionId id = server.id;
    if (auto owned = release_ownership(key_of(*backend, id))) graveyard_.push_back(std::move(owned));
    dal::PoolActions actions;
    {
        std::lock_guard lock(backend->mutex);
        backend->addresses.clear();  // the name may point elsewhere by now
        backend->pool.connect_failed(id, text, worker_.now(), actions, dal::failure_scope(sqlstate));
    }
    perform(backend, actions);
}

void link_broker::perform(const std::shared_ptr<backend_runtime>& backend, dal::PoolActions& actions) {
    for (const auto& given : actions.grants) {
        std::uint64_t key = key_of(*backend, given.connection);
        std::chrono::nanoseconds waited = given.waited;
        if (given.from_worker == worker_.index()) {
            if (given.worker == worker_.index()) {
                grants_.push_back({key, given.cookie, waited});
            } else {
                hand_over(key, given.worker, given.cookie, waited);
            }
        } else {
            worker_.post_to(given.from_worker,
                            [key, to = given.worker, cookie = given.cookie, waited](worker& other) {
                                other.links().hand_over(key, to, cookie, waited);
                            });
        }
    }
    // Whatever is opened in place of something is opened after that is closed, or more would be open than the
    // pool allows.
    std::size_t opened = 0;
    for (const auto& close_action : actions.closes) {
        std::optional<dal::PoolActions::Connect> instead;
        if (opened < actions.connects.size()) instead = actions.connects[opened++];
        std::uint64_t key = key_of(*backend, close_action.connection);
        worker_.post_to(close_action.worker, [backend, key, instead](worker& other) {
            other.links().close_by_key(key);
            if (instead) other.links().post_connect(backend, *instead);
        });
    }
    for (; opened < actions.connects.size(); ++opened) post_connect(backend, actions.connects[opened]);
    for (const auto& failure : actions.failures) {
        bool timed_out = failure.reason == dal::AcquireFailure::timed_out;
        worker_.post_to(failure.worker, [timed_out, cookie = failure.cookie, ticket = failure.ticket,
                                         message = failure.message, name = backend->name](worker& other) {
            client_connection* client = other.client(cookie);
            if (client == nullptr || client->ticket != ticket) return;
            std::string hint = timed_out ? "Look at backends." + name + ".pool_size and pool_timeout."
                                         : "Look at the proxy's log and at backend \"" + name + "\".";
            client->on_link_failed(
                {.sqlstate = timed_out ? "53300" : "08001", .message = message, .hint = hint});
        });
    }
}

void link_broker::post_connect(const std::shared_ptr<backend_runtime>& backend,
                               const dal::PoolActions::Connect& wanted) {
    worker_.post_to(wanted.worker, [backend, wanted](worker& other) {
        other.links().connect(backend, wanted.connection, wanted.database);
    });
}

void link_broker::run_grants() {
    if (running_grants_) return;
    running_grants_ = true;
    for (std::size_t i = 0; i < grants_.size(); ++i) {
        grant next = grants_[i];
        if (server_connection* server = find(next.key)) lend(*server, next.cookie, next.waited);
    }
    grants_.clear();
    running_grants_ = false;
}

void link_broker::hand_over(std::uint64_t key, unsigned to_worker, std::uint64_t cookie,
                            std::chrono::nanoseconds waited) {
    server_connection* server = find(key);
    bool alive = server != nullptr && server->state != server_state::closed;
    if (alive && to_worker == worker_.index()) return lend(*server, cookie, waited);
    if (!alive) {
        // It died on the way; its discard() told the pool, the waiter has to ask again.
        worker_.post_to(to_worker, [cookie](worker& other) {
            client_connection* client = other.client(cookie);
            if (client != nullptr && client->state() != client_state::closed) other.links().request(*client);
        });
        return;
    }
    server->detach();
    {
        std::lock_guard lock(server->backend->mutex);
        server->backend->pool.moved(server->id, to_worker);
    }
    auto owned = std::make_shared<std::unique_ptr<server_connection>>(release_ownership(key));
    worker_.post_to(to_worker, [owned, cookie, waited](worker& other) {
        other.links().adopt(std::move(*owned), cookie, waited);
    });
}

void link_broker::adopt(std::unique_ptr<server_connection> server, std::uint64_t cookie,
                        std::chrono::nanoseconds waited) {
    server_connection& moved = *server;
    moved.home = this;
    moved.move_to(worker_.events());
    servers_.emplace(key_of(*moved.backend, moved.id), std::move(server));
    if (!moved.attach()) return discard(moved, "cannot watch the descriptor");
    lend(moved, cookie, waited);
    run_grants();
}

void link_broker::close_by_key(std::uint64_t key) {
    server_connection* server = find(key);
    if (server == nullptr) return;
    std::string goodbye;
    server->append_goodbye(goodbye);
    if (server->state == server_state::idle) server->write(goodbye);
    server->state = server_state::closed;
    server->close();
    if (auto owned = release_ownership(key)) graveyard_.push_back(std::move(owned));
}

std::unique_ptr<server_connection> link_broker::release_ownership(std::uint64_t key) {
    auto found = servers_.find(key);
    if (found == servers_.end()) return nullptr;
    auto owned = std::move(found->second);
    servers_.erase(found);
    return owned;
}

void link_broker::cancel(server_connection& server) {
    net::endpoint address = server.address;
    auto socket = net::start_connect(address);
    if (!socket) return;
    auto cancel = server.make_cancel(net::transport(std::move(*socket)));
    if (cancel == nullptr) return;
    cancel->deadline = worker_.now() + cancel_timeout;
    if (!cancel->attach(true)) return;
    ++server.cancels_in_flight;
    cancels_.push_back(std::move(cancel));
}

void link_broker::cancel_finished(std::uint64_t key) {
    server_connection* server = find(key);
    if (server == nullptr || server->cancels_in_flight == 0) return;
    if (--server->cancels_in_flight == 0 && server->state == server_state::held) server->settle();
    run_grants();
}

void link_broker::tick(dal::TimePoint now) {
    std::vector<server_connection*> late;
    for (auto& [key, server] : servers_) {
        bool timed = server->state == server_state::resolving || server->state == server_state::connecting ||
                     server->state == server_state::logging_in || server->state == server_state::cleaning;
        if (timed && now >= server->deadline) late.push_back(server.get());
    }
    for (server_connection* server : late) {
        if (server->state == server_state::cleaning) {
            discard(*server, "no answer to the clean-up");
        } else {
            login_failed(*server, "08001", "timed out");
        }
    }
    for (auto& cancel : cancels_) {
        if (!cancel->finished() && now >= cancel->deadline) cancel->abandon();
    }
    run_grants();
}

void link_broker::bury() {
    graveyard_.clear();
    if (!cancels_.empty()) std::erase_if(cancels_, [](const auto& cancel) { return cancel->finished(); });
}

void link_broker::close_all() {
    std::vector<std::uint64_t> keys;
    for (auto& [key, server] : servers_) keys.push_back(key);
    for (std::uint64_t key : keys) close_by_key(key);
    cancels_.clear();
    graveyard_.clear();
}

}  // namespace fairlead::proxy::worker
