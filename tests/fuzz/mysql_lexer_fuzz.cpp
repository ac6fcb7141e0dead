#include "policy/mysql/fingerprint.h"
#include "policy/mysql/lexer.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace fairlead::policy::mysql;

namespace {

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

void require_ranges(const std::string& sql, const std::vector<token>& tokens) {
    std::uint32_t at = 0;
    for (const token& t : tokens) {
        require(t.begin >= at && t.end > t.begin && t.end <= sql.size(),
                "token out of bounds or out of order");
        at = t.end;
    }
}

/// The tokens of a text, printed without its comments, are the same tokens.
void require_printable(const std::string& sql, const std::vector<token>& tokens, const lex_mode& mode) {
    std::string printed;
    for (const token& t : tokens) {
        if (t.space_before) printed += t.comment_before ? "/**/" : " ";
        printed += t.text_in(sql);
    }
    printed += "/**/";  // two minus signs at the end would be a comment
    std::vector<token> again;
    require(static_cast<bool>(lex(printed, mode, again)), "printed tokens are not accepted");
    require(again.size() == tokens.size(), "printed tokens are cut differently");
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        require(again[i].kind == tokens[i].kind && again[i].text_in(printed) == tokens[i].text_in(sql),
                "a printed token became another");
    }
    std::string key, printed_key;
    std::vector<token> outside = tokens;
    for (token& t : outside) t.in_comment = false;
    append_fingerprint(sql, outside, key);
    append_fingerprint(printed, again, printed_key);
    require(key == printed_key, "equal tokens have different fingerprints");
}

lex_mode mode_of(std::uint8_t first, std::uint8_t second) {
    lex_mode mode;
    mode.server = (first & 1) != 0 ? flavour::mysql : flavour::mariadb;
    mode.server_version = (first & 1) != 0 ? 80036 : 101119;
    mode.ansi_quotes = (first & 2) != 0;
    mode.no_backslash_escapes = (first & 4) != 0;
    mode.ignore_space = (first & 8) != 0;
    mode.charset = static_cast<client_charset>(second % 5);
    return mode;
}

}  // namespace

// Two bytes of mode, then any bytes: no crash, tokens in order and in bounds, and printing them changes
// nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    lex_mode mode = mode_of(data[0], data[1]);
    std::string sql(reinterpret_cast<const char*>(data + 2), size - 2);
    std::vector<token> tokens;
    lex_result result = lex(sql, mode, tokens);
    require_ranges(sql, tokens);
    if (result) require_printable(sql, tokens, mode);
    return 0;
}
