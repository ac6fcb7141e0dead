#include "proxy/worker/mysql/kill_query.h"

#include "proxy/wire/mysql/commands.h"
#include "proxy/wire/mysql/packet.h"
#include "proxy/worker/link_broker.h"
#include "proxy/worker/worker.h"

#include <sys/epoll.h>

namespace fairlead::proxy::worker {

kill_query::kill_query(link_broker& home, net::transport stream, const server_connection& about,
                       mysql::server_login_parameters parameters, std::shared_ptr<const net::tls_context> tls,
                       std::string host, std::uint32_t thread_id)
    : cancel_connection(home, std::move(stream), about),
      login_(std::move(parameters)),
      tls_(std::move(tls)),
      host_(std::move(host)),
      thread_id_(thread_id) {}

void kill_query::on_events(std::uint32_t events) {
    if (finished()) return;
    if (state_ == state::connecting) {
        if (net::connect_error(stream().fd()) != 0) return finish();
        state_ = state::logging_in;
        update_interest();
        std::string out;
        server_login_step step = login_.start(out);
        return continue_login(step, out);
    }
    if (state_ == state::handshaking) return continue_handshake();
    if ((events & EPOLLOUT) != 0 && !flush()) return finish();
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) read();
}

void kill_query::read() {
    Bytes fresh;
    net::io_result result = receive(home_.owner().scratch(), fresh);
    if (result.status == net::io_status::would_block) return;
    if (result.status != net::io_status::ok || state_ == state::sent) return finish();
    std::string out;
    server_login_step step = login_.on_bytes(fresh, out);
    consume(fresh, step.consumed);
    continue_login(step, out);
}

void kill_query::continue_handshake() {
    net::io_result result = stream().handshake();
    if (result.status == net::io_status::would_block) return update_interest();
    if (result.status != net::io_status::ok) return finish();
    state_ = state::logging_in;
    update_interest();
    std::string out;
    server_login_step step = login_.on_tls_established(stream().peer(*tls_), out);
    continue_login(step, out);
}

void kill_query::continue_login(server_login_step step, const std::string& out) {
    if (!out.empty() && !write(out)) return finish();
    switch (step.what) {
        case server_login_next::read_more:
            return;
        case server_login_next::failed:
            return finish();
        case server_login_next::start_tls:
            if (tls_ == nullptr || !stream().start_tls(*tls_, &host_)) return finish();
            state_ = state::handshaking;
            return continue_handshake();
        case server_login_next::ready:
            break;
    }
    state_ = state::sent;
    std::string command(1, static_cast<char>(mysql::command::query));
    command += "KILL QUERY " + std::to_string(thread_id_);
    std::string bytes;
    std::uint8_t sequence = 0;
    mysql::append_message(bytes, sequence, command);
    if (!write(bytes)) finish();
}

}  // namespace fairlead::proxy::worker
