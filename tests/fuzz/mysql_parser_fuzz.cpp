#include "policy/mysql/lexer.h"
#include "policy/mysql/parse/parser.h"
#include "unit/policy/mysql/parse/tree_check.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace fairlead;
using namespace fairlead::policy::mysql;

namespace {

lex_mode mode_of(std::uint8_t bits) {
    lex_mode mode;
    mode.ansi_quotes = (bits & 1) != 0;
    mode.ignore_space = (bits & 2) != 0;
    mode.pipes_as_concat = (bits & 4) != 0;
    mode.high_not_precedence = (bits & 8) != 0;
    mode.no_backslash_escapes = (bits & 16) != 0;
    if ((bits & 32) != 0) {
        mode.server = flavour::mysql;
        mode.server_version = 80036;
    }
    return mode;
}

}  // namespace

// Any bytes, the first of which is the mode: no crash, no stack overflow, and a tree that keeps what ast.h
// promises.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string sql(reinterpret_cast<const char*>(data) + 1, size - 1);
    const lex_mode mode = mode_of(data[0]);
    std::vector<token> tokens;
    if (!lex(sql, mode, tokens)) return 0;
    parse::parser parser;
    parse::tree tree;
    const parse::parse_result result = parser.parse(sql, mode, tokens, tree);
    if (!result) {
        if (result.token > tokens.size()) std::abort();
        return 0;
    }
    const std::string broken = test::broken_promise(tree, static_cast<parse::token_index>(tokens.size()));
    if (broken.empty()) return 0;
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
}
