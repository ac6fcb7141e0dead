#include "proxy/session/settings.h"

#include <algorithm>

namespace fairlead::proxy {
namespace {

auto position(const settings_map& settings, std::string_view name) {
    return std::lower_bound(settings.begin(), settings.end(), name,
                            [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
}

}  // namespace

settings_ptr no_settings() {
    return std::make_shared<const settings_map>();
}

bool same_settings(const settings_ptr& a, const settings_ptr& b) {
    return a == b || *a == *b;
}

const std::string* find_setting(const settings_map& settings, std::string_view name) {
    auto at = position(settings, name);
    return at != settings.end() && at->first == name ? &at->second : nullptr;
}

settings_ptr with_setting(const settings_ptr& base, std::string_view name, std::string_view value) {
    const std::string* current = find_setting(*base, name);
    if (current != nullptr && *current == value) return base;
    auto copy = std::make_shared<settings_map>(*base);
    auto at = copy->begin() + (position(*copy, name) - copy->begin());
    if (current != nullptr) {
        at->second = value;
    } else {
        copy->emplace(at, name, value);
    }
    return copy;
}

settings_ptr without_setting(const settings_ptr& base, std::string_view name) {
    if (find_setting(*base, name) == nullptr) return base;
    auto copy = std::make_shared<settings_map>(*base);
    copy->erase(copy->begin() + (position(*copy, name) - copy->begin()));
    return copy;
}

settings_ptr apply_change(const settings_ptr& base, const policy::SettingChange& change,
                          const settings_ptr& on_reset) {
    using Kind = policy::SettingChange::Kind;
    if (change.local) return base;
    if (change.kind == Kind::reset_all) return on_reset;
    if (change.kind == Kind::set) return with_setting(base, change.name, change.value);
    const std::string* original = find_setting(*on_reset, change.name);
    return original != nullptr ? with_setting(base, change.name, *original)
                               : without_setting(base, change.name);
}

settings_difference difference(const settings_map& from, const settings_map& to) {
    settings_difference result;
    for (const auto& [name, value] : from) {
        if (find_setting(to, name) == nullptr) result.unset.emplace_back(name);
    }
    for (const auto& [name, value] : to) {
        const std::string* current = find_setting(from, name);
        if (current == nullptr || *current != value) result.set.emplace_back(name, value);
    }
    return result;
}

}  // namespace fairlead::proxy
