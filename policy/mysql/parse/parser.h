#pragma once

#include "policy/mysql/lex_mode.h"
#include "policy/mysql/lexer.h"
#include "policy/mysql/parse/ast.h"
#include "policy/mysql/parse/symbol.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql::parse {

enum class parse_error : std::uint8_t {
    none,
    syntax,         // this does not stand where the server takes it
    not_supported,  // the server may take it, we do not read it: not in the declared subset
    ambiguous,      // servers or versions differ in what it means, or we are not certain
    too_deep,
    too_many_nodes,
    too_many_tokens,
};
std::string_view to_string(parse_error error);

struct parse_result {
    parse_error error = parse_error::none;
    token_index token = 0;  // where; the number of tokens means "at the end"
    std::string_view
        expected;  // what would have been right or what is not read; static storage, may be empty

    explicit operator bool() const { return error == parse_error::none; }
};

struct parse_limits {
    std::uint32_t max_depth = 200;  // of parentheses, queries and operators within each other
    std::uint32_t max_nodes = 1'000'000;
    std::uint32_t max_tokens = 400'000;
};

/// Reads texts. Holds memory that it uses again, so a caller keeps one per thread; one object is for one
/// thread at a time.
class parser {
public:
    /// Reads `tokens`, which lex() made of `sql` in `mode`, into `into`, which is cleared first. All of the
    /// text's statements, or the first error; then `into` is not to be used. Linear in the number of tokens.
    parse_result parse(std::string_view sql, const lex_mode& mode, std::span<const token> tokens, tree& into,
                       const parse_limits& limits = {});

private:
    std::vector<symbol> symbols_;  // of each token
};

/// The name that an identifier's token stands for: without its quotes, doubled quotes halved.
std::string identifier(std::string_view sql, const token& token);

}  // namespace fairlead::policy::mysql::parse
