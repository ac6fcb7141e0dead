#pragma once

#include "policy/verdict.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::proxy {

/// Session settings that differ from the server's own defaults, sorted by name. Immutable and shared:
/// thousands of clients of one application point at the same object, and "nothing to restore" is mostly a
/// pointer comparison.
using settings_map = std::vector<std::pair<std::string, std::string>>;
using settings_ptr = std::shared_ptr<const settings_map>;

/// The settings of a connection on which nothing was set.
settings_ptr no_settings();

bool same_settings(const settings_ptr& a, const settings_ptr& b);

const std::string* find_setting(const settings_map& settings, std::string_view name);

settings_ptr with_setting(const settings_ptr& base, std::string_view name, std::string_view value);
settings_ptr without_setting(const settings_ptr& base, std::string_view name);

/// `base` after one change. `on_reset`: where RESET returns to (a client's start-up settings; nothing for a
/// server).
settings_ptr apply_change(const settings_ptr& base, const policy::SettingChange& change,
                          const settings_ptr& on_reset);

/// What to do to get from `from` to `to`; views into both.
struct settings_difference {
    std::vector<std::pair<std::string_view, std::string_view>> set;  // new ones and those with another value
    std::vector<std::string_view> unset;                             // in `from` only
};
settings_difference difference(const settings_map& from, const settings_map& to);

}  // namespace fairlead::proxy
