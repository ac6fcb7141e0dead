// A client that says anything, in pieces of any size.
// Input: byte 0 chooses listener, user's secret and COM_CHANGE_USER, byte 1 the size of the pieces, the rest
// is what the client sends.
#include "proxy/session/mysql/client_login.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace {

using namespace fairlead;
using proxy::client_login_next;
using proxy::mysql::client_login;
using proxy::mysql::client_login_context;

bool ones(std::span<std::uint8_t> out) {
    std::fill(out.begin(), out.end(), 1);
    return true;
}

void require(bool holds) {
    if (!holds) std::abort();
}

constexpr std::string_view cheap_verifier =  // one iteration, so that a run stays cheap
    "SCRAM-SHA-256$1:AAECAwQFBgcICQoLDA0ODw==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

std::shared_ptr<const proxy::auth::credential_store> make_store() {
    std::vector<config::User> users(3);
    users[0].name = "n";
    users[0].password = "*F1E5B4B2CF2B1A7B00000000000000000000000A";
    users[1].name = "s";
    users[1].password = cheap_verifier;
    users[2].name = "c";
    users[2].certificate_name = "c.example";
    return std::move(proxy::auth::credential_store::build(
                         std::make_shared<config::Snapshot>(config::Settings{}, std::vector<config::Tenant>{},
                                                            std::move(users), 1),
                         nullptr, &ones))
        .value();
}

client_login_context make_context(std::uint8_t choice) {
    static const auto store = make_store();
    constexpr std::array modes = {config::TlsMode::disable, config::TlsMode::prefer, config::TlsMode::require,
                                  config::TlsMode::verify_full};
    client_login_context context;
    context.credentials = store;
    context.tls = modes[choice & 3];
    context.method = (choice & 4) != 0 ? proxy::auth_method::password : proxy::auth_method::automatic;
    context.flavour = (choice & 8) != 0 ? policy::mysql::flavour::mysql : policy::mysql::flavour::mariadb;
    context.local = (choice & 16) != 0;
    context.server_version = "10.11.14-MariaDB";
    context.random = &ones;
    return context;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    client_login_context context = make_context(data[0]);
    bool changes = (data[0] & 32) != 0;
    client_login fresh(context, 7);
    client_login change(context, 7,
                        {.capabilities = proxy::mysql::offered_to_every_client,
                         .scramble = "ABCDEFGHIJKLMNOPQRST",
                         .has_tls = false,
                         .tls = {}});
    client_login& login = changes ? change : fresh;
    std::string out;
    client_login_next next = login.start(out).what;
    std::size_t piece = data[1] == 0 ? size : data[1];
    Bytes rest(data + 2, size - 2);
    std::string buffered;

    while (next == client_login_next::read_more && !rest.empty()) {
        std::size_t limit = login.read_limit(as_bytes(buffered));
        require(limit >= 1);
        // Odd sizes keep to the limit, even ones are careless.
        Bytes part = rest.first(std::min({piece, rest.size(), (piece & 1) != 0 ? limit : piece}));
        rest = rest.subspan(part.size());
        buffered += as_text(part);
        client_login::step step = login.on_bytes(as_bytes(buffered), out);
        require(step.consumed <= buffered.size());
        buffered.erase(0, step.consumed);
        require(step.what != client_login_next::read_more || buffered.size() < client_login::max_buffered());
        require(step.what != client_login_next::cancel);
        next = step.what;
        if (next == client_login_next::start_tls) {
            require(buffered.empty());
            proxy::auth::tls_peer peer;
            peer.certificate_verified = (data[0] & 64) != 0;
            peer.certificate_common_name = "c.example";
            next = login.on_tls_established(std::move(peer), out).what;
        }
    }
    // Nobody knows a password of these users, so only a certificate lets anybody in.
    if (next == client_login_next::authenticated) {
        require(login.by_certificate() && login.has_tls() && login.user()->name == "c");
        login.finish(out);
    }
    if (next == client_login_next::close)
        require(login.failure_sqlstate().size() == 5 && !login.failure_reason().empty());
    require(out.size() < 200'000);
    return 0;
}
