// A server that says anything, in pieces of any size.
// Input: byte 0 chooses TLS mode, protocol and set-up, byte 1 the size of the pieces, the rest is what the
// server sends.
#include "proxy/session/postgres/server_login.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace {

using namespace fairlead;
using proxy::postgres::server_login;
using proxy::postgres::server_login_parameters;

bool twos(std::span<std::uint8_t> out) {
    std::fill(out.begin(), out.end(), 2);
    return true;
}

void require(bool holds) {
    if (!holds) std::abort();
}

server_login_parameters make_parameters(std::uint8_t choice) {
    constexpr std::array modes = {config::TlsMode::disable, config::TlsMode::prefer, config::TlsMode::require,
                                  config::TlsMode::disable};
    server_login_parameters parameters;
    parameters.tls = modes[choice & 3];
    parameters.user = "app";
    parameters.password = "pencil";
    parameters.database = "shop";
    parameters.protocol_minor = (choice & 4) != 0 ? 2 : 0;
    parameters.setup = (choice & 8) != 0 ? "setup" : "";
    parameters.max_scram_iterations = 16;  // a run must stay cheap
    parameters.random = &twos;
    return parameters;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    server_login login(make_parameters(data[0]));
    std::string out;
    auto next = login.start(out).what;
    std::size_t piece = data[1] == 0 ? size : data[1];
    Bytes rest(data + 2, size - 2);
    std::string buffered;

    while (next == server_login::next::read_more && !rest.empty()) {
        Bytes part = rest.first(std::min(piece, rest.size()));
        rest = rest.subspan(part.size());
        buffered.append(as_text(part));
        server_login::step step = login.on_bytes(as_bytes(buffered), out);
        require(step.consumed <= buffered.size());
        buffered.erase(0, step.consumed);
        require(step.what != server_login::next::read_more ||
                buffered.size() < server_login::max_message + proxy::postgres::header_size);
        next = step.what;
        if (next == server_login::next::start_tls) {
            require(buffered.empty());
            next = login.on_tls_established({.end_point_hash = std::string(32, '\xab')}, out).what;
        }
    }
    if (next == server_login::next::failed) require(login.failure().sqlstate.size() == 5);
    if (next == server_login::next::ready) require(login.failure().message.empty());
    require(login.parameters().size() <= server_login::max_parameters);
    require(out.size() < 10'000);
    return 0;
}
