#include "config/address.h"
#include "config/validate/rules.h"

#include <map>

namespace fairlead::config::rules {

namespace {

/// Address text -> the key that took it first. Only literal equality: that "localhost" and "127.0.0.1"
/// collide shows when the second cannot be bound.
using Taken = std::map<std::string, std::string>;

void check_address(const SettingsReport& at, std::string_view name, const std::string& address,
                   Taken& taken) {
    if (auto parsed = parse_address(address); !parsed) {
        at.mistake(name, parsed.error().message + "; found " + shown(at.at(name), address));
        return;
    }
    auto [first, fresh] = taken.emplace(address, at.key(name));
    if (!fresh) at.mistake(name, shown(at.at(name), address) + " is given twice, first by " + first->second);
}

void check_listener_tls(const SettingsReport& at, const Tls& tls) {
    bool cert = at.given("cert"), key = at.given("key");
    if (cert && !key) at.mistake("cert", "needs a key as well: tls.key");
    if (key && !cert) at.mistake("key", "needs a certificate as well: tls.cert");
    if (tls.mode == TlsMode::allow)
        at.mistake(
            "mode",
            "\"allow\" is for backends; a listener takes disable, prefer, require, verify-ca or verify-full");
    else if (tls.mode != TlsMode::disable && !cert && !key)
        at.mistake("mode", "TLS needs tls.cert and tls.key");
    bool verifies = tls.mode == TlsMode::verify_ca || tls.mode == TlsMode::verify_full;
    if (verifies && !at.given("ca")) at.mistake("mode", "verifying client certificates needs tls.ca");
}

void check_listener(const Draft& draft, Report& report, std::string_view name, const Listen& listen,
                    Taken& taken) {
    SettingsReport at{draft, report, key_of("listen", name)};
    for (const std::string& address : listen.address) check_address(at, "address", address, taken);
    check_listener_tls({draft, report, at.key("tls")}, listen.tls);
    if (!listen.sni_suffix.empty() && listen.tls.mode == TlsMode::disable)
        at.warning("sni_suffix", "has no effect without TLS: set tls.cert and tls.key");
}

}  // namespace

void check_listeners(const Draft& draft, Report& report) {
    const Settings& settings = draft.settings;
    Taken taken;
    check_listener(draft, report, "postgres", settings.postgres, taken);
    check_listener(draft, report, "mysql", settings.mysql, taken);
    if (settings.admin.address.empty()) return;
    SettingsReport admin{draft, report, "admin"};
    check_address(admin, "address", settings.admin.address, taken);
    if (auto parsed = parse_address(settings.admin.address); parsed && parsed->is_unix())
        admin.mistake("address", "the admin pages are served over TCP only; expected \"host:port\"");
}

void check_that_there_is_a_listener(const Draft& draft, Report& report) {
    const Settings& settings = draft.settings;
    bool meant = !settings.postgres.address.empty() || !settings.mysql.address.empty() ||
                 report.reported("listen.postgres.address") || report.reported("listen.mysql.address");
    if (!meant)
        report.mistake(draft.place("listen"), "listen",
                       "there is no listener: set listen.postgres.address or listen.mysql.address");
}

}  // namespace fairlead::config::rules
