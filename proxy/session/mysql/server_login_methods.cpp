#include "proxy/auth/caching_sha2.h"
#include "proxy/auth/ed25519_password.h"
#include "proxy/auth/native_password.h"
#include "proxy/auth/rsa_key.h"
#include "proxy/session/mysql/server_login.h"

#include <algorithm>

namespace fairlead::proxy::mysql {
namespace {

constexpr std::string_view protocol_violation = "08S01";
constexpr std::string_view access_denied = "28000";
constexpr std::uint8_t max_switches = 3;
constexpr std::size_t ed25519_scramble_size = 32;
constexpr std::size_t max_plugin_name = 64;
constexpr std::size_t unknown_method = ~std::size_t{0};
constexpr std::uint32_t max_packet_we_take = 1u << 30;  // the largest that any server sends

/// How many bytes of random data a method answers to.
std::size_t scramble_needed(std::string_view plugin) {
    if (plugin == auth_plugin::native || plugin == auth_plugin::caching_sha2) return scramble_size;
    if (plugin == auth_plugin::ed25519) return ed25519_scramble_size;
    return plugin == auth_plugin::clear ? 0 : unknown_method;
}

}  // namespace

handshake_response server_login::response() const {
    handshake_response response;
    response.capabilities = capabilities_;
    response.max_packet = max_packet_we_take;
    response.collation = static_cast<std::uint8_t>(parameters_.collation);
    return response;
}

void server_login::send_response(std::string& out) {
    std::optional<std::string> first = first_response(plugin_);
    if (!first) {
        fail(access_denied, "the crypto library failed");
        return;
    }
    handshake_response answer = response();
    answer.user = parameters_.user;
    answer.auth_response = std::move(*first);
    answer.database = parameters_.database;
    answer.plugin = plugin_;
    answer.attributes = parameters_.attributes;
    append_handshake_response(out, sequence_, answer);
    state_ = state::authentication;
}

/// To the method that the greeting named, if it is one that can be answered already; else to native, and the
/// server switches. Never the password itself.
std::optional<std::string> server_login::first_response(std::string& plugin) {
    if (plugin == auth_plugin::caching_sha2)
        return auth::caching_sha2_response(parameters_.password, scramble_);
    plugin = auth_plugin::native;
    return auth::native_response(parameters_.password, scramble_);
}

bool server_login::on_auth_switch(Bytes payload, std::string& out) {
    std::optional<auth_switch> request = parse_auth_switch(payload);
    if (!request || state_ != state::authentication || ++switches_ > max_switches)
        return fail(protocol_violation, "the server sent an unexpected or malformed AuthSwitchRequest");
    plugin_ = request->plugin.substr(0, max_plugin_name);
    if (plugin_ == auth_plugin::clear && !secure())
        return fail(access_denied, "the server asks for the password in clear text, without TLS");
    std::size_t needed = scramble_needed(plugin_);
    if (needed == unknown_method)
        return fail(access_denied, "the server asks for authentication method " + plugin_ +
                                       ", which is not supported (mysql_native_password, "
                                       "caching_sha2_password, client_ed25519, mysql_clear_password are)");
    if (request->data.size() < needed)
        return fail(protocol_violation, "the server sent a malformed scramble");
    scramble_ = request->data.substr(0, needed);
    std::optional<std::string> answer = switched_response();
    if (!answer) return fail(access_denied, "the crypto library failed");
    append_message(out, sequence_, *answer);
    auth::wipe(*answer);
    return true;
}

std::optional<std::string> server_login::switched_response() const {
    if (plugin_ == auth_plugin::clear) return password_with_nul();
    if (plugin_ == auth_plugin::ed25519) return auth::ed25519_response(parameters_.password, scramble_);
    if (plugin_ == auth_plugin::caching_sha2)
        return auth::caching_sha2_response(parameters_.password, scramble_);
    return auth::native_response(parameters_.password, scramble_);
}

bool server_login::on_auth_more(std::string_view data, std::string& out) {
    if (plugin_ != auth_plugin::caching_sha2)
        return fail(protocol_violation, "the server goes on with a method that has ended");
    if (state_ == state::full) return on_server_key(data, out);
    if (data == std::string_view(&auth::caching_sha2_fast_ok, 1)) return true;
    if (data == std::string_view(&auth::caching_sha2_full, 1) && !asked_full_) {
        asked_full_ = true;  // a server that asks again is playing
        return send_full_password(out);
    }
    return fail(protocol_violation, "the server's caching_sha2_password is not understood");
}

bool server_login::send_full_password(std::string& out) {
    if (secure()) {
        std::string password = password_with_nul();
        append_message(out, sequence_, password);
        auth::wipe(password);
        return true;
    }
    if (!parameters_.trust_server_key)
        return fail(access_denied, "caching_sha2_password needs TLS for the first login to this server");
    append_message(out, sequence_, std::string_view(&auth::caching_sha2_request_key, 1));
    state_ = state::full;
    return true;
}

bool server_login::on_server_key(std::string_view pem, std::string& out) {
    std::string mixed = auth::xor_with_scramble(password_with_nul(), scramble_);
    std::optional<std::string> encrypted = auth::rsa_encrypt(pem, mixed);
    if (!encrypted) return fail(access_denied, "the server sent no usable RSA key");
    append_message(out, sequence_, *encrypted);
    state_ = state::authentication;
    return true;
}

}  // namespace fairlead::proxy::mysql
