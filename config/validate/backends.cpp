#include "config/validate/rules.h"

namespace fairlead::config::rules {

namespace {

void check_backend_tls(const SettingsReport& at, const Tls& tls) {
    bool cert = at.given("cert"), key = at.given("key");
    if (cert && !key) at.mistake("cert", "needs a key as well: tls.key");
    if (key && !cert) at.mistake("key", "needs a certificate as well: tls.cert");
    bool verifies = tls.mode == TlsMode::verify_ca || tls.mode == TlsMode::verify_full;
    if (verifies && !at.given("ca")) at.mistake("mode", "verifying the server's certificate needs tls.ca");
}

void check_backend(const SettingsReport& at, const Backend& backend) {
    at.require("host", "the server's name or address, or the directory of its unix socket");
    at.require("user", "the account that logs in to the server");
    if (backend.min_pool_size > backend.pool_size)
        at.mistake("min_pool_size", std::to_string(backend.min_pool_size) +
                                        " is more than pool_size, which is " +
                                        std::to_string(backend.pool_size));
    check_backend_tls({at.draft, at.report, at.key("tls")}, backend.tls);
}

}  // namespace

void check_backends(const Draft& draft, Report& report) {
    for (const Backend& backend : draft.settings.backends)
        check_backend({draft, report, key_of("backends", backend.name)}, backend);
}

}  // namespace fairlead::config::rules
