#include "policy/mysql/explain.h"

#include "policy/mysql/guard/variable_list.h"

#include <span>
#include <string_view>

namespace fairlead::policy::mysql {

namespace {

std::string_view words_for(guard::setting_values values) {
    switch (values) {
        case guard::setting_values::constant:
            return "any constant";
        case guard::setting_values::sql_mode:
            return "modes of the list below";
        case guard::setting_values::charset:
            return "`utf8mb4`, `utf8mb3`, `latin1`, `ascii`, `binary`, `NULL`";
        case guard::setting_values::collation:
            return "collations of these character sets";
        case guard::setting_values::on_only:
            return "only `ON`";
        case guard::setting_values::off_only:
            return "only `OFF`";
        case guard::setting_values::isolation:
            return "an isolation level";
    }
    return "";
}

std::string list_of(std::span<const std::string_view> names) {
    std::string out;
    for (std::string_view name : names) {
        if (!out.empty()) out += ", ";
        out += "`" + std::string(name) + "`";
    }
    return out + "\n";
}

}  // namespace

std::string settings_markdown() {
    std::string out = "| variable | values |\n| --- | --- |\n";
    for (const guard::variable_entry& entry : guard::settable_variables())
        out += "| `" + std::string(entry.name) + "` | " + std::string(words_for(entry.values)) + " |\n";
    return out;
}

std::string readable_variables_markdown() {
    return list_of(guard::readable_variables());
}

std::string sql_modes_markdown() {
    return list_of(guard::allowed_modes());
}

}  // namespace fairlead::policy::mysql
