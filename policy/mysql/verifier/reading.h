#pragma once

#include "policy/mysql/guard.h"
#include "policy/mysql/lexer.h"
#include "policy/mysql/parse/ast.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql::verifier {

using parse::no_node;
using parse::no_token;
using parse::node;
using parse::node_id;
using parse::node_kind;
using parse::token_index;

/// Names that the server takes for the same one, at the most: without case, and a character beyond ASCII may
/// be any other (the Kelvin sign is a k).
bool might_be(std::string_view name, std::string_view wanted);
/// Without case, ASCII only.
bool same_ascii(std::string_view name, std::string_view wanted);

/// A text that was read again, and what was found wrong with it. The first problem stands.
class reading {
public:
    reading(const GuardScope& guard_scope, const Speaker& session, std::string_view text);

    const GuardScope& scope;
    const Speaker& speaker;
    const std::string_view sql;

    const std::vector<token>& tokens() const { return tokens_; }
    const parse::tree& tree() const { return tree_; }
    const std::string& problem() const { return problem_; }
    bool failed() const { return !problem_.empty(); }
    void fail(std::string what);

    const node& at(node_id id) const { return tree_.nodes[id]; }
    std::string_view text(token_index token) const { return tokens_[token].text_in(sql); }
    /// An identifier without its quotes.
    std::string name(token_index token) const;
    node_id child(node_id parent, node_kind kind) const;
    const parse::table_reference& table(node_id table_node) const {
        return tree_.tables[at(table_node).detail];
    }

    /// The query_block or statement in whose FROM a table stands, or whose condition an expression is of.
    node_id block_of(node_id id) const;
    /// The table nodes that stand directly in this block, not in a query inside it.
    std::vector<node_id> tables_of(node_id block) const;

    struct with_clauses {
        std::size_t count = 0;
        bool recursive = false;  // one of them
    };
    /// Those of the whole text.
    with_clauses count_with_clauses() const;

    /// A single literal with the tenant's id: a string for text columns, a number for others; with `either`
    /// both, as for a value that is stored.
    bool is_own_id(node_id value, bool column_is_text, bool either) const;

private:
    void read();

    std::vector<token> tokens_;
    parse::tree tree_;
    std::string problem_;
};

}  // namespace fairlead::policy::mysql::verifier
