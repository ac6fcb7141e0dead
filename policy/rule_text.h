#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fairlead::policy {

/// What users read of a rule. Each engine has an enumeration of its own rules and one table of texts.
struct rule_text {
    std::string_view id;           // stable: in refusals, metrics and docs
    std::string_view description;  // what is refused, and why
    std::string_view remedy;       // what to do instead
    std::string_view sqlstate = "42501";
};

/// One line of an engine's table.
template <typename Rule>
struct rule_entry {
    constexpr rule_entry(Rule rule, std::string_view id, std::string_view description,
                         std::string_view remedy, std::string_view sqlstate = "42501")
        : value(rule), text{id, description, remedy, sqlstate} {}

    Rule value;
    rule_text text;
};

/// The table by the enumeration's numbers. Does not compile when a line stands in another place than its
/// rule.
template <typename Rule, std::size_t count>
consteval std::array<rule_text, count> texts_by_rule(const rule_entry<Rule> (&entries)[count]) {
    std::array<rule_text, count> texts;
    for (std::size_t i = 0; i < count; ++i) {
        if (static_cast<std::size_t>(entries[i].value) != i) throw std::logic_error("not in order");
        texts[i] = entries[i].text;
    }
    return texts;
}

/// All rules with what they refuse and what to do instead, as a Markdown table for docs/sql-support.md.
std::string rules_markdown(std::span<const rule_text> rules);

}  // namespace fairlead::policy
