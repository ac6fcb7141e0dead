#include "policy/postgres/explain.h"

#include "policy/explain.h"
#include "policy/postgres/guard/setting_list.h"

#include <nlohmann/json.hpp>

namespace fairlead::policy::postgres {

namespace {

bool applies_context(const GuardScope& scope, const Verdict& verdict) {
    return scope.model == config::Model::pool && !verdict.refused && verdict.needs_context &&
           verdict.command != SessionCommand::set_tenant;
}

std::string_view words_for(guard::setting_values values) {
    switch (values) {
        case guard::setting_values::any:
            return "any constant";
        case guard::setting_values::on_only:
            return "only `on`";
        case guard::setting_values::ascii_safe_encoding:
            return "`UTF8`, `LATIN1` or `SQL_ASCII`";
        case guard::setting_values::message_level:
            return "`notice`, `warning` or `error`";
        case guard::setting_values::search_path:
            return "schemas of the placement's own search path";
        case guard::setting_values::object_name:
            return "an object of the placement's own schemas";
    }
    return "";
}

}  // namespace

nlohmann::json explain_json(const GuardScope& scope, const Verdict& verdict, std::string_view sql) {
    return policy::explain_json({verdict, sql, applies_context(scope, verdict)});
}

std::string explain_text(const GuardScope& scope, const Verdict& verdict, std::string_view sql) {
    return policy::explain_text({verdict, sql, applies_context(scope, verdict)});
}

std::string settings_markdown() {
    std::string out = "| setting | values |\n| --- | --- |\n";
    for (const guard::setting_entry& entry : guard::changeable_settings())
        out += "| `" + std::string(entry.name) + "` | " + std::string(words_for(entry.values)) + " |\n";
    return out;
}

}  // namespace fairlead::policy::postgres
