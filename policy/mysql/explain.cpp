#include "policy/mysql/explain.h"

#include "policy/explain.h"
#include "policy/mysql/guard/variable_list.h"
#include "policy/mysql/lexer.h"
#include "policy/mysql/render.h"
#include "policy/mysql/rules.h"

#include <nlohmann/json.hpp>

#include <span>
#include <vector>

namespace fairlead::policy::mysql {

namespace {

/// What would be sent; the verdict as it was, or a refusal if nothing can be.
Verdict rendered(const Speaker& speaker, const Verdict& verdict, std::string_view sql, std::string& out) {
    if (verdict.refused) return verdict;
    if (verdict.splices.empty()) {
        out = sql;
        return verdict;
    }
    std::vector<token> tokens;
    bool done = static_cast<bool>(lex(sql, speaker.mode, tokens)) &&
                render(sql, tokens, verdict.splices, {speaker.tenant, speaker.database, 0}, out);
    if (done) return verdict;
    const rule_text& text = describe(rule::not_verified);
    Verdict refused;
    refused.refused = true;
    refused.refusal = {std::string(text.id), "the statement cannot be rewritten safely",
                       std::string(text.remedy), std::string(text.sqlstate), 0};
    return refused;
}

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

nlohmann::json explain_json(const Speaker& speaker, const Verdict& verdict, std::string_view sql) {
    std::string text;
    Verdict shown = rendered(speaker, verdict, sql, text);
    return policy::explain_json({shown, text, false});
}

std::string explain_text(const Speaker& speaker, const Verdict& verdict, std::string_view sql) {
    std::string text;
    Verdict shown = rendered(speaker, verdict, sql, text);
    return policy::explain_text({shown, text, false});
}

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
