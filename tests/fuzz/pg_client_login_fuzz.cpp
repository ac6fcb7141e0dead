// A client that says anything, in pieces of any size, over each kind of listener.
// Input: byte 0 chooses the listener and direct TLS, byte 1 the size of the pieces, the rest is what the
// client sends.
#include "proxy/session/postgres/client_login.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace {

using namespace fairlead;
using proxy::postgres::auth_method;
using proxy::postgres::client_login;

bool ones(std::span<std::uint8_t> out) {
    std::fill(out.begin(), out.end(), 1);
    return true;
}

/// Verifiers of one iteration, so that a run costs no key derivation worth the name.
std::shared_ptr<const proxy::auth::credential_store> make_store() {
    auto verifier = proxy::auth::derive_scram_verifier("pencil", "salt", 1);
    if (!verifier) std::abort();
    std::vector<config::User> users(2);
    users[0].name = "alice";
    users[0].password = to_string(*verifier);
    users[0].certificate_name = "alice";
    users[1].name = "bob";
    users[1].password = "md5ee69efad287c7423caf0b3229d71f567";
    auto snapshot = std::make_shared<config::Snapshot>(config::Settings{}, std::vector<config::Tenant>{},
                                                       std::move(users), 1);
    return std::move(proxy::auth::credential_store::build(std::move(snapshot), nullptr, &ones)).value();
}

void require(bool holds) {
    if (!holds) std::abort();
}

proxy::auth::tls_peer make_peer(bool verified) {
    return {.server_name = "acme.example",
            .certificate_verified = verified,
            .certificate_common_name = "alice",
            .end_point_hash = std::string(32, '\xab')};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto store = make_store();
    if (size < 2) return 0;
    constexpr std::array modes = {config::TlsMode::disable, config::TlsMode::prefer, config::TlsMode::require,
                                  config::TlsMode::verify_full};
    bool verified = (data[0] & 16) != 0;
    client_login login({.credentials = store,
                        .tls = modes[data[0] & 3],
                        .method = (data[0] & 4) != 0 ? auth_method::password : auth_method::automatic,
                        .random = &ones});
    std::size_t piece = data[1] == 0 ? size : data[1];
    Bytes rest(data + 2, size - 2);
    std::string out;
    std::string buffered;
    auto next = client_login::next::read_more;
    if ((data[0] & 8) != 0) next = login.on_tls_established(make_peer(verified), out).what;

    while (next == client_login::next::read_more && !rest.empty()) {
        Bytes part = rest.first(std::min(piece, rest.size()));
        rest = rest.subspan(part.size());
        buffered.append(as_text(part));
        client_login::step step = login.on_bytes(as_bytes(buffered), out);
        require(step.consumed <= buffered.size());
        buffered.erase(0, step.consumed);
        require(step.what != client_login::next::read_more ||
                buffered.size() <= client_login::max_buffered());
        next = step.what;
        if (next == client_login::next::start_tls) {
            require(buffered.empty());
            next = login.on_tls_established(make_peer(verified), out).what;
        }
    }
    // Whoever is let in is a user of the store; whoever is sent away stays away.
    if (next == client_login::next::authenticated) require(login.user() != nullptr);
    if (next == client_login::next::close)
        require(login.on_bytes(rest, out).what == client_login::next::close);
    if (next == client_login::next::cancel) require(login.cancel_request().key.size() >= 4);
    return 0;
}
