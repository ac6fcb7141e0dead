#include "policy/mysql/parse/ast.h"

namespace fairlead::policy::mysql::parse {

void tree::clear() {
    nodes.clear();
    statements.clear();
    blocks.clear();
    tables.clear();
    placeholders = 0;
}

node_id tree::next(node_id id, node_id top) const {
    return nodes[id].first_child != no_node ? nodes[id].first_child : next_outside(id, top);
}

node_id tree::next_outside(node_id id, node_id top) const {
    while (id != top && id != no_node) {
        if (nodes[id].next_sibling != no_node) return nodes[id].next_sibling;
        id = nodes[id].parent;
    }
    return no_node;
}

node_id tree::scope_of(node_id id) const {
    while (id != no_node) {
        const node_kind kind = nodes[id].kind;
        if (kind == node_kind::query_block || kind == node_kind::query || kind == node_kind::statement)
            return id;
        id = nodes[id].parent;
    }
    return no_node;
}

}  // namespace fairlead::policy::mysql::parse
