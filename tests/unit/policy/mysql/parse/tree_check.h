#pragma once

#include "policy/mysql/parse/ast.h"

#include <string>
#include <vector>

namespace fairlead::test {

using namespace policy::mysql;

/// What of the promises of ast.h a tree breaks; empty if none. Also finds a tree that a walk does not come to
/// the end of, or that leaves nodes out.
inline std::string broken_promise(const parse::tree& tree, parse::token_index tokens) {
    std::vector<bool> seen(tree.nodes.size());
    std::size_t count = 0;
    for (parse::node_id id = 0; id != parse::no_node; id = tree.next(id, 0)) {
        const parse::node& node = tree[id];
        if (seen[id]) return "a node is met twice";
        seen[id] = true;
        ++count;
        if (node.first > node.end || node.end > tokens) return "a range is out of the text";
        parse::token_index at = node.first;
        for (parse::node_id child = node.first_child; child != parse::no_node;) {
            const parse::node& one = tree[child];
            if (one.parent != id) return "a child does not know its parent";
            if (one.first < at || one.end > node.end) return "children overlap or stand outside their parent";
            at = one.end;
            if (one.next_sibling == parse::no_node && node.last_child != child)
                return "the last child is another";
            child = one.next_sibling;
        }
        if (node.name != parse::no_token && (node.name < node.first || node.name >= node.end)) {
            return "a name stands outside of its node";
        }
    }
    if (count != tree.nodes.size()) return "nodes are not in the tree";
    for (const parse::table_reference& table : tree.tables) {
        const parse::node_kind kind = tree[table.at].kind;
        if (kind != parse::node_kind::table && kind != parse::node_kind::derived_table &&
            kind != parse::node_kind::json_table) {
            return "a table reference is no table";
        }
        if (table.block == parse::no_node) return "a table reference stands nowhere";
    }
    return {};
}

}  // namespace fairlead::test
