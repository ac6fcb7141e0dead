#include "proxy/worker/client_connection.h"

#include "proxy/worker/server_connection.h"
#include "proxy/worker/worker.h"

#include <algorithm>
#include <sys/epoll.h>

namespace fairlead::proxy::worker {
namespace {

// What a client may send ahead while it waits for a server; then its socket fills and it has to wait too.
constexpr std::size_t max_kept_while_waiting = 256 << 10;

outgoing& cleared(outgoing& out) {
    out.clear();
    return out;
}

}  // namespace

client_connection::client_connection(worker& home, std::uint64_t cookie,
                                     std::shared_ptr<const listener_info> listener, net::transport stream)
    : net::connection(home.events(), std::move(stream)),
      worker_(home),
      cookie_(cookie),
      listener_(std::move(listener)) {
    worker_.counts().clients_logging_in.add();
}

client_connection::~client_connection() = default;

void client_connection::on_events(std::uint32_t events) {
    if (state_ == client_state::closed) return;
    // Reported whether asked for or not: a client that is gone must not keep the loop busy while it is not
    // read.
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
        leave();
        return worker_.links().run_grants();
    }
    if ((events & EPOLLOUT) != 0 && !handshaking_) {
        if (!flush()) return close_now();
        // The client takes rows again: its server may go on.
        if (backlog() == 0 && link_ != nullptr) {
            link_->want_read(true);
            if (!link_->kept().empty()) link_->read_replies();
        }
        if (state_ == client_state::closed) return worker_.links().run_grants();
    }
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0 || handshaking_) {
        if (state_ == client_state::logging_in) {
            read_login();
        } else {
            read_session();
        }
    }
    worker_.links().run_grants();
}

void client_connection::read_session() {
    bool busy = state_ != client_state::ready || (link_ != nullptr && link_->backlog() > 0);
    if (busy && kept().size() > max_kept_while_waiting) return want_read(false);
    Bytes fresh;
    net::io_result result = receive(worker_.scratch(), fresh);
    if (result.status == net::io_status::would_block) return;
    if (result.status != net::io_status::ok) return leave();
    count_client_bytes(result.bytes);
    if (state_ != client_state::ready) return consume(fresh, 0);
    process(fresh);
}

// Goes through what the client sent, as far as it can be gone through now. `fresh` must not be used after
// consume().
void client_connection::process(Bytes fresh) {
    std::size_t done = 0;
    client_next what = client_next::read_more;
    do {
        outgoing& to_client = cleared(worker_.to_client());
        outgoing& to_server = cleared(worker_.to_server());
        client_step step = relay(fresh.subspan(done), to_client, to_server);
        done += step.consumed;
        what = step.what;
        if (!to_server.empty()) {
            route_->placement->counts->server_bytes_out.add(to_server.size());
            if (!link_->write(to_server)) {
                consume(fresh, done);
                return worker_.links().discard(*link_, "write failed");
            }
        }
        if (!to_client.empty() && !send(to_client)) return;
        // Granted at once is the usual case: on with the same bytes, which then need not be kept.
    } while (what == client_next::go_on || (what == client_next::need_link && request_link()));
    if (state_ == client_state::closed) return;
    consume(fresh, done);
    switch (what) {
        case client_next::close:
            return leave();
        case client_next::set_tenant:
        case client_next::change_user:
        case client_next::kill:
            return perform(what);
        case client_next::read_more:
        case client_next::need_link:
        case client_next::wait_server:
        case client_next::go_on:
            break;
    }
    if (link_ == nullptr) return;
    if (link_->backlog() > 0) want_read(false);
    // A link that turned out to be needed for nothing that is outstanding (a Parse the server already knew).
    if (link_->idle() && !pinned()) on_transaction_end();
}

void client_connection::process_kept() {
    if (state_ == client_state::ready && has_input()) process(kept());
}

bool client_connection::send(const outgoing& out) {
    route_->placement->counts->client_bytes_out.add(out.size());
    route_->tenant_counts->client_bytes.add(out.size());
    if (deliver(out)) return true;
    leave();
    return false;
}

// True: the link is there and the client's message can go out on it now. Otherwise on_link() goes on later,
// with what was kept.
bool client_connection::request_link() {
    set_state(client_state::waiting);
    requesting_ = true;
    worker_.links().request(*this);
    requesting_ = false;
    return state_ == client_state::ready && link_ != nullptr && !link_->awaits_replies();
}

void client_connection::on_link(server_connection& server, std::chrono::nanoseconds waited) {
    linked_at_ = worker_.now();
    metrics::placement_metrics& counts = *route_->placement->counts;
    counts.links.add();
    counts.clients_active.add();
    link_ = &server;
    counts.queue_wait.record(waited);
    route_->tenant_counts->links.add();
    if (state_ == client_state::greeting) return on_greeting_link(server);
    set_state(client_state::ready);
    counts.clients_idle.subtract();
    outgoing& to_server = worker_.to_server();
    to_server.clear();
    on_session_linked(server, to_server);
    if (!to_server.empty()) {
        if (!server.write(to_server)) return worker_.links().discard(server, "write failed");
        want_read(true);
        return;  // the client's message follows when the settings are in place
    }
    want_read(true);
    if (!requesting_) process_kept();
}

void client_connection::on_link_failed(const client_error& error) {
    if (state_ == client_state::greeting) {
        client_error fatal = error;
        fatal.fatal = true;
        return end(fatal);
    }
    if (state_ != client_state::waiting) return;
    on_error(error.sqlstate, false);
    set_state(client_state::ready);
    want_read(true);
    outgoing& to_client = cleared(worker_.to_client());
    std::size_t consumed = fail_waiting(kept(), error, to_client);
    consume(kept(), consumed);
    if (!send(to_client)) return;
    process_kept();
}

void client_connection::after_replies() {
    if (state_ != client_state::ready) return;
    if (link_ != nullptr && link_->backlog() == 0) want_read(true);
    process_kept();
}

// The link is idle and not needed: it goes back before anything else is done.
void client_connection::on_transaction_end() {
    if (link_ == nullptr) return;
    if (has_session() && pinned()) return unwelcome_ ? send_away() : after_replies();
    server_connection& server = *drop_link();
    auto spent = worker_.now() - linked_at_;
    route_->placement->counts->transaction_duration.record(spent);
    route_->tenant_counts->transaction_nanoseconds.add(static_cast<std::uint64_t>(spent.count()));
    if (has_session()) on_session_unlinked();
    server.client = nullptr;
    server.settle();
    if (unwelcome_) return send_away();
    if (state_ == client_state::ready) {
        want_read(true);
        process_kept();
    }
}

void client_connection::on_server_lost(bool said) {
    if (drop_link() == nullptr) return;
    said = said || error_said_;
    if (has_session()) on_session_unlinked();
    if (said) {
        // The server's own last words were forwarded; there is nothing to add, and no transaction to go on
        // with.
        return close_now();
    }
    end({.sqlstate = "08006",
         .message = "the server closed the connection while it was in use",
         .hint = "What was in progress may or may not have been committed; nothing was repeated.",
         .fatal = true});
}

void client_connection::cancel() {
    if (route_ != nullptr) route_->placement->counts->cancel_requests.add();
    if (state_ == client_state::waiting) {
        if (!worker_.links().withdraw(*this)) return;
        on_link_failed({.sqlstate = "57014", .message = "canceling statement due to user request"});
    } else if (link_ != nullptr && link_->awaits_replies()) {
        worker_.links().cancel(*link_);
    }
}

void client_connection::end(const client_error& error) {
    if (state_ == client_state::closed) return;
    std::string bytes;
    append_error(bytes, error);
    on_error(error.sqlstate, false);
    outgoing& out = cleared(worker_.to_client());
    out.own(bytes);
    deliver(out);
    close_now();
}

bool client_connection::between_transactions() const {
    if (state_ == client_state::ready) return link_ == nullptr || (link_->idle() && !has_input());
    return state_ == client_state::logging_in || state_ == client_state::greeting;
}

server_connection* client_connection::drop_link() {
    if (link_ == nullptr) return nullptr;
    route_->placement->counts->clients_active.subtract();
    if (state_ == client_state::ready) route_->placement->counts->clients_idle.add();
    return std::exchange(link_, nullptr);
}

void client_connection::send_away() {
    end({.sqlstate = "57P01",
         .message = "terminating connection because the configuration changed",
         .hint = "The user or tenant was removed or moved; connect again.",
         .fatal = true});
}

void client_connection::leave() {
    if (state_ == client_state::closed) return;
    abandon_link();
    close_now();
}

void client_connection::abandon_link() {
    server_connection* server = drop_link();
    if (server == nullptr) return;
    server->client = nullptr;
    bool was_pinned = has_session() && pinned();
    if (has_session()) on_session_unlinked();
    if (server->idle()) {
        if (was_pinned) server->require_full_reset();
        server->settle();
    } else if (server->can_roll_back() && server->kept().empty()) {
        server->start_cleaning(was_pinned);
    } else {
        // Its statement runs on for nobody: stop it, and do not wait to see what comes of it.
        if (server->awaits_replies()) worker_.links().cancel(*server);
        worker_.links().discard(*server, "the client left in mid-transaction");
    }
}

void client_connection::close_now() {
    if (state_ == client_state::closed) return;
    if (link_ != nullptr) return leave();
    if (state_ == client_state::waiting || state_ == client_state::greeting) worker_.links().withdraw(*this);
    set_state(client_state::closed);
    leave_route();
    if (has_session()) on_session_unlinked();
    drop_session();
    close();
    worker_.forget(*this);
}

void client_connection::set_state(client_state next) {
    auto gauge_of = [this](client_state state) -> metrics::gauge* {
        if (state == client_state::logging_in) return &worker_.counts().clients_logging_in;
        if (route_ == nullptr) return nullptr;
        metrics::placement_metrics& counts = *route_->placement->counts;
        if (state == client_state::waiting || state == client_state::greeting) return &counts.clients_waiting;
        return state == client_state::ready ? &counts.clients_idle : nullptr;
    };
    if (metrics::gauge* old = gauge_of(state_)) old->subtract();
    bool waited = state_ == client_state::waiting;
    if (state_ == client_state::logging_in)
        worker_.shared().logging_in_count.fetch_sub(1, std::memory_order_relaxed);
    state_ = next;
    if (next == client_state::ready) expect_edges();  // the login reads in ways of its own
    if (next == client_state::logging_in)
        worker_.shared().logging_in_count.fetch_add(1, std::memory_order_relaxed);
    if (metrics::gauge* now = gauge_of(state_)) now->add();
    if (route_ == nullptr || route_->tenant_counts == nullptr) return;
    if (waited) route_->tenant_counts->waiting.subtract();
    if (state_ == client_state::waiting) route_->tenant_counts->waiting.add();
}

void client_connection::count_client_bytes(std::size_t bytes) {
    route_->placement->counts->client_bytes_in.add(bytes);
    route_->tenant_counts->client_bytes.add(bytes);
}

void client_connection::count_replies(std::size_t from_server, std::size_t to_client) {
    route_->placement->counts->server_bytes_in.add(from_server);
    route_->placement->counts->client_bytes_out.add(to_client);
    route_->tenant_counts->client_bytes.add(to_client);
}

void client_connection::on_refusal(const policy::Refusal& refusal, std::string_view sql) {
    route_->placement->counts->refusals.add(refusal.rule);
    route_->tenant_counts->refusals.add();
    if (!worker_.log().enabled(LogLevel::info)) return;
    bool show = worker_.current().snapshot->settings().log.statements;
    worker_.log().info("statement refused", {{"tenant", route_->tenant},
                                             {"placement", route_->placement->name},
                                             {"rule", refusal.rule},
                                             {"statement", show ? sql : std::string_view("-")}});
}

void client_connection::on_error(std::string_view sqlstate, bool from_server) {
    if (from_server && is_last_word(sqlstate)) error_said_ = true;
    auto source = from_server ? metrics::error_source::server : metrics::error_source::fairlead;
    if (route_ != nullptr) {
        route_->placement->counts->errors.add(source, sqlstate);
    } else {
        worker_.counts().login_errors.add(source, sqlstate);
    }
}

void client_connection::on_statement() {
    route_->placement->counts->statements.add();
}

void client_connection::on_pin(policy::Pin reason) {
    route_->placement->counts->pin(reason);
    route_->placement->counts->pinned_connections.add();
}

void client_connection::on_unpin() {
    route_->placement->counts->pinned_connections.subtract();
}

}  // namespace fairlead::proxy::worker
