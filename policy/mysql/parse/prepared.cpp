#include "policy/mysql/parse/reader.h"

/// Statements about statements: PREPARE, EXECUTE, DEALLOCATE, EXPLAIN.
namespace fairlead::policy::mysql::parse {

node_id reader::prepare_statement() {
    const node_id id = open_statement(statement_kind::prepare);
    ++pos_;
    about(id).name = identifier("a name");
    expect(symbol::k_from, "FROM");
    if (at(symbol::string)) {
        add(id, leaf(node_kind::literal));
    } else if (at(symbol::user_variable)) {
        add(id, leaf(node_kind::user_variable));
    } else {
        fail(parse_error::not_supported, "a string or a variable");
    }
    return close(id);
}

node_id reader::execute_statement() {
    const bool immediate =
        peek() == symbol::k_immediate && peek(2) != symbol::end && peek(2) != symbol::semicolon;
    const node_id id =
        open_statement(immediate ? statement_kind::execute_immediate : statement_kind::execute);
    const scope within(*this, id);
    ++pos_;
    if (immediate) {
        if (!maria_) syntax("a name");
        ++pos_;
        add(id, expression());
    } else {
        about(id).name = identifier("a name");
    }
    if (!accept(symbol::k_using)) return close(id);
    if (maria_) {
        expression_list(id);
    } else {
        do {
            if (!at(symbol::user_variable)) syntax("a variable");
            add(id, leaf(node_kind::user_variable));
        } while (accept(symbol::comma));
    }
    return close(id);
}

// DEALLOCATE PREPARE name, DROP PREPARE name
node_id reader::deallocate_statement() {
    if (peek() != symbol::k_prepare) return other_statement();
    const node_id id = open_statement(statement_kind::deallocate);
    pos_ += 2;
    about(id).name = identifier("a name");
    return close(id);
}

bool reader::at_explainable() const {
    return at_any({symbol::k_select, symbol::k_with, symbol::k_insert, symbol::k_replace, symbol::k_update,
                   symbol::k_delete, symbol::lparen, symbol::k_values}) ||
           (!maria_ && at(symbol::k_table));
}

// EXPLAIN | DESCRIBE | DESC [options] statement, or the same of a table; MariaDB's ANALYZE statement.
node_id reader::explain_statement(bool analyze) {
    const level here(*this);
    const node_id id = open_statement(statement_kind::explain);
    ++pos_;
    if (analyze) about(id).flags |= executes;
    if (!maria_ && accept(symbol::k_analyze)) about(id).flags |= executes;
    if (at_any({symbol::k_extended, symbol::k_partitions})) {
        ++pos_;
        if (!at_explainable()) fail(parse_error::ambiguous, "a statement");
    } else if (at(symbol::k_format) && peek() == symbol::eq) {
        pos_ += 2;
        if (!accept(symbol::string)) identifier("a format");
    }
    if (at_explainable()) {
        add(id, statement_of_text());
    } else if (analyze || (about(id).flags & executes) != 0) {
        syntax("a statement");
    } else {
        describe_rest(id);
    }
    return close(id);
}

// DESCRIBE t [column | 'pattern']
void reader::describe_rest(node_id at) {
    if (this->at(symbol::k_for)) fail(parse_error::not_supported, "FOR CONNECTION");
    const scope within(*this, at);
    about(at).kind = statement_kind::describe;
    add(at, target_table(table_role::other));
    if (this->at(symbol::string)) {
        add(at, leaf(node_kind::literal));
    } else if (is_identifier()) {
        add(at, name_node("a column's name"));
    }
}

}  // namespace fairlead::policy::mysql::parse
