#include "proxy/auth/scram_key_cache.h"

#include <cstring>

namespace fairlead::proxy::auth {
namespace {

/// One hash over the three inputs, lengths first so that no two sets of inputs run into each other.
std::optional<sha256_digest> identify(std::string_view password, std::string_view salt,
                                      std::uint32_t iterations) {
    std::string input;
    input.reserve(password.size() + salt.size() +
                  32);  // no reallocation leaves a copy of the password behind
    input += std::to_string(iterations) + "," + std::to_string(salt.size()) + ",";
    input += salt;
    input += password;
    auto digest = sha256(input);
    wipe(input);
    return digest;
}

}  // namespace

std::size_t scram_key_cache::digest_hash::operator()(const sha256_digest& digest) const {
    std::size_t value;
    std::memcpy(&value, digest.data(), sizeof value);
    return value;
}

scram_key_cache::~scram_key_cache() {
    for (auto& [id, keys] : entries_) wipe(&keys, sizeof keys);
}

std::optional<scram_keys> scram_key_cache::keys(std::string_view password, std::string_view salt,
                                                std::uint32_t iterations) {
    auto id = identify(password, salt, iterations);
    if (!id) return std::nullopt;
    {
        std::lock_guard lock(mutex_);
        if (auto found = entries_.find(*id); found != entries_.end()) return found->second;
    }
    // Derived without the lock: milliseconds, during which other workers log in to other servers.
    auto derived = derive_scram_keys(password, salt, iterations);
    if (!derived) return std::nullopt;
    std::lock_guard lock(mutex_);
    // Full means that salts keep changing, so no entry is worth more than another.
    if (entries_.size() >= max_entries_ && !entries_.empty()) {
        wipe(&entries_.begin()->second, sizeof(scram_keys));
        entries_.erase(entries_.begin());
    }
    if (max_entries_ > 0) entries_.insert_or_assign(*id, *derived);
    return derived;
}

std::size_t scram_key_cache::size() const {
    std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace fairlead::proxy::auth
