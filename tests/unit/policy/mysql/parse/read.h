#pragma once

#include "policy/mysql/lexer.h"
#include "policy/mysql/parse/parser.h"
#include "unit/policy/mysql/parse/tree_check.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::test {

inline lex_mode mysql_mode() {
    return {.server = flavour::mysql, .server_version = 80036};
}

/// A text with its tokens and its tree.
struct reading {
    std::string sql;
    std::vector<token> tokens;
    parse::tree tree;
    parse::parse_result result;

    std::string text(parse::token_range range) const {
        if (!range.present()) return "-";
        if (range.first == range.end) return "";
        return sql.substr(tokens[range.first].begin, tokens[range.end - 1].end - tokens[range.first].begin);
    }
    std::string text(parse::node_id id) const { return text({tree[id].first, tree[id].end}); }
    std::string token_text(parse::token_index at) const {
        return at == parse::no_token ? "-" : std::string(tokens.at(at).text_in(sql));
    }
    const parse::statement& statement(std::size_t i = 0) const { return tree.statements.at(i); }
    const parse::query_block& block(std::size_t i = 0) const { return tree.blocks.at(i); }

    parse::node_id first(parse::node_kind kind) const {
        for (parse::node_id id = 0; id != parse::no_node; id = tree.next(id, 0)) {
            if (tree[id].kind == kind) return id;
        }
        ADD_FAILURE() << sql << ": no " << parse::to_string(kind);
        return 0;
    }
    const parse::table_reference& table(std::string_view name) const {
        for (const parse::table_reference& one : tree.tables) {
            if (token_text(one.exposed()) == name) return one;
        }
        ADD_FAILURE() << sql << ": no table " << name;
        return tree.tables.front();
    }
};

inline reading try_read(std::string sql, const lex_mode& mode = {}, const parse::parse_limits& limits = {}) {
    reading out{.sql = std::move(sql), .tokens = {}, .tree = {}, .result = {}};
    EXPECT_TRUE(lex(out.sql, mode, out.tokens)) << out.sql.substr(0, 200);
    parse::parser parser;
    out.result = parser.parse(out.sql, mode, out.tokens, out.tree, limits);
    return out;
}

inline reading read(std::string sql, const lex_mode& mode = {}) {
    reading out = try_read(std::move(sql), mode);
    EXPECT_TRUE(out.result) << out.sql << ": " << parse::to_string(out.result.error) << " at token "
                            << out.result.token << ", expected " << out.result.expected;
    if (out.result) {
        EXPECT_EQ(broken_promise(out.tree, static_cast<parse::token_index>(out.tokens.size())), "")
            << out.sql;
    }
    return out;
}

/// The error's kind and the token it is at: "syntax error at FROM".
inline std::string refusal(std::string sql, const lex_mode& mode = {},
                           const parse::parse_limits& limits = {}) {
    const reading out = try_read(std::move(sql), mode, limits);
    if (out.result) return "accepted";
    const bool inside = out.result.token < out.tokens.size();
    return std::string(parse::to_string(out.result.error)) + " at " +
           (inside ? out.token_text(out.result.token) : "the end");
}

/// An expression's tree as text: operations in brackets, everything else as it is written.
inline std::string shape(const reading& of, parse::node_id id) {
    const parse::node& node = of.tree[id];
    const auto kind = node.kind;
    const bool leaf = node.first_child == parse::no_node || kind == parse::node_kind::subquery ||
                      kind == parse::node_kind::parenthesised_query;
    if (leaf) return of.text(id);
    std::string out = "[" + std::string(parse::to_string(kind));
    if (node.operation != parse::op::none) out += " " + of.token_text(node.name);
    if (node.has(parse::negated)) out += " not";
    for (parse::node_id child = node.first_child; child != parse::no_node;
         child = of.tree[child].next_sibling) {
        out += " " + shape(of, child);
    }
    return out + "]";
}

inline std::string shape(const std::string& expression, const lex_mode& mode = {}) {
    const reading of = read("SELECT " + expression, mode);
    if (!of.result) return "refused";
    return shape(of, of.tree[of.first(parse::node_kind::select_item)].first_child);
}

}  // namespace fairlead::test
