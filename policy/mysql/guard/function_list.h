#pragma once

#include <cstdint>
#include <string_view>

namespace fairlead::policy::mysql::guard {

/// What a built-in function is, as far as isolation goes.
enum class function_family : std::uint8_t {
    allowed,
    last_insert_id,
    row_count,
    found_rows,
    advisory_lock,
    advisory_unlock_all,
    sleep,
    server_file,
    replication,
    internal,
};

struct built_in_function {
    std::string_view name;  // lower case
    function_family family = function_family::internal;
    /// With a blank before the parenthesis, or in quotes, the name is a stored function's (without
    /// IGNORE_SPACE).
    bool immediate = false;
};

/// Null if neither MariaDB nor MySQL has a function of this name (lower case), or it was not judged.
const built_in_function* find_built_in(std::string_view name);

}  // namespace fairlead::policy::mysql::guard
