#include "proxy/worker/postgres/postgres_client.h"

#include "proxy/wire/postgres/build.h"
#include "proxy/worker/postgres/postgres_server.h"
#include "proxy/worker/worker.h"

namespace fairlead::proxy::worker {
namespace {

postgres::ErrorFields fields_of(const client_error& error) {
    return {.severity = error.fatal ? "FATAL" : "ERROR",
            .sqlstate = error.sqlstate,
            .message = error.message,
            .hint = error.hint};
}

}  // namespace

postgres_client::~postgres_client() = default;

client_step postgres_client::relay(Bytes fresh, outgoing& to_client, outgoing& to_server) {
    auto* server = static_cast<postgres_server*>(link_);
    return session_->on_client(fresh, server != nullptr ? &server->session : nullptr, to_client, to_server);
}

void postgres_client::on_session_linked(server_connection& server, outgoing& to_server) {
    session_->on_linked(static_cast<postgres_server&>(server).session, to_server);
}

std::size_t postgres_client::fail_waiting(Bytes input, const client_error& error, outgoing& to_client) {
    return session_->fail_waiting(input, fields_of(error), to_client);
}

void postgres_client::append_error(std::string& out, const client_error& error) const {
    postgres::append_error(out, fields_of(error));
}

void postgres_client::finish_set_tenant(outgoing& to_client) {
    session_->change_identity(identity_of(*route_));
    session_->finish_set_tenant(to_client);
}

void postgres_client::reject_set_tenant(const client_error& error, outgoing& to_client) {
    session_->reject_set_tenant(fields_of(error), to_client);
}

}  // namespace fairlead::proxy::worker
