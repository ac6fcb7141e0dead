#include "policy/rule_text.h"

namespace fairlead::policy {

std::string rules_markdown(std::span<const rule_text> rules) {
    std::string out = "| rule | refused | instead | SQLSTATE |\n| --- | --- | --- | --- |\n";
    for (const rule_text& text : rules)
        out += "| `" + std::string(text.id) + "` | " + std::string(text.description) + " | " +
               std::string(text.remedy) + " | " + std::string(text.sqlstate) + " |\n";
    return out;
}

}  // namespace fairlead::policy
