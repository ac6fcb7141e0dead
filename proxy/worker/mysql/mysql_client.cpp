#include "proxy/worker/mysql/mysql_client.h"

#include "proxy/session/mysql/error_words.h"
#include "proxy/worker/mysql/mysql_server.h"
#include "proxy/worker/worker.h"

namespace fairlead::proxy::worker {
namespace {

// Of what a compressed client sent: unpacked by pieces of this size, and behind the longest statement that
// the guard reads no further than this.
constexpr std::size_t unpacked_piece = 64 << 10;

}  // namespace

mysql_client::~mysql_client() = default;

bool mysql_client::deliver(const outgoing& out) {
    if (codec_ == nullptr) return write(out);
    std::string frames;
    if (!codec_->append(frames, as_bytes(out.flatten()), worker_.compression())) return false;
    return write(frames);
}

client_step mysql_client::relay(Bytes fresh, outgoing& to_client, outgoing& to_server) {
    if (codec_ == nullptr) {
        auto* server = static_cast<mysql_server*>(link_);
        return session_->on_client(fresh, server != nullptr ? &server->session : nullptr, to_client,
                                   to_server);
    }
    std::size_t used = 0;
    for (;;) {
        client_step step = relay_plain(to_client, to_server);
        if (step.what != client_next::read_more) return {step.what, used};
        Bytes rest = fresh.subspan(used);
        // The session takes no more: neither a statement to be read nor one that passes by.
        if (plain_.size() >= worker_.mysql_services().max_statement_bytes + unpacked_piece)
            return {client_next::close, used};
        // The frames of an answer are numbered on from those of its command: write it before the next one.
        if (!to_client.empty() && codec_->begins_command(rest)) return {client_next::go_on, used};
        std::size_t before = plain_.size();
        mysql::frame_codec::step unpacked = codec_->read(rest, plain_, unpacked_piece);
        used += unpacked.consumed;
        if (unpacked.what == mysql::frame_codec::status::malformed) return {client_next::close, used};
        if (plain_.size() == before && unpacked.what == mysql::frame_codec::status::need_input)
            return {client_next::read_more, used};
    }
}

client_step mysql_client::relay_plain(outgoing& to_client, outgoing& to_server) {
    auto* server = static_cast<mysql_server*>(link_);
    client_step step = session_->on_client(as_bytes(plain_), server != nullptr ? &server->session : nullptr,
                                           to_client, to_server);
    if (step.consumed == 0) return step;
    // Slices point into what is about to move.
    if (!to_client.empty()) to_client.make_own();
    if (!to_server.empty()) to_server.make_own();
    plain_.erase(0, step.consumed);
    if (plain_.empty()) std::string().swap(plain_);
    return step;
}

void mysql_client::on_session_linked(server_connection& server, outgoing& to_server) {
    session_->on_linked(static_cast<mysql_server&>(server).session, to_server);
}

std::size_t mysql_client::fail_waiting(Bytes input, const client_error& error, outgoing& to_client) {
    if (codec_ == nullptr) return session_->fail_waiting(input, error, to_client);
    std::size_t done = session_->fail_waiting(as_bytes(plain_), error, to_client);
    plain_.erase(0, done);
    return 0;
}

void mysql_client::append_error(std::string& out, const client_error& error) const {
    if (login_ != nullptr) {
        login_->refuse(out, mysql::number_of(error), mysql::text_of(error), error.message);
    } else {
        mysql::append_client_error(out, session_ != nullptr ? session_->next_sequence() : 0, error);
    }
}

std::string mysql_client::pool_database(const client_route&) const {
    bool counts_found = (established_.capabilities & mysql::capability::found_rows) != 0;
    return counts_found ? std::string(found_rows_mark) : std::string();
}

void mysql_client::perform(client_next what) {
    switch (what) {
        case client_next::set_tenant:
            return set_tenant(session_->requested_tenant());
        case client_next::change_user:
            return change_user();
        case client_next::kill:
            return ask_kill();
        default:
            return;
    }
}

void mysql_client::finish_set_tenant(outgoing& to_client) {
    session_->change_identity(identity_of(*route_));
    session_->finish_set_tenant(to_client);
}

void mysql_client::reject_set_tenant(const client_error& error, outgoing& to_client) {
    session_->reject_set_tenant(error, to_client);
}

mysql::session_identity mysql_client::identity_of(const client_route& route) const {
    mysql::session_identity identity;
    identity.tenant = route.tenant;
    identity.database = route.database;
    identity.exposed = route.exposed_database;
    identity.connection_id = worker_.client_number(*this);
    identity.slot = &route.placement->mysql;
    return identity;
}

// The number may have been another client's meanwhile, of any tenant: only those of the asker's own count.
void mysql_client::ask_kill() {
    mysql::kill_request request = session_->requested_kill();
    unsigned target = worker::worker_of(static_cast<std::uint32_t>(request.connection_id));
    bool possible = request.connection_id <= 0xffffffffu && target < worker_.shared().workers.size();
    set_state(client_state::asking);
    if (!possible) return finish_kill(false);
    worker_.post_to(
        target, [request, tenant = route_->tenant, asker = worker_.index(), cookie = cookie_](worker& other) {
            auto* victim = dynamic_cast<mysql_client*>(
                other.client_numbered(static_cast<std::uint32_t>(request.connection_id)));
            bool found = victim != nullptr && victim->route() != nullptr &&
                         victim->route()->tenant == tenant && victim->has_session();
            if (found) request.query_only ? victim->cancel() : victim->kill();
            other.post_to(asker, [cookie, found](worker& home) {
                auto* client = dynamic_cast<mysql_client*>(home.client(cookie));
                if (client != nullptr && client->state() == client_state::asking) client->finish_kill(found);
            });
        });
}

void mysql_client::finish_kill(bool found) {
    set_state(client_state::ready);
    outgoing& to_client = worker_.to_client();
    to_client.clear();
    session_->finish_kill(found, to_client);
    want_read(true);
    if (send(to_client)) process_kept();
}

void mysql_client::kill() {
    end({.sqlstate = "57P01",
         .message = "Connection was killed",
         .hint = "Another connection of the tenant said KILL.",
         .fatal = true});
}

}  // namespace fairlead::proxy::worker
