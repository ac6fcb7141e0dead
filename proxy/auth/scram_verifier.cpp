#include "proxy/auth/scram_verifier.h"

#include "proxy/auth/base64.h"
#include "proxy/auth/saslprep.h"

#include <algorithm>
#include <charconv>

namespace fairlead::proxy::auth {
namespace {

constexpr std::string_view prefix = "SCRAM-SHA-256$";

/// Cuts `text` at the first `separator`: the part before it is returned, the part behind it stays in `text`.
std::optional<std::string_view> cut(std::string_view& text, char separator) {
    std::size_t at = text.find(separator);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view before = text.substr(0, at);
    text.remove_prefix(at + 1);
    return before;
}

bool parse_iterations(std::string_view text, std::uint32_t& out) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() && out > 0 && out <= 0x7fffffff;
}

bool parse_key(std::string_view text, sha256_digest& out) {
    std::optional<std::string> raw = base64_decode(text);
    if (!raw || raw->size() != out.size()) return false;
    std::copy(raw->begin(), raw->end(), out.begin());
    return true;
}

}  // namespace

bool looks_like_scram_verifier(std::string_view secret) {
    return secret.starts_with(prefix);
}

std::optional<scram_verifier> parse_scram_verifier(std::string_view secret) {
    if (!looks_like_scram_verifier(secret)) return std::nullopt;
    secret.remove_prefix(prefix.size());
    auto iterations = cut(secret, ':');
    auto salt = iterations ? cut(secret, '$') : std::nullopt;
    auto stored_key = salt ? cut(secret, ':') : std::nullopt;
    if (!stored_key) return std::nullopt;

    scram_verifier verifier;
    std::optional<std::string> raw_salt = base64_decode(*salt);
    if (!raw_salt || raw_salt->empty()) return std::nullopt;
    verifier.salt = std::move(*raw_salt);
    if (!parse_iterations(*iterations, verifier.iterations) || !parse_key(*stored_key, verifier.stored_key) ||
        !parse_key(secret, verifier.server_key))
        return std::nullopt;
    return verifier;
}

std::string to_string(const scram_verifier& verifier) {
    std::string text(prefix);
    text += std::to_string(verifier.iterations) + ":" + base64_encode(verifier.salt) + "$";
    text += base64_encode(text_of(verifier.stored_key)) + ":" + base64_encode(text_of(verifier.server_key));
    return text;
}

std::optional<scram_keys> derive_scram_keys(std::string_view password, std::string_view salt,
                                            std::uint32_t iterations) {
    std::optional<std::string> prepared = saslprep(password);
    auto salted = pbkdf2_sha256(prepared ? *prepared : password, salt, iterations);
    if (prepared) wipe(*prepared);
    if (!salted) return std::nullopt;
    auto client_key = hmac_sha256(text_of(*salted), "Client Key");
    auto server_key = hmac_sha256(text_of(*salted), "Server Key");
    wipe(salted->data(), salted->size());
    if (!client_key || !server_key) return std::nullopt;
    return scram_keys{*client_key, *server_key};
}

std::optional<scram_verifier> derive_scram_verifier(std::string_view password, std::string_view salt,
                                                    std::uint32_t iterations) {
    if (salt.empty()) return std::nullopt;
    auto keys = derive_scram_keys(password, salt, iterations);
    if (!keys) return std::nullopt;
    auto stored_key = sha256(text_of(keys->client_key));
    wipe(keys->client_key.data(), keys->client_key.size());
    if (!stored_key) return std::nullopt;
    return scram_verifier{iterations, std::string(salt), *stored_key, keys->server_key};
}

std::optional<scram_verifier> mock_scram_verifier(std::string_view secret, std::string_view name,
                                                  std::uint32_t iterations, std::size_t salt_size) {
    scram_verifier verifier;
    verifier.iterations = iterations;
    std::string input("salt 0 ");
    input += name;
    while (verifier.salt.size() < salt_size) {
        auto block = hmac_sha256(secret, input);
        if (!block) return std::nullopt;
        verifier.salt += text_of(*block).substr(0, salt_size - verifier.salt.size());
        ++input[5];  // salts beyond a few blocks repeat no block: the counter is one byte
    }
    // The stored key is no hash of a key that anybody could know.
    auto keys = hmac_sha256(secret, std::string("keys ").append(name));
    if (!keys) return std::nullopt;
    verifier.stored_key = *keys;
    verifier.server_key = *keys;
    return verifier;
}

bool verify_password(const scram_verifier& verifier, std::string_view password) {
    auto derived = derive_scram_verifier(password, verifier.salt, verifier.iterations);
    return derived && constant_time_equal(text_of(derived->stored_key), text_of(verifier.stored_key));
}

}  // namespace fairlead::proxy::auth
