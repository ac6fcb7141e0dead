#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace fairlead::policy::mysql::guard {

/// Which values of a system variable a tenant may choose.
enum class setting_values : std::uint8_t {
    constant,   // any constant
    sql_mode,   // modes of the list
    charset,    // character sets of the list, or NULL
    collation,  // collations of those character sets
    on_only,    // ON: the proxy's own session tracking stands on it
    off_only,   // OFF: ON makes answers depend on what the connection did before
    isolation,  // READ-COMMITTED and so on
};

struct variable_entry {
    std::string_view name;  // lower case
    setting_values values = setting_values::constant;
};

/// Session variables that tenants may set and read; null if `name` (lower case) is not among them.
const variable_entry* find_settable(std::string_view name);
std::span<const variable_entry> settable_variables();

/// Variables that tenants of shared tables may read, beside those they may set.
bool is_readable(std::string_view name);
std::span<const std::string_view> readable_variables();

/// Variables (lower case) that say how much memory a session may take of the server that tenants share. A
/// tenant with a database of its own may set them up to `most_memory` bytes, which the server takes for its
/// own temporary tables by default.
bool is_amount_of_memory(std::string_view name);
constexpr std::uint64_t most_memory = 16U << 20;

/// A mode of sql_mode that may be set (upper case).
bool is_allowed_mode(std::string_view mode);
std::span<const std::string_view> allowed_modes();

/// `name` (lower case) is one of the character sets, or a collation of one.
bool is_allowed_charset(std::string_view name);
bool is_allowed_collation(std::string_view name);

}  // namespace fairlead::policy::mysql::guard
