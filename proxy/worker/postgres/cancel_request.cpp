#include "proxy/worker/postgres/cancel_request.h"

#include "proxy/wire/postgres/build.h"

#include <array>

namespace fairlead::proxy::worker {

void cancel_request::use_tls(std::shared_ptr<const net::tls_context> context, std::string host) {
    tls_ = std::move(context);
    host_ = std::move(host);
}

void cancel_request::on_events(std::uint32_t) {
    if (finished()) return;
    std::array<std::uint8_t, 16> answer{};
    switch (state_) {
        case state::connecting:
            if (net::connect_error(stream().fd()) != 0) return finish();
            update_interest();
            if (tls_ == nullptr) return send_request();
            state_ = state::ssl_answer;
            {
                std::string out;
                postgres::append_ssl_request(out);
                if (!write(out)) finish();
            }
            return;
        case state::ssl_answer: {
            net::io_result result = stream().read({answer.data(), 1});
            if (result.status == net::io_status::would_block) return;
            if (result.status != net::io_status::ok || answer[0] != 'S' ||
                !stream().start_tls(*tls_, &host_)) {
                return finish();
            }
            state_ = state::handshaking;
            [[fallthrough]];
        }
        case state::handshaking: {
            net::io_result result = stream().handshake();
            if (result.status == net::io_status::would_block) return update_interest();
            if (result.status != net::io_status::ok) return finish();
            update_interest();
            return send_request();
        }
        case state::sent: {
            if (!flush()) return finish();
            net::io_result result = stream().read(answer);
            if (result.status != net::io_status::would_block) finish();
            return;
        }
    }
}

void cancel_request::send_request() {
    state_ = state::sent;
    if (!write(request_)) finish();
}

}  // namespace fairlead::proxy::worker
