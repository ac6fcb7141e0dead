#include "policy/mysql/sql_mode_words.h"

#include "policy/mysql/guard/variable_list.h"

namespace fairlead::policy::mysql {
namespace {

bool apply_mode(std::string_view word, lex_mode& mode) {
    const bool ansi = word == "ANSI";
    if (ansi || word == "ANSI_QUOTES") mode.ansi_quotes = true;
    if (ansi || word == "IGNORE_SPACE") mode.ignore_space = true;
    if (ansi || word == "PIPES_AS_CONCAT") mode.pipes_as_concat = true;
    if (word == "NO_BACKSLASH_ESCAPES") mode.no_backslash_escapes = true;
    if (word == "HIGH_NOT_PRECEDENCE") mode.high_not_precedence = true;
    return word.empty() || guard::is_allowed_mode(word);
}

std::string_view trimmed(std::string_view word) {
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    return word;
}

}  // namespace

bool read_sql_mode(std::string_view words, lex_mode& mode) {
    for (;;) {
        const std::size_t comma = words.find(',');
        if (!apply_mode(trimmed(words.substr(0, comma)), mode)) return false;
        if (comma == std::string_view::npos) return true;
        words.remove_prefix(comma + 1);
    }
}

}  // namespace fairlead::policy::mysql
