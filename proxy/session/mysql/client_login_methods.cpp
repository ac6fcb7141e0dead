#include "proxy/auth/native_password.h"
#include "proxy/session/mysql/client_login.h"

namespace fairlead::proxy::mysql {
namespace {

constexpr error_number no_common_method{1251, "08004"};
constexpr std::size_t caching_sha2_response_size = 32;

/// Clients end the password with a NUL.
std::string_view without_nul(std::string_view text) {
    if (text.ends_with('\0')) text.remove_suffix(1);
    return text;
}

}  // namespace

/// `plugin` and `response`: what the client has said so far.
client_login::step client_login::authenticate(std::string_view plugin, std::string_view response,
                                              std::string& out) {
    credential_ = context_.credentials->find(parameters_.user);
    if (accepted_by_certificate(context_.tls, credential_, tls_)) {
        by_certificate_ = true;
        return authenticated();
    }
    secrets_ = context_.credentials->mysql_secrets_of(credential_, parameters_.user, context_.cache);
    if (context_.method == auth_method::password && !secure())
        return refuse(out, errors::access_denied, "password authentication is only possible over TLS",
                      "password without TLS");
    bool can_switch = has(capabilities_, capability::plugin_auth);
    if (!can_switch) plugin = auth_plugin::native;
    method_ = choose_method(plugin);
    // A client of before 5.5 knows one method, and cannot be sent a second scramble.
    if (!can_switch && (changes_user_ || method_ != plugin))
        return refuse(out, no_common_method,
                      "Client does not support authentication protocol requested by server",
                      "client without plugin_auth");
    if (changes_user_ || method_ != plugin) return switch_method(method_, out);
    return on_method_response(response, out);
}

std::string_view client_login::choose_method(std::string_view of_client) const {
    if (context_.method == auth_method::password) return auth_plugin::clear;
    if (of_client == auth_plugin::caching_sha2 || !secrets_.native) return auth_plugin::caching_sha2;
    return auth_plugin::native;
}

client_login::step client_login::switch_method(std::string_view plugin, std::string& out) {
    bool keeps_scramble = changes_user_ && !scramble_.empty();
    if (!keeps_scramble && !make_scramble()) return refuse_internal(out);
    append_auth_switch(out, sequence_, {std::string(plugin), scramble_ + std::string(1, '\0')});
    state_ = state::switched;
    return go_on();
}

client_login::step client_login::on_method_response(std::string_view response, std::string& out) {
    if (method_ == auth_plugin::clear) return on_clear_text(response, out);
    if (method_ == auth_plugin::caching_sha2) return on_caching_sha2(response, out);
    bool matches = secrets_.native && auth::native_matches(*secrets_.native, scramble_, response);
    if (!matches || !credential_.has_secret) return refuse_password(out, response.empty());
    return authenticated();
}

client_login::step client_login::on_caching_sha2(std::string_view response, std::string& out) {
    // "No password" is an empty response, or nothing but the NUL.
    if (response.size() != caching_sha2_response_size)
        return refuse_password(out, without_nul(response).empty());
    bool matches =
        secrets_.caching_sha2 && auth::caching_sha2_matches(*secrets_.caching_sha2, scramble_, response);
    if (matches && credential_.has_secret) {
        append_auth_more(out, sequence_, std::string_view(&auth::caching_sha2_fast_ok, 1));
        return authenticated();
    }
    // As servers do, for wrong passwords and strangers too: all of them look alike.
    append_auth_more(out, sequence_, std::string_view(&auth::caching_sha2_full, 1));
    state_ = state::full;
    return go_on();
}

client_login::step client_login::on_full(std::string_view packet, std::string& out) {
    if (secure()) return on_clear_text(packet, out);
    if (packet == std::string_view(&auth::caching_sha2_request_key, 1)) return send_key(out);
    return on_encrypted(packet, out);  // the client had the key already
}

client_login::step client_login::send_key(std::string& out) {
    auto key = context_.rsa == nullptr ? nullptr : context_.rsa->get();
    if (!key)
        return refuse(out, errors::access_denied, "caching_sha2_password needs TLS here for the first login",
                      "no RSA key");
    append_auth_more(out, sequence_, key->public_pem());
    state_ = state::key_sent;
    return go_on();
}

client_login::step client_login::on_encrypted(std::string_view packet, std::string& out) {
    auto key = context_.rsa == nullptr ? nullptr : context_.rsa->get();
    std::optional<std::string> mixed = key ? key->decrypt(packet) : std::nullopt;
    if (!mixed) return refuse_password(out);
    std::string password = auth::xor_with_scramble(*mixed, scramble_);
    step made = on_clear_text(password, out);
    auth::wipe(password);
    return made;
}

client_login::step client_login::on_clear_text(std::string_view packet, std::string& out) {
    std::string_view password = without_nul(packet);
    bool matches = auth::password_matches(credential_, parameters_.user, password);
    if (!matches || !credential_.has_secret || password.empty())
        return refuse_password(out, password.empty());
    remember(password);
    return authenticated();
}

/// The next login with this password takes the fast path.
void client_login::remember(std::string_view password) {
    if (context_.cache == nullptr || secrets_.caching_sha2) return;
    auto hash = auth::caching_sha2_hash(password);
    if (hash) context_.cache->remember(credential_.user->name, credential_.user->password, *hash);
}

client_login::step client_login::authenticated() {
    state_ = state::done;
    return {next::authenticated, 0};
}

/// One text for a stranger, a wrong password, and a secret that cannot be checked; only the log knows which.
client_login::step client_login::refuse_password(std::string& out, bool empty) {
    return refuse(
        out, errors::access_denied,
        "Access denied for user '" + parameters_.user + "' (using password: " + (empty ? "NO)" : "YES)"),
        refusal_reason(credential_));
}

}  // namespace fairlead::proxy::mysql
