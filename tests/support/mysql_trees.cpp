#include "policy/mysql/lexer.h"
#include "policy/mysql/parse/parser.h"

#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

// Prints what our parser reads in MySQL texts, for the tests that compare it with a server. Each text comes
// as a line "mariadb|mysql VERSION FLAGS LENGTH" and that many bytes; FLAGS: p PIPES_AS_CONCAT, h
// HIGH_NOT_PRECEDENCE,
// - none. The answer is one line: "lex", "error CODE BYTE EXPECTED", or "KIND[,KIND...] NAME...", where a
// NAME is table:DATABASE.NAME or cte:NAME in hex, as names may hold anything. Called with "parentheses" it
// prints the text again, with parentheses around every operation as we read it.
namespace {

using namespace fairlead::policy::mysql;

struct text {
    std::string sql;
    lex_mode mode;
    std::vector<token> tokens;
    parse::tree tree;
};

std::string hex(const std::string& text) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (char c : text) {
        out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
        out.push_back(digits[static_cast<unsigned char>(c) & 15]);
    }
    return out;
}

void print_summary(const text& read) {
    const parse::tree& tree = read.tree;
    const char* separator = "";
    for (const parse::statement& one : tree.statements) {
        std::cout << separator << parse::to_string(one.kind);
        separator = ",";
    }
    const auto name = [&](parse::token_index at) {
        return at == parse::no_token ? "" : hex(parse::identifier(read.sql, read.tokens[at]));
    };
    for (const parse::table_reference& table : tree.tables) {
        if (table.name == parse::no_token) continue;
        std::cout << " table:" << name(table.qualifier) << '.' << name(table.name);
    }
    for (const parse::node& node : tree.nodes) {
        if (node.kind == parse::node_kind::common_table) std::cout << " cte:" << name(node.name);
    }
    std::cout << '\n';
}

bool is_operation(parse::node_kind kind) {
    using enum parse::node_kind;
    switch (kind) {
        case unary:
        case binary:
        case logical:
        case comparison:
        case between:
        case in_list:
        case in_query:
        case like:
        case regexp:
        case is_test:
        case user_assignment:
        case join:
            return true;
        default:
            return false;
    }
}

void print_parenthesised(const text& read) {
    std::vector<int> opened(read.tokens.size() + 1);
    std::vector<int> closed(read.tokens.size() + 1);
    for (parse::node_id id = 0; id != parse::no_node; id = read.tree.next(id, 0)) {
        const parse::node& node = read.tree[id];
        if (!is_operation(node.kind)) continue;
        ++opened[node.first];
        ++closed[node.end];
    }
    for (std::size_t i = 0; i < read.tokens.size(); ++i) {
        const token& one = read.tokens[i];
        std::cout << std::string(static_cast<std::size_t>(closed[i]), ')') << (one.space_before ? " " : "")
                  << std::string(static_cast<std::size_t>(opened[i]), '(') << one.text_in(read.sql);
    }
    std::cout << std::string(static_cast<std::size_t>(closed[read.tokens.size()]), ')') << '\n';
}

void print(text& read, parse::parser& parser, bool parentheses) {
    if (!lex(read.sql, read.mode, read.tokens)) {
        std::cout << "lex\n";
        return;
    }
    const parse::parse_result result = parser.parse(read.sql, read.mode, read.tokens, read.tree);
    if (!result) {
        const bool inside = result.token < read.tokens.size();
        std::cout << "error " << static_cast<int>(result.error) << ' '
                  << (inside ? read.tokens[result.token].begin : read.sql.size()) << ' ' << result.expected
                  << '\n';
    } else if (parentheses) {
        print_parenthesised(read);
    } else {
        print_summary(read);
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    const bool parentheses = argc > 1 && std::string_view(argv[1]) == "parentheses";
    parse::parser parser;
    text read;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream head(line);
        std::string server, flags;
        std::size_t length = 0;
        read.mode = {};
        head >> server >> read.mode.server_version >> flags >> length;
        read.mode.server = server == "mysql" ? flavour::mysql : flavour::mariadb;
        read.mode.pipes_as_concat = flags.find('p') != std::string::npos;
        read.mode.high_not_precedence = flags.find('h') != std::string::npos;
        read.sql.assign(length, '\0');
        std::cin.read(read.sql.data(), static_cast<std::streamsize>(length));
        print(read, parser, parentheses);
    }
    std::cout.flush();
}
