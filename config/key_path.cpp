#include "config/key_path.h"

#include <algorithm>

namespace fairlead::config {

namespace {

bool is_bare_key(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
}

}  // namespace

std::string KeyPath::text() const {
    std::string prefix = parent == nullptr ? std::string() : parent->text();
    if (index != no_index) return prefix + "[" + std::to_string(index) + "]";
    if (!prefix.empty()) prefix += ".";
    if (is_bare_key(name)) return prefix.append(name);
    return prefix.empty() && name.empty() ? prefix : prefix + "\"" + std::string(name) + "\"";
}

}  // namespace fairlead::config
