// A server that says anything, in pieces of any size.
// Input: byte 0 chooses TLS mode and set-up, byte 1 the size of the pieces, the rest is what the server
// sends.
#include "proxy/session/mysql/server_login.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace {

using namespace fairlead;
using proxy::server_login_next;
using proxy::mysql::server_login;
using proxy::mysql::server_login_parameters;

constexpr std::string_view password = "the password that stays";

void require(bool holds) {
    if (!holds) std::abort();
}

server_login_parameters make_parameters(std::uint8_t choice) {
    constexpr std::array modes = {config::TlsMode::disable, config::TlsMode::prefer, config::TlsMode::require,
                                  config::TlsMode::allow};
    server_login_parameters parameters;
    parameters.tls = modes[choice & 3];
    parameters.user = "app";
    parameters.password = password;
    parameters.database = (choice & 4) != 0 ? "shop" : "";
    parameters.setup = (choice & 8) != 0 ? "SET a=1" : "";
    parameters.trust_server_key = (choice & 16) != 0;
    return parameters;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    server_login login(make_parameters(data[0]));
    std::string out;
    server_login_next next = login.start(out).what;
    std::size_t piece = data[1] == 0 ? size : data[1];
    Bytes rest(data + 2, size - 2);
    std::string buffered;

    while (next == server_login_next::read_more && !rest.empty()) {
        Bytes part = rest.first(std::min(piece, rest.size()));
        rest = rest.subspan(part.size());
        buffered += as_text(part);
        server_login::step step = login.on_bytes(as_bytes(buffered), out);
        require(step.consumed <= buffered.size());
        buffered.erase(0, step.consumed);
        require(step.what != server_login_next::read_more ||
                buffered.size() < server_login::max_packet + proxy::mysql::packet_header_size);
        next = step.what;
        if (next == server_login_next::start_tls) {
            require(buffered.empty());
            next = login.on_tls_established({}, out).what;
        }
    }
    // In clear text it leaves under TLS only, whatever the server asks for.
    require(login.has_tls() || out.find(password) == std::string::npos);
    if (next == server_login_next::failed)
        require(login.failure().sqlstate.size() == 5 && !login.failure().message.empty());
    if (next == server_login_next::ready) {
        require(proxy::mysql::has(login.capabilities(), server_login::required));
        require(login.identity().version.number != 0 && login.failure().message.empty());
    }
    require(out.size() < 20'000);
    return 0;
}
