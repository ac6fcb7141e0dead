#include "policy/cache/lexer_refusal.h"

#include <algorithm>
#include <string>
#include <utility>

namespace fairlead::policy {

namespace {

// Positions in errors count characters, from 1.
std::uint32_t character_position(std::string_view sql, std::uint32_t offset) {
    auto starts_character = [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80; };
    auto prefix = sql.substr(0, offset);
    return 1 + static_cast<std::uint32_t>(std::count_if(prefix.begin(), prefix.end(), starts_character));
}

}  // namespace

VerdictPtr lexer_refusal(std::string_view sql, std::string_view what, std::uint32_t offset, bool too_much,
                         std::string_view smaller) {
    Verdict verdict;
    verdict.refused = true;
    verdict.refusal.rule = "lexer";
    verdict.refusal.message = "the statement cannot be read safely: " + std::string(what);
    verdict.refusal.hint = too_much ? std::string(smaller)
                                    : "Write the literal, name or number at this place in its plain form.";
    verdict.refusal.sqlstate = too_much ? "54001" : "42601";
    verdict.refusal.position = too_much ? 0 : character_position(sql, offset);
    return std::make_shared<const Verdict>(std::move(verdict));
}

}  // namespace fairlead::policy
