#include "policy/mysql/parse/reader.h"

/// SHOW: what is shown, of which table or database, and with which condition.
namespace fairlead::policy::mysql::parse {

node_id reader::show_statement() {
    const node_id id = open_statement(statement_kind::show);
    const scope within(*this, id);
    ++pos_;
    about(id).words.first = pos_;
    if (accept_any({symbol::k_full, symbol::k_global})) {
        about(id).flags |= full;
    } else {
        accept_any({symbol::k_session, symbol::k_local});
    }
    if (!show_tables(id) && !show_columns(id) && !show_create(id) && !show_filtered(id)) show_rest(id);
    return close(id);
}

void reader::end_words(node_id at) {
    about(at).words.end = pos_;
}

// TABLES, OPEN TABLES, TABLE STATUS, TRIGGERS, EVENTS [FROM database] [LIKE ... | WHERE ...]
bool reader::show_tables(node_id at) {
    const bool found = accept_any({symbol::k_tables, symbol::k_triggers, symbol::k_events}) ||
                       accept_words(symbol::k_open, symbol::k_tables) ||
                       accept_words(symbol::k_table, symbol::k_status);
    if (!found) return false;
    end_words(at);
    show_database(at);
    show_condition(at);
    return true;
}

// COLUMNS, FIELDS, INDEX, INDEXES, KEYS FROM table [FROM database] [LIKE ... | WHERE ...]
bool reader::show_columns(node_id at) {
    const bool columns = accept_any({symbol::k_columns, symbol::k_fields});
    if (!columns && !accept_any({symbol::k_index, symbol::k_indexes, symbol::k_keys})) return false;
    end_words(at);
    if (!accept_any({symbol::k_from, symbol::k_in})) syntax("FROM");
    const node_id table = target_table(table_role::other);
    add(at, table);
    if (at_any({symbol::k_from, symbol::k_in})) {
        show_database(at);
        if (failed()) return true;
        table_reference& reference = tree_.tables[at_node(table).detail];
        if (reference.qualifier != no_token) fail(parse_error::ambiguous, "one database");
        reference.qualifier = about(at).name;
    }
    if (columns || this->at(symbol::k_where)) show_condition(at);
    return true;
}

// CREATE TABLE t, CREATE DATABASE d; other objects by their words only.
bool reader::show_create(node_id at) {
    if (!accept(symbol::k_create)) return false;
    if (accept_any({symbol::k_table, symbol::k_view})) {
        end_words(at);
        add(at, target_table(table_role::other));
    } else if (accept_any({symbol::k_database, symbol::k_schema})) {
        end_words(at);
        if (accept_words(symbol::k_if, symbol::k_not)) expect(symbol::k_exists, "EXISTS");
        about(at).name = identifier("a database's name");
    } else {
        show_rest(at);
    }
    return true;
}

bool reader::show_filtered(node_id at) {
    const bool found = accept_any({symbol::k_databases, symbol::k_schemas, symbol::k_variables,
                                   symbol::k_status, symbol::k_charset, symbol::k_collation}) ||
                       accept_words(symbol::k_character, symbol::k_set) ||
                       accept_words(symbol::k_function, symbol::k_status) ||
                       accept_words(symbol::k_procedure, symbol::k_status) || accept_package_status();
    if (found) {
        end_words(at);
        show_condition(at);
        return true;
    }
    if (accept_any({symbol::k_warnings, symbol::k_errors})) {
        end_words(at);
        if (this->at(symbol::k_limit)) add(at, limit(no_node));
        return true;
    }
    return false;
}

// PACKAGE STATUS, PACKAGE BODY STATUS: as programs that dump routines ask.
bool reader::accept_package_status() {
    if (!at(symbol::k_package)) return false;
    const bool body = peek() == symbol::identifier && says(pos_ + 1, "BODY");
    if (peek(body ? 2 : 1) != symbol::k_status) return false;
    pos_ += body ? 3 : 2;
    return true;
}

void reader::show_database(node_id at) {
    if (accept_any({symbol::k_from, symbol::k_in})) about(at).name = identifier("a database's name");
}

void reader::show_condition(node_id at) {
    if (accept(symbol::k_like)) {
        if (!this->at(symbol::string)) syntax("a string");
        add(at, leaf(node_kind::literal));
    } else if (this->at(symbol::k_where)) {
        const node_id id = open(node_kind::where_clause);
        ++pos_;
        add(id, expression());
        add(at, close(id));
    }
}

// Other kinds: their words and operands are passed over as long as nothing in them could hold an expression.
void reader::show_rest(node_id at) {
    while (cur() >= symbol::identifier && cur() != symbol::quoted) ++pos_;
    end_words(at);
    if (pos_ == about(at).words.first) syntax("what to show");
    const bool count = this->at(symbol::lparen) && peek() == symbol::star && peek(2) == symbol::rparen;
    if (count) {  // COUNT(*) WARNINGS
        pos_ += 3;
        if (!accept_any({symbol::k_warnings, symbol::k_errors})) syntax("WARNINGS or ERRORS");
        end_words(at);
        return;
    }
    while (cur() >= symbol::identifier ||
           at_any({symbol::string, symbol::integer, symbol::dot, symbol::comma, symbol::user_variable})) {
        if (at_any({symbol::k_where, symbol::k_select})) break;
        ++pos_;
    }
    if (this->at(symbol::lparen) && peek() == symbol::rparen) pos_ += 2;  // GRANTS FOR CURRENT_USER()
    if (!at_any({symbol::semicolon, symbol::end})) fail(parse_error::not_supported, "this kind of SHOW");
}

}  // namespace fairlead::policy::mysql::parse
