#include "policy/mysql/guard/function_list.h"

#include <algorithm>
#include <iterator>

namespace fairlead::policy::mysql::guard {

namespace {

#include "policy/mysql/guard/built_in_functions.inc"

static_assert(std::is_sorted(std::begin(built_in_functions), std::end(built_in_functions),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));

}  // namespace

const built_in_function* find_built_in(std::string_view name) {
    const auto* at =
        std::lower_bound(std::begin(built_in_functions), std::end(built_in_functions), name,
                         [](const built_in_function& f, std::string_view n) { return f.name < n; });
    return at != std::end(built_in_functions) && at->name == name ? at : nullptr;
}

}  // namespace fairlead::policy::mysql::guard
