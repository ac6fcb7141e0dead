#include "policy/mysql/lexer.h"

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

// Prints the tokens of MySQL texts, for the tests that compare them with a server's. Each text comes as a
// line "mariadb|mysql VERSION CHARSET FLAGS LENGTH" and that many bytes; FLAGS: a ANSI_QUOTES, n
// NO_BACKSLASH_ESCAPES, i IGNORE_SPACE, - none. The answer is one line: "error NAME POSITION", or
// "BEGIN:END:KIND:FLAGS" for each token, FLAGS being s (space before), k (comment
// before), c (in an executable comment).
namespace {

using namespace fairlead::policy::mysql;

client_charset charset_of(const std::string& name) {
    if (name == "utf8mb3") return client_charset::utf8mb3;
    if (name == "latin1") return client_charset::latin1;
    if (name == "ascii") return client_charset::ascii;
    if (name == "binary") return client_charset::binary;
    return client_charset::utf8mb4;
}

bool has(const std::string& flags, char flag) {
    return flags.find(flag) != std::string::npos;
}

void print(const lex_result& result, const std::vector<token>& tokens) {
    if (!result) {
        std::cout << "error " << static_cast<int>(result.error) << ' ' << result.position;
    } else {
        for (const token& t : tokens) {
            std::cout << t.begin << ':' << t.end << ':' << static_cast<int>(t.kind) << ':'
                      << (t.space_before ? "s" : "") << (t.comment_before ? "k" : "")
                      << (t.in_comment ? "c" : "") << ' ';
        }
    }
    std::cout << '\n';
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    std::vector<token> tokens;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream head(line);
        std::string server, charset, flags;
        std::size_t length = 0;
        lex_mode mode;
        head >> server >> mode.server_version >> charset >> flags >> length;
        mode.server = server == "mysql" ? flavour::mysql : flavour::mariadb;
        mode.charset = charset_of(charset);
        mode.ansi_quotes = has(flags, 'a');
        mode.no_backslash_escapes = has(flags, 'n');
        mode.ignore_space = has(flags, 'i');
        std::string sql(length, '\0');
        std::cin.read(sql.data(), static_cast<std::streamsize>(length));
        print(lex(sql, mode, tokens), tokens);
    }
    std::cout.flush();
}
