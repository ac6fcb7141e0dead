#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace fairlead::policy::postgres::guard {

/// Which values of a setting a tenant of a shared database may choose.
enum class setting_values : std::uint8_t {
    any,
    on_only,  // the guard's lexer and the row policies stand on it
    ascii_safe_encoding,
    message_level,  // notice and above: below are the server's own log lines
    search_path,    // schemas of the placement only
    object_name,    // of an object in those schemas
};

struct setting_entry {
    std::string_view name;  // lower case
    setting_values values = setting_values::any;
};

/// Settings that may be changed and shown; null if `name` (lower case) is not among them.
const setting_entry* find_setting(std::string_view name);
std::span<const setting_entry> changeable_settings();

/// Settings that may only be shown.
bool is_readable_setting(std::string_view name);

}  // namespace fairlead::policy::postgres::guard
