#include "policy/postgres/lexer.h"

namespace fairlead::policy::postgres {

std::string_view to_string(lex_error error) {
    switch (error) {
        case lex_error::none:
            return "no error";
        case lex_error::nul_byte:
            return "the statement holds a NUL byte";
        case lex_error::unterminated_string:
            return "unterminated quoted string";
        case lex_error::unterminated_identifier:
            return "unterminated quoted identifier";
        case lex_error::unterminated_comment:
            return "unterminated /* comment";
        case lex_error::continued_past_comment:
            return "a string literal goes on after a comment";
        case lex_error::empty_identifier:
            return "zero-length delimited identifier";
        case lex_error::bad_escape:
            return "invalid escape in an E'...' string";
        case lex_error::junk_after_number:
            return "trailing junk after numeric literal";
        case lex_error::junk_after_parameter:
            return "trailing junk after parameter";
        case lex_error::parameter_too_large:
            return "parameter number above 65535";
        case lex_error::operator_too_long:
            return "operator too long";
        case lex_error::unexpected_character:
            return "a character that begins no token";
        case lex_error::too_many_tokens:
            return "the statement has too many tokens";
        case lex_error::too_long:
            return "the statement is too long";
    }
    return "unknown error";
}

}  // namespace fairlead::policy::postgres
