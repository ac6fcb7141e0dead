#include "policy/mysql/parse/reader.h"

/// UPDATE and DELETE.
namespace fairlead::policy::mysql::parse {

// MySQL's WITH in front of UPDATE and DELETE, and of SELECT anywhere.
node_id reader::with_statement() {
    if (maria_) return select_statement();
    const node_id id = open_statement(statement_kind::select);
    const scope within(*this, id);
    const node_id with = with_clause();
    if (at(symbol::k_update)) {
        about(id).kind = statement_kind::update;
        add(id, with);
        return update_rest(id);
    }
    if (at(symbol::k_delete)) {
        about(id).kind = statement_kind::delete_;
        add(id, with);
        return delete_rest(id);
    }
    about(id).verb = pos_;
    into_allowed_ = true;
    const node_id body = query_from(query_operand());
    into_allowed_ = false;
    put_first(body, with);
    add(id, body);
    return close(id);
}

node_id reader::update_statement() {
    const node_id id = open_statement(statement_kind::update);
    const scope within(*this, id);
    return update_rest(id);
}

node_id reader::update_rest(node_id id) {
    about(id).verb = pos_++;
    const std::uint32_t block = new_block(id, block_kind::update);
    if (accept(symbol::k_low_priority)) about(id).flags |= low_priority;
    if (accept(symbol::k_ignore)) about(id).flags |= ignore_errors;
    const node_id from = open(node_kind::from_clause);
    const auto first_table = static_cast<std::uint32_t>(tree_.tables.size());
    table_list(from);
    add(id, close(from));
    query_block_of(block).from = {at_node(from).first, pos_};
    settle_joins(first_table);
    const bool one = is_one_table(from);
    if (one) {
        tree_.tables[first_table].role = table_role::update_target;
    } else {
        about(id).flags |= several_tables;
    }
    expect(symbol::k_set, "SET");
    add(id, assignment_list());
    where_clause(id, block);
    modify_tail(id, block, one || maria_);
    return close(id);
}

// One table by its name, not in parentheses.
bool reader::is_one_table(node_id from) const {
    if (failed()) return false;
    const node_id only = tree_[from].first_child;
    return only == tree_[from].last_child && tree_[only].kind == node_kind::table;
}

// ORDER BY and LIMIT n, where they are allowed.
void reader::modify_tail(node_id at, std::uint32_t block, bool allowed) {
    if (!allowed) return;
    if (this->at(symbol::k_order)) add(at, order_by(block));
    if (!this->at(symbol::k_limit)) return;
    const node_id id = open(node_kind::limit);
    ++pos_;
    limit_value(id);
    add(at, close(id));
    query_block_of(block).limit = {at_node(id).first, pos_};
}

node_id reader::delete_statement() {
    const node_id id = open_statement(statement_kind::delete_);
    const scope within(*this, id);
    return delete_rest(id);
}

node_id reader::delete_rest(node_id id) {
    about(id).verb = pos_++;
    const std::uint32_t block = new_block(id, block_kind::delete_rows);
    while (at_any({symbol::k_low_priority, symbol::k_quick, symbol::k_ignore})) {
        about(id).flags |= at(symbol::k_quick) ? quick : at(symbol::k_ignore) ? ignore_errors : low_priority;
        ++pos_;
    }
    if (at(symbol::k_history) && peek() == symbol::k_from) fail(parse_error::not_supported, "DELETE HISTORY");
    if (!at(symbol::k_from) || targets_follow_from()) {
        delete_several(id, block);
    } else {
        delete_one(id, block);
    }
    return close(id);
}

// DELETE FROM a, b.* USING ...: whether what follows FROM are names of references rather than one table.
bool reader::targets_follow_from() const {
    std::uint32_t ahead = 2;
    if (peek(ahead) == symbol::dot && peek(ahead + 1) != symbol::star) ahead += 2;
    const symbol s = peek(ahead);
    return s == symbol::dot || s == symbol::comma || s == symbol::k_using;
}

void reader::delete_one(node_id at, std::uint32_t block) {
    const node_id from = open(node_kind::from_clause);
    ++pos_;
    const node_id table = open(node_kind::table);
    table_reference reference{.role = table_role::delete_target};
    table_name(reference);
    at_node(table).name = reference.name;
    partitions(reference);
    if (!maria_) alias(reference, false);
    if (reference.with_as || reference.alias != no_token) partitions(reference);
    add(from, keep_table(close(table), reference));
    add(at, close(from));
    query_block_of(block).from = {at_node(from).first, pos_};
    where_clause(at, block);
    modify_tail(at, block, true);
    if (maria_ && this->at(symbol::k_returning)) returning(at);
}

void reader::delete_several(node_id at, std::uint32_t block) {
    about(at).flags |= several_tables;
    const bool targets_last = accept(symbol::k_from);
    const node_id targets = open(node_kind::delete_targets);
    do {
        add(targets, delete_target());
    } while (accept(symbol::comma));
    add(at, close(targets));
    if (!this->at(targets_last ? symbol::k_using : symbol::k_from)) syntax(targets_last ? "USING" : "FROM");
    const node_id from = open(node_kind::from_clause);
    const auto first_table = static_cast<std::uint32_t>(tree_.tables.size());
    ++pos_;
    table_list(from);
    add(at, close(from));
    query_block_of(block).from = {at_node(from).first, pos_};
    settle_joins(first_table);
    where_clause(at, block);
}

node_id reader::delete_target() {
    const node_id id = open(node_kind::delete_target);
    at_node(id).name = identifier("a table's name");
    if (at(symbol::dot) && peek() != symbol::star) {
        ++pos_;
        at_node(id).name = identifier_after_dot();
        at_node(id).detail = 1;
    }
    if (at(symbol::dot) && peek() == symbol::star) pos_ += 2;
    return close(id);
}

}  // namespace fairlead::policy::mysql::parse
