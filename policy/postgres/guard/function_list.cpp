#include "policy/postgres/guard/function_list.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace fairlead::policy::postgres::guard {

namespace {

struct built_in_function {
    std::string_view name;
    function_family family;
};

#include "policy/postgres/guard/built_in_functions.inc"

static_assert(std::is_sorted(std::begin(built_in_functions), std::end(built_in_functions),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
static_assert(std::is_sorted(std::begin(output_column_names), std::end(output_column_names)));

}  // namespace

std::optional<function_family> find_built_in(std::string_view name) {
    const auto* at =
        std::lower_bound(std::begin(built_in_functions), std::end(built_in_functions), name,
                         [](const built_in_function& f, std::string_view n) { return f.name < n; });
    if (at == std::end(built_in_functions) || at->name != name) return std::nullopt;
    return at->family;
}

bool is_output_column(std::string_view name) {
    return std::binary_search(std::begin(output_column_names), std::end(output_column_names), name);
}

bool looks_built_in(std::string_view name) {
    constexpr std::array<std::string_view, 6> prefixes = {"pg_",    "lo_", "txid_", "binary_upgrade_",
                                                          "dblink", "RI_"};
    return name.find("_to_xml") != std::string_view::npos ||
           std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view p) { return name.starts_with(p); });
}

}  // namespace fairlead::policy::postgres::guard
