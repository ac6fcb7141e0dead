#pragma once

#include "policy/postgres/guard/setting_list.h"
#include "policy/postgres/guard/tree.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::postgres::guard {

class analysis;

std::string lower_case(std::string_view name);

/// The arguments of SET as set_config() takes them: one value, or a list joined as PostgreSQL does. `ok`
/// false: not constants.
struct setting_value {
    std::string joined;
    std::vector<std::string> parts;
    int location = -1;
    bool ok = true;
};
setting_value value_of(analysis& a, std::string_view setting, PgQuery__Node* const* args, std::size_t count);

/// A value given as text, to set_config(): lists are taken apart.
setting_value value_of_text(std::string_view setting, std::string_view value, int location);

/// The list allows this value for this setting.
bool value_allowed(const analysis& a, const setting_entry& setting, const setting_value& value);

}  // namespace fairlead::policy::postgres::guard
