#include "proxy/session/login.h"

namespace fairlead::proxy {

using config::TlsMode;

bool requires_tls(TlsMode mode) {
    return mode == TlsMode::require || requires_certificate(mode);
}

bool requires_certificate(TlsMode mode) {
    return mode == TlsMode::verify_ca || mode == TlsMode::verify_full;
}

bool asks_for_tls(TlsMode mode) {
    return mode != TlsMode::disable && mode != TlsMode::allow;
}

bool insists_on_tls(TlsMode mode) {
    return asks_for_tls(mode) && mode != TlsMode::prefer;
}

bool accepted_by_certificate(TlsMode mode, const auth::credential& who, const auth::tls_peer& peer) {
    return requires_certificate(mode) && peer.certificate_verified && who.found &&
           !who.user->certificate_name.empty() && who.user->certificate_name == peer.certificate_common_name;
}

std::string_view refusal_reason(const auth::credential& who) {
    if (!who.found) return "unknown user";
    if (!who.has_secret) return "user has no usable password";
    return "wrong password";
}

}  // namespace fairlead::proxy
