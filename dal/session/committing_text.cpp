#include "dal/session/committing_text.h"

#include "policy/mysql/guard/names.h"
#include "policy/mysql/lexer.h"

#include <algorithm>
#include <array>
#include <vector>

namespace fairlead::dal {
namespace {

using policy::mysql::guard::same_word;

constexpr std::array<std::string_view, 10> touch_rows_only = {
    "select", "insert", "update", "delete", "replace", "with", "values", "explain", "do", "show"};

}  // namespace

bool may_commit_unasked(std::string_view sql) {
    // No mode changes what the first word is.
    std::vector<policy::mysql::token> tokens;
    if (!policy::mysql::lex(sql, {}, tokens)) return true;
    const auto first = std::find_if(tokens.begin(), tokens.end(),
                                    [&](const auto& each) { return each.text_in(sql) != "("; });
    if (first == tokens.end()) return false;
    return std::none_of(touch_rows_only.begin(), touch_rows_only.end(),
                        [&](std::string_view word) { return same_word(first->text_in(sql), word); });
}

}  // namespace fairlead::dal
