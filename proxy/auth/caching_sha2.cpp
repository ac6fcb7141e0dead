#include "proxy/auth/caching_sha2.h"

#include <cstring>

namespace fairlead::proxy::auth {
namespace {

std::optional<sha256_digest> pad(const sha256_digest& hash, std::string_view scramble) {
    return sha256(std::string(text_of(hash)).append(scramble));
}

/// The NUL keeps "ab" + "c" apart from "a" + "bc"; neither a name nor a secret holds one.
std::optional<sha256_digest> key_of(std::string_view user, std::string_view stored) {
    std::string text(user);
    text.push_back('\0');
    text += stored;
    auto key = sha256(text);
    wipe(text);
    return key;
}

}  // namespace

std::optional<sha256_digest> caching_sha2_hash(std::string_view password) {
    auto once = sha256(password);
    return once ? sha256(text_of(*once)) : std::nullopt;
}

std::optional<std::string> caching_sha2_response(std::string_view password, std::string_view scramble) {
    if (password.empty()) return std::string();
    auto once = sha256(password);
    auto hash = once ? sha256(text_of(*once)) : std::nullopt;
    auto mask = hash ? pad(*hash, scramble) : std::nullopt;
    if (!mask) return std::nullopt;
    for (std::size_t i = 0; i < mask->size(); ++i) (*mask)[i] ^= (*once)[i];
    wipe(once->data(), once->size());
    return std::string(text_of(*mask));
}

bool caching_sha2_matches(const sha256_digest& hash, std::string_view scramble, std::string_view response) {
    auto mask = pad(hash, scramble);
    if (!mask || response.size() != mask->size()) return false;
    for (std::size_t i = 0; i < mask->size(); ++i) (*mask)[i] ^= static_cast<std::uint8_t>(response[i]);
    auto claimed = sha256(text_of(*mask));
    return claimed && constant_time_equal(text_of(*claimed), text_of(hash));
}

std::string xor_with_scramble(std::string_view text, std::string_view scramble) {
    std::string mixed(text);
    if (scramble.empty()) return mixed;
    for (std::size_t i = 0; i < mixed.size(); ++i)
        mixed[i] = static_cast<char>(mixed[i] ^ scramble[i % scramble.size()]);
    return mixed;
}

caching_sha2_cache::~caching_sha2_cache() {
    for (auto& [key, hash] : entries_) wipe(hash.data(), hash.size());
}

std::optional<sha256_digest> caching_sha2_cache::find(std::string_view user, std::string_view stored) const {
    auto key = key_of(user, stored);
    if (!key) return std::nullopt;
    std::lock_guard lock(mutex_);
    auto found = entries_.find(*key);
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

void caching_sha2_cache::remember(std::string_view user, std::string_view stored, const sha256_digest& hash) {
    auto key = key_of(user, stored);
    if (!key) return;
    std::lock_guard lock(mutex_);
    // Whoever is forgotten logs in the long way once more.
    if (entries_.size() >= max_entries_ && !entries_.contains(*key)) entries_.erase(entries_.begin());
    entries_[*key] = hash;
}

std::size_t caching_sha2_cache::digest_hash::operator()(const sha256_digest& digest) const {
    std::size_t value;
    std::memcpy(&value, digest.data(), sizeof value);
    return value;
}

}  // namespace fairlead::proxy::auth
