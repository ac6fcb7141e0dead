#include "policy/mysql/parse/reader.h"

/// FROM, comma lists and joins.
namespace fairlead::policy::mysql::parse {

namespace {

// Joins within one chain: servers take 61 tables, and each is looked for through all joins above it.
constexpr std::uint32_t longest_join_chain = 128;

}  // namespace

node_id reader::from_clause(std::uint32_t block) {
    const node_id id = open(node_kind::from_clause);
    const auto first_table = static_cast<std::uint32_t>(tree_.tables.size());
    ++pos_;
    if (!accept(symbol::k_dual)) table_list(id);
    close(id);
    query_block_of(block).from = {at_node(id).first, pos_};
    settle_joins(first_table);
    return id;
}

void reader::table_list(node_id into) {
    do {
        add(into, table_item());
    } while (accept(symbol::comma));
}

node_id reader::table_item() {
    return at(symbol::lbrace) ? odbc_join() : join_chain(table_factor());
}

// { OJ a LEFT JOIN b ON ... }. The server takes any word for OJ; we do not.
node_id reader::odbc_join() {
    const level here(*this);
    const node_id id = open(node_kind::parenthesised_tables);
    ++pos_;
    if (!says(pos_, "OJ")) {
        syntax("OJ");
    } else {
        ++pos_;
    }
    add(id, join_chain(table_factor()));
    expect(symbol::rbrace, "}");
    return close(id);
}

bool reader::join_operator(join_kind& kind) {
    const auto outer = [this, &kind](join_kind found) {
        kind = found;
        ++pos_;
        accept(symbol::k_outer);
        expect(symbol::k_join, "JOIN");
        return true;
    };
    switch (cur()) {
        case symbol::k_join:
            return (kind = join_kind::inner, ++pos_, true);
        case symbol::k_inner:
        case symbol::k_cross:
            kind = join_kind::inner;
            ++pos_;
            expect(symbol::k_join, "JOIN");
            return true;
        case symbol::k_straight_join:
            return (kind = join_kind::straight, ++pos_, true);
        case symbol::k_left:
            return outer(join_kind::left);
        case symbol::k_right:
            return outer(join_kind::right);
        case symbol::k_natural:
            ++pos_;
            if (at(symbol::k_left)) return outer(join_kind::natural_left);
            if (at(symbol::k_right)) return outer(join_kind::natural_right);
            kind = join_kind::natural_inner;
            accept(symbol::k_inner);
            expect(symbol::k_join, "JOIN");
            return true;
        default:
            return false;
    }
}

node_id reader::join_of(join_kind kind, token_index at, node_id left, node_id right) {
    const node_id id = wrap(node_kind::join, left);
    at_node(id).detail = static_cast<std::uint32_t>(kind);
    at_node(id).name = at;
    add(id, right);
    if (!failed()) at_node(id).end = at_node(right).end;
    return id;
}

// An ON belongs to the last join that has none: a JOIN b JOIN c ON x ON y is a JOIN (b JOIN c ON x) ON y. An
// inner join that never gets one is put at the far left, as the server does, so that later conditions see it.
node_id reader::join_chain(node_id left) {
    const level here(*this);
    join_kind kind = join_kind::inner;
    std::uint32_t length = 0;
    for (token_index at = pos_; join_operator(kind); at = pos_) {
        if (++length > longest_join_chain) fail(parse_error::too_deep);
        node_id right = table_factor();
        if (is_natural(kind)) {
            left = join_of(kind, at, left, right);
            continue;
        }
        if (!at_any({symbol::k_on, symbol::k_using})) {
            right = join_chain(right);
            if (this->at(symbol::k_using)) syntax("ON or parentheses");
        }
        if (at_any({symbol::k_on, symbol::k_using})) {
            left = join_of(kind, at, left, right);
            join_condition(left);
        } else if (is_outer(kind)) {
            syntax("ON or USING");
        } else {
            left = join_leftmost(kind, at, left, right);
        }
    }
    return left;
}

node_id reader::join_leftmost(join_kind kind, token_index at, node_id left, node_id right) {
    node_id leaf = right;
    while (!failed() && at_node(leaf).kind == node_kind::join) {
        const auto inner = static_cast<join_kind>(at_node(leaf).detail);
        if (is_natural(inner) || inner == join_kind::right) {
            fail(parse_error::ambiguous, "a condition for every join, or parentheses");
        }
        leaf = at_node(leaf).first_child;
    }
    if (failed() || leaf == right) return join_of(kind, at, left, right);
    const node_id above = at_node(leaf).parent;
    const node_id next = at_node(leaf).next_sibling;
    at_node(leaf).next_sibling = no_node;
    const node_id id = join_of(kind, at, left, leaf);
    if (failed()) return id;
    at_node(above).first_child = id;
    at_node(id).parent = above;
    at_node(id).next_sibling = next;
    for (node_id up = above;; up = at_node(up).parent) {
        at_node(up).first = at_node(left).first;
        if (up == right) return right;
    }
}

void reader::join_condition(node_id join) {
    const bool using_columns = at(symbol::k_using);
    const node_id id = open(using_columns ? node_kind::join_using : node_kind::join_on);
    ++pos_;
    add(id, using_columns ? column_list_until_paren() : expression());
    add(join, close(id));
    close(join);
}

// Tells the tables of a FROM, once it was read as a whole, in which joins they stand.
void reader::settle_joins(std::uint32_t first_table) {
    if (failed()) return;
    for (std::uint32_t i = first_table; i < tree_.tables.size(); ++i) {
        if (tree_.tables[i].block == scope_) settle_join(tree_.tables[i]);
    }
}

void reader::settle_join(table_reference& reference) const {
    node_id child = reference.at;
    for (node_id up = tree_[child].parent; up != no_node; child = up, up = tree_[up].parent) {
        const node& above = tree_[up];
        if (above.kind == node_kind::parenthesised_tables) continue;
        if (above.kind != node_kind::join) return;
        if (reference.join == no_node) reference.join = up;
        const auto kind = static_cast<join_kind>(above.detail);
        if (!is_outer(kind)) continue;
        const bool is_left = above.first_child == child;
        const bool left_join = kind == join_kind::left || kind == join_kind::natural_left;
        reference.below_outer = true;
        reference.nullable |= is_left != left_join;
    }
}

}  // namespace fairlead::policy::mysql::parse
