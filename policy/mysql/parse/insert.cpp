#include "policy/mysql/parse/reader.h"

/// INSERT, REPLACE and LOAD DATA.
namespace fairlead::policy::mysql::parse {

node_id reader::insert_statement(statement_kind kind) {
    const node_id id = open_statement(kind);
    const scope within(*this, id);
    ++pos_;
    if (accept(symbol::k_low_priority)) about(id).flags |= low_priority;
    if (accept(symbol::k_delayed)) about(id).flags |= delayed;
    if (kind == statement_kind::insert) {
        if (accept(symbol::k_high_priority)) about(id).flags |= high_priority;
        if (accept(symbol::k_ignore)) about(id).flags |= ignore_errors;
    }
    accept(symbol::k_into);
    if (at(symbol::k_value)) syntax("a table's name");
    add(id, insert_target(table_role::insert_target));
    insert_source(id);
    if (kind == statement_kind::insert && at(symbol::k_on)) duplicate_update(id);
    if (maria_ && at(symbol::k_returning)) returning(id);
    return close(id);
}

node_id reader::insert_target(table_role role) {
    const node_id table = open(node_kind::table);
    table_reference reference{.role = role};
    table_name(reference);
    at_node(table).name = reference.name;
    partitions(reference);
    return keep_table(close(table), reference);
}

void reader::insert_source(node_id at) {
    const bool query_in_parentheses =
        this->at(symbol::lparen) && (at_query_after(1) || peek() == symbol::lparen);
    if (this->at(symbol::lparen) && !query_in_parentheses) {
        about(at).columns.first = pos_;
        add(at, qualified_column_list(false));
        about(at).columns.end = pos_;
    }
    about(at).values = pos_;
    const bool row_query = !maria_ && this->at(symbol::k_values) && peek() == symbol::k_row;
    if (this->at(symbol::k_set)) {
        if (about(at).columns.present()) syntax("VALUES or a query");
        ++pos_;
        add(at, assignment_list());
        row_alias(at);
    } else if (!row_query && at_any({symbol::k_values, symbol::k_value})) {
        ++pos_;
        do {
            add(at, value_row());
        } while (accept(symbol::comma));
        row_alias(at);
    } else if (at_query() || this->at(symbol::lparen)) {
        add(at, query());
        if (row_query) row_alias(at);
    } else {
        syntax("VALUES, SET or a query");
    }
}

node_id reader::value_row() {
    const node_id id = open(node_kind::row);
    expect(symbol::lparen, "(");
    if (!at(symbol::rparen)) {
        do {
            add(id, expression_or_default());
        } while (accept(symbol::comma));
    }
    expect(symbol::rparen, ")");
    return close(id);
}

// (a, t.b, db.t.c); for LOAD DATA also @variables.
node_id reader::qualified_column_list(bool variables) {
    const node_id list = open(node_kind::column_list);
    expect(symbol::lparen, "(");
    while (!at(symbol::rparen) && !failed()) {
        if (variables && at(symbol::user_variable)) {
            add(list, leaf(node_kind::user_variable));
        } else {
            add(list, qualified_column());
        }
        if (!accept(symbol::comma)) break;
        if (at(symbol::rparen)) syntax("a column's name");
    }
    expect(symbol::rparen, ")");
    return close(list);
}

node_id reader::qualified_column() {
    const node_id id = open(node_kind::column_reference);
    at_node(id).name = identifier("a column's name");
    std::uint32_t names = 0;
    for (; names < 2 && accept(symbol::dot); ++names) at_node(id).name = identifier_after_dot();
    at_node(id).detail = names;
    return close(id);
}

// VALUES (...) AS new (a, b)
void reader::row_alias(node_id at) {
    if (maria_ || !this->at(symbol::k_as)) return;
    about(at).row_alias.first = pos_++;
    add(at, name_node("an alias"));
    if (this->at(symbol::lparen)) add(at, column_list_until_paren());
    about(at).row_alias.end = pos_;
}

void reader::duplicate_update(node_id at) {
    const node_id id = open(node_kind::duplicate_update);
    ++pos_;
    if (!accept_words(symbol::k_duplicate, symbol::k_key) || !accept(symbol::k_update)) {
        syntax("DUPLICATE KEY UPDATE");
    }
    about(at).flags |= has_duplicate_update;
    values_is_function_ = duplicate_update_ = true;
    add(id, assignment_list());
    values_is_function_ = duplicate_update_ = false;
    add(at, close(id));
    about(at).duplicate_update = {at_node(id).first, pos_};
}

void reader::returning(node_id at) {
    const node_id id = open(node_kind::returning);
    ++pos_;
    select_list(id);
    about(at).flags |= has_returning;
    add(at, close(id));
    about(at).returning = {at_node(id).first, pos_};
}

node_id reader::assignment_list() {
    const node_id id = open(node_kind::assignment_list);
    do {
        add(id, assignment());
    } while (accept(symbol::comma));
    return close(id);
}

node_id reader::assignment() {
    const node_id id = wrap(node_kind::assignment, qualified_column());
    at_node(id).name = pos_;
    if (!accept_any({symbol::eq, symbol::assign})) syntax("=");
    add(id, expression_or_default());
    return close(id);
}

node_id reader::expression_or_default() {
    if (at(symbol::k_default) && peek() != symbol::lparen) return leaf(node_kind::default_value);
    return expression();
}

node_id reader::load_statement() {
    if (peek() != symbol::k_data) return other_statement();
    const node_id id = open_statement(statement_kind::load_data);
    const scope within(*this, id);
    pos_ += 2;
    accept_any({symbol::k_low_priority, symbol::k_concurrent});
    if (accept(symbol::k_local)) about(id).flags |= local_file;
    expect(symbol::k_infile, "INFILE");
    if (!at(symbol::string)) syntax("a string");
    add(id, leaf(node_kind::literal));
    if (accept(symbol::k_replace)) {
        about(id).flags |= replaces_rows;
    } else if (accept(symbol::k_ignore)) {
        about(id).flags |= ignore_errors;
    }
    expect(symbol::k_into, "INTO");
    expect(symbol::k_table, "TABLE");
    add(id, insert_target(table_role::load_target));
    file_format();
    if (accept(symbol::k_ignore)) {
        expect(symbol::integer, "a number");
        if (!accept_any({symbol::k_lines, symbol::k_rows})) syntax("LINES");
    }
    if (at(symbol::lparen)) {
        about(id).columns.first = pos_;
        add(id, qualified_column_list(true));
        about(id).columns.end = pos_;
    }
    if (accept(symbol::k_set)) add(id, assignment_list());
    return close(id);
}

}  // namespace fairlead::policy::mysql::parse
