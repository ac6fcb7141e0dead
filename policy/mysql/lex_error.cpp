#include "policy/mysql/lexer.h"

namespace fairlead::policy::mysql {

std::string_view to_string(lex_error error) {
    switch (error) {
        case lex_error::none:
            return "no error";
        case lex_error::nul_byte:
            return "a NUL byte outside a string";
        case lex_error::bad_character:
            return "a character that begins no token";
        case lex_error::bad_encoding:
            return "a name that is not valid in the client's character set";
        case lex_error::unterminated_string:
            return "unterminated string";
        case lex_error::unterminated_identifier:
            return "unterminated quoted identifier";
        case lex_error::unterminated_comment:
            return "unterminated comment";
        case lex_error::nested_comment:
            return "a comment inside an executable comment";
        case lex_error::comment_version:
            return "an executable comment whose version servers read differently";
        case lex_error::optimizer_hint:
            return "an optimizer hint";
        case lex_error::empty_identifier:
            return "an empty name";
        case lex_error::ambiguous_number:
            return "a number that runs into other characters";
        case lex_error::too_many_tokens:
            return "the statement has too many tokens";
        case lex_error::too_long:
            return "the statement is too long";
    }
    return "unknown error";
}

}  // namespace fairlead::policy::mysql
