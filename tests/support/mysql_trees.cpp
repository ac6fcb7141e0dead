#include "policy/mysql/lexer.h"
#include "policy/mysql/parse/parser.h"

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

// Prints what our parser reads in MySQL texts, for the tests that compare it with a server. Each text comes
// as a line "mariadb|mysql VERSION LENGTH" and that many bytes. The answer is one line: "lex", "error CODE
// BYTE EXPECTED", or "KIND[,KIND...] TABLE TABLE ...", tables as role:qualifier.name, in hex as names may
// hold anything; names of common table expressions follow as cte:name.
namespace {

using namespace fairlead::policy::mysql;

std::string hex(const std::string& text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (unsigned char c : text) {
        out.push_back(digits[c >> 4]);
        out.push_back(digits[c & 15]);
    }
    return out;
}

void print(const std::string& sql, const std::vector<token>& tokens, const parse::tree& tree) {
    const char* separator = "";
    for (const parse::statement& one : tree.statements) {
        std::cout << separator << parse::to_string(one.kind);
        separator = ",";
    }
    const auto name = [&](parse::token_index at) { return hex(parse::identifier(sql, tokens[at])); };
    for (const parse::table_reference& table : tree.tables) {
        if (table.name == parse::no_token) continue;
        std::cout << " table:" << (table.qualifier == parse::no_token ? "" : name(table.qualifier)) << '.'
                  << name(table.name);
    }
    for (const parse::node& node : tree.nodes) {
        if (node.kind == parse::node_kind::common_table) std::cout << " cte:" << name(node.name);
    }
}

void read(const std::string& sql, const lex_mode& mode, parse::parser& parser) {
    std::vector<token> tokens;
    parse::tree tree;
    if (!lex(sql, mode, tokens)) {
        std::cout << "lex\n";
        return;
    }
    const parse::parse_result result = parser.parse(sql, mode, tokens, tree);
    if (result) {
        print(sql, tokens, tree);
    } else {
        std::cout << "error " << static_cast<int>(result.error) << ' '
                  << (result.token < tokens.size() ? tokens[result.token].begin : sql.size()) << ' '
                  << result.expected;
    }
    std::cout << '\n';
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    parse::parser parser;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream head(line);
        std::string server;
        std::size_t length = 0;
        lex_mode mode;
        head >> server >> mode.server_version >> length;
        mode.server = server == "mysql" ? flavour::mysql : flavour::mariadb;
        std::string sql(length, '\0');
        std::cin.read(sql.data(), static_cast<std::streamsize>(length));
        read(sql, mode, parser);
    }
    std::cout.flush();
}
