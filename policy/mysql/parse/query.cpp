#include "policy/mysql/parse/reader.h"

/// Queries: WITH, set operations, and what follows them.
namespace fairlead::policy::mysql::parse {

bool reader::at_query_after(std::uint32_t ahead) const {
    switch (peek(ahead)) {
        case symbol::k_select:
        case symbol::k_with:
            return true;
        case symbol::k_table:
            return !maria_;
        case symbol::k_values:
            // In ON DUPLICATE KEY UPDATE it is the function, or in a query there the one or the other,
            // depending on what the server has read before: refused. MySQL's query says VALUES ROW (...).
            return maria_ ? !duplicate_update_ : peek(ahead + 1) == symbol::k_row;
        default:
            return false;
    }
}

bool reader::at_query() const {
    return at_query_after(0);
}

// What can follow a query in parentheses only if it goes on being a query.
bool reader::at_query_tail() const {
    return at_any({symbol::k_union, symbol::k_except, symbol::k_intersect, symbol::k_order, symbol::k_limit,
                   symbol::k_fetch, symbol::k_offset, symbol::k_into, symbol::k_lock}) ||
           (at(symbol::k_for) && (peek() == symbol::k_update || peek() == symbol::k_share));
}

node_id reader::query() {
    const level here(*this);
    const bool outer_values = values_is_function_;
    values_is_function_ = false;
    node_id id = no_node;
    if (at(symbol::k_with)) {
        const node_id with = with_clause();
        id = query_from(query_operand());
        put_first(id, with);
    } else {
        id = query_from(query_operand());
    }
    values_is_function_ = outer_values;
    return id;
}

// Makes a WITH clause, read before its query, the first child of it.
void reader::put_first(node_id query, node_id with) {
    if (failed()) return;
    at_node(with).next_sibling = at_node(query).first_child;
    at_node(with).parent = query;
    at_node(query).first_child = with;
    at_node(query).first = at_node(with).first;
}

node_id reader::query_operand() {
    if (at(symbol::lparen)) return parenthesised_query();
    return query_block();
}

// The query whose first operand was read already.
node_id reader::query_from(node_id first_operand) {
    const token_index first = at_node(first_operand).first;
    if (!at_any({symbol::k_union, symbol::k_except, symbol::k_intersect})) {
        const bool block = at_node(first_operand).kind == node_kind::query_block;
        if (block) {
            query_tail(first_operand, at_node(first_operand).detail);
            if (!failed()) close(first_operand);
        }
        const node_id id = wrap(node_kind::query, first_operand);
        if (!block) query_tail(id, no_node);
        return close(id);
    }
    const bool block = at_node(first_operand).kind == node_kind::query_block;
    if (block && query_block_of(at_node(first_operand).detail).into.present()) syntax("INTO at the end");
    const node_id set = wrap(node_kind::set_operation, first_operand);
    while (set_operator(set)) {
        const no_into within(*this);
        add(set, query_operand());
    }
    close(set);
    const node_id id = open_at(node_kind::query, first);
    add(id, set);
    query_tail(id, no_node);
    return close(id);
}

bool reader::set_operator(node_id into) {
    if (!at_any({symbol::k_union, symbol::k_except, symbol::k_intersect})) return false;
    const node_id id = leaf(node_kind::set_operator);
    if (accept(symbol::k_all)) {
        at_node(id).flags |= all;
    } else if (accept(symbol::k_distinct)) {
        at_node(id).flags |= distinct;
    }
    add(into, close(id));
    return true;
}

node_id reader::parenthesised_query() {
    if (!at(symbol::lparen)) {
        syntax("( and a query");
        return 0;
    }
    const node_id id = parenthesised();
    if (!failed() && at_node(id).kind != node_kind::parenthesised_query) syntax("a query");
    return id;
}

node_id reader::close_parenthesised_query(token_index first, node_id query) {
    const node_id id = open_at(node_kind::parenthesised_query, first);
    add(id, query);
    expect(symbol::rparen, ")");
    return close(id);
}

node_id reader::with_clause() {
    const node_id id = open(node_kind::with_clause);
    ++pos_;
    if (accept(symbol::k_recursive)) at_node(id).flags |= recursive;
    do {
        add(id, common_table());
    } while (accept(symbol::comma));
    return close(id);
}

node_id reader::common_table() {
    const node_id id = open(node_kind::common_table);
    if (maria_ && at_any({symbol::k_cube, symbol::k_rollup, symbol::k_system})) syntax("a name");
    at_node(id).name = identifier("a name");
    if (at(symbol::lparen)) add(id, column_list_until_paren());
    expect(symbol::k_as, "AS");
    if (at(symbol::k_with)) syntax("(");
    add(id, parenthesised_query());
    if (accept(symbol::k_cycle)) {
        add(id, plain_column_list());
        expect(symbol::k_restrict, "RESTRICT");
    }
    return close(id);
}

// ORDER BY, LIMIT, PROCEDURE, locks and INTO, of a block that stands alone or of a whole query.
void reader::query_tail(node_id into, std::uint32_t block) {
    if (at(symbol::k_order)) add(into, order_by(block));
    if (at_any({symbol::k_limit, symbol::k_fetch, symbol::k_offset})) add(into, limit(block));
    if (at(symbol::k_procedure)) {
        if (block == no_node || !maria_) syntax("the end of the query");
        add(into, procedure(block));
    }
    const bool into_first = at(symbol::k_into);
    if (into_first) add(into, into_clause(block));
    const token_index first = pos_;
    bool locked = false;
    while ((at(symbol::k_for) || at(symbol::k_lock)) && (!locked || !maria_)) {
        add(into, locking());
        locked = true;
    }
    if (locked && block != no_node) tree_.blocks[block].locking = {first, pos_};
    if (at(symbol::k_into) && !into_first) add(into, into_clause(block));
}

node_id reader::order_by(std::uint32_t block) {
    const node_id id = open(node_kind::order_by);
    ++pos_;
    expect(symbol::k_by, "BY");
    order_items(id, true);
    close(id);
    if (block != no_node && !failed()) tree_.blocks[block].order_by = {at_node(id).first, pos_};
    return id;
}

void reader::order_items(node_id into, bool direction) {
    do {
        const node_id item = open(node_kind::order_item);
        add(item, expression());
        if (direction) accept_any({symbol::k_asc, symbol::k_desc});
        add(into, close(item));
    } while (accept(symbol::comma));
}

node_id reader::limit(std::uint32_t block) {
    const node_id id = open(node_kind::limit);
    if (!at(symbol::k_limit)) {
        if (!maria_) syntax("LIMIT");
        fetch_clause(id);
    } else {
        ++pos_;
        const bool values = !(maria_ && at(symbol::k_rows));
        if (values) {
            limit_value(id);
            if (accept_any({symbol::comma, symbol::k_offset})) limit_value(id);
        }
        if (maria_ && accept(symbol::k_rows)) {
            expect(symbol::k_examined, "EXAMINED");
            limit_value(id);
        }
    }
    close(id);
    if (block != no_node && !failed()) tree_.blocks[block].limit = {at_node(id).first, pos_};
    return id;
}

void reader::limit_value(node_id into) {
    if (at(symbol::integer)) return add(into, leaf(node_kind::literal));
    if (at(symbol::placeholder)) return add(into, primary());
    syntax("a number");
}

// [OFFSET n ROWS] FETCH FIRST [n] ROWS ONLY | WITH TIES
void reader::fetch_clause(node_id into) {
    const std::initializer_list<symbol> rows = {symbol::k_row, symbol::k_rows};
    if (accept(symbol::k_offset)) {
        limit_value(into);
        if (!accept_any(rows)) syntax("ROWS");
    }
    expect(symbol::k_fetch, "FETCH");
    if (!accept_any({symbol::k_first, symbol::k_next})) syntax("FIRST or NEXT");
    if (!at_any(rows)) limit_value(into);
    if (!accept_any(rows)) syntax("ROWS");
    if (!accept(symbol::k_only) && !accept_words(symbol::k_with, symbol::k_ties)) syntax("ONLY or WITH TIES");
}

node_id reader::locking() {
    const node_id id = open(node_kind::locking);
    if (accept(symbol::k_lock)) {
        expect(symbol::k_in, "IN");
        if (!accept_words(symbol::k_share, symbol::k_mode)) syntax("SHARE MODE");
        if (!maria_) return close(id);
    } else {
        ++pos_;
        const bool share = !maria_ && accept(symbol::k_share);
        if (!share) expect(symbol::k_update, "UPDATE");
        if (!maria_ && accept(symbol::k_of)) add(id, plain_column_list());
    }
    if (maria_ && accept(symbol::k_wait)) {
        limit_value(id);
    } else if (!accept(symbol::k_nowait)) {
        accept_words(symbol::k_skip, symbol::k_locked);
    }
    return close(id);
}

node_id reader::procedure(std::uint32_t block) {
    const node_id id = open(node_kind::procedure);
    ++pos_;
    at_node(id).name = identifier("a name");
    expect(symbol::lparen, "(");
    if (!at(symbol::rparen)) expression_list(id);
    expect(symbol::rparen, ")");
    close(id);
    if (!failed()) tree_.blocks[block].procedure = {at_node(id).first, pos_};
    return id;
}

node_id reader::into_clause(std::uint32_t block) {
    if (!into_allowed_) syntax("no INTO here");
    const node_id id = open(node_kind::into);
    ++pos_;
    const bool file = at_any({symbol::k_outfile, symbol::k_dumpfile});
    if (file) {
        at_node(id).name = pos_;
        file_options(id);
    } else {
        do {
            if (!at(symbol::user_variable)) fail(parse_error::not_supported, "INTO anything but @variables");
            add(id, leaf(node_kind::user_variable));
        } while (accept(symbol::comma));
    }
    close(id);
    if (block != no_node && !failed()) {
        query_block_of(block).into = {at_node(id).first, pos_};
        query_block_of(block).into_file = file;
    }
    return id;
}

void reader::file_options(node_id into) {
    const bool dump = at(symbol::k_dumpfile);
    ++pos_;
    if (!at(symbol::string)) syntax("a string");
    add(into, leaf(node_kind::literal));
    if (!dump) file_format();
}

// [CHARACTER SET x] [FIELDS ...] [LINES ...] of OUTFILE and LOAD DATA.
void reader::file_format() {
    if (accept_words(symbol::k_character, symbol::k_set) || accept(symbol::k_charset)) {
        if (!accept(symbol::k_binary) && !accept(symbol::string)) identifier("a character set");
    }
    const auto text = [this] {
        expect(symbol::k_by, "BY");
        if (!accept_any({symbol::string, symbol::hex, symbol::bit})) syntax("a string");
    };
    if (accept_any({symbol::k_fields, symbol::k_columns})) {
        bool any = false;
        while (at_any({symbol::k_terminated, symbol::k_optionally, symbol::k_enclosed, symbol::k_escaped})) {
            if (accept(symbol::k_optionally) && !at(symbol::k_enclosed)) syntax("ENCLOSED");
            ++pos_;
            text();
            any = true;
        }
        if (!any) syntax("TERMINATED, ENCLOSED or ESCAPED");
    }
    if (accept(symbol::k_lines)) {
        if (!at_any({symbol::k_terminated, symbol::k_starting})) syntax("STARTING or TERMINATED");
        while (accept_any({symbol::k_terminated, symbol::k_starting})) text();
    }
}

}  // namespace fairlead::policy::mysql::parse
