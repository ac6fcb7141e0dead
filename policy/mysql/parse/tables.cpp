#include "policy/mysql/parse/reader.h"

/// What a FROM is made of: tables, derived tables, JSON_TABLE.
namespace fairlead::policy::mysql::parse {

node_id reader::table_factor() {
    if (at(symbol::lparen)) {
        const node_id id = parenthesised_tables();
        if (failed() || at_node(id).kind != node_kind::parenthesised_query) return id;
        return derived_table(id, false);
    }
    if (at(symbol::k_json_table) && peek() == symbol::lparen) return json_table();
    if (!maria_ && at(symbol::k_lateral)) {
        const token_index first = pos_++;
        const node_id id = derived_table(parenthesised_query(), true);
        if (!failed()) at_node(id).first = first;
        return id;
    }
    return named_table(table_role::source);
}

// A query in parentheses or tables in parentheses; after two of them it takes a look behind the inner ones to
// know: ((SELECT 1) UNION SELECT 2), ((SELECT 1) AS d JOIN t).
node_id reader::parenthesised_tables() {
    const level here(*this);
    const no_into within(*this);
    const token_index first = pos_++;
    if (at_query()) return close_parenthesised_query(first, query());
    node_id inner = no_node;
    if (at(symbol::lparen)) {
        inner = parenthesised_tables();
        if (failed()) return inner;
        if (at_node(inner).kind == node_kind::parenthesised_query) {
            if (at_query_tail() || at(symbol::rparen))
                return close_parenthesised_query(first, query_from(inner));
            inner = derived_table(inner, false);
        }
        inner = join_chain(inner);
    } else {
        inner = table_item();
    }
    const node_id id = open_at(node_kind::parenthesised_tables, first);
    add(id, inner);
    while (accept(symbol::comma)) add(id, table_item());
    expect(symbol::rparen, ")");
    return close(id);
}

node_id reader::keep_table(node_id at, const table_reference& reference) {
    at_node(at).detail = static_cast<std::uint32_t>(tree_.tables.size());
    tree_.tables.push_back(reference);
    tree_.tables.back().at = at;
    tree_.tables.back().block = scope_;
    return at;
}

node_id reader::derived_table(node_id parenthesised, bool is_lateral) {
    const node_id id = wrap(node_kind::derived_table, parenthesised);
    if (is_lateral) at_node(id).flags |= lateral;
    table_reference reference;
    alias(reference, true);
    if (!maria_ && at(symbol::lparen)) {
        reference.columns.first = pos_;
        add(id, column_list_until_paren());
        reference.columns.end = pos_;
    }
    return keep_table(close(id), reference);
}

void reader::alias(table_reference& reference, bool required) {
    reference.with_as = accept(symbol::k_as);
    const bool refused = maria_ && at(symbol::k_window);
    if (is_identifier() && !refused) {
        reference.alias = pos_++;
    } else if (reference.with_as || required) {
        syntax("an alias");
    }
}

void reader::table_name(table_reference& reference) {
    reference.name = identifier("a table's name");
    if (!accept(symbol::dot)) return;
    reference.qualifier = reference.name;
    reference.name = identifier_after_dot();
    if (at(symbol::dot)) syntax("no third name");
}

node_id reader::named_table(table_role role) {
    const node_id id = open(node_kind::table);
    table_reference reference{.role = role};
    table_name(reference);
    at_node(id).name = reference.name;
    partitions(reference);
    system_time(id, reference);
    alias(reference, false);
    index_hints(reference);
    return keep_table(close(id), reference);
}

// A table's name alone, without alias or hints.
node_id reader::target_table(table_role role) {
    const node_id id = open(node_kind::table);
    table_reference reference{.role = role};
    table_name(reference);
    at_node(id).name = reference.name;
    return keep_table(close(id), reference);
}

void reader::partitions(table_reference& reference) {
    if (!at(symbol::k_partition)) return;
    reference.partitions.first = pos_++;
    expect(symbol::lparen, "(");
    do {
        identifier("a partition's name");
    } while (accept(symbol::comma));
    expect(symbol::rparen, ")");
    reference.partitions.end = pos_;
}

void reader::system_time(node_id at, table_reference& reference) {
    if (!maria_ || !this->at(symbol::k_for) || peek() != symbol::k_system_time) return;
    reference.system_time.first = pos_;
    pos_ += 2;
    const auto point = [this, at] {
        if (this->at(symbol::k_transaction)) ++pos_;
        add(at, bit_expression());
    };
    if (accept(symbol::k_as)) {
        expect(symbol::k_of, "OF");
        point();
    } else if (accept(symbol::k_between)) {
        point();
        expect(symbol::k_and, "AND");
        point();
    } else if (accept(symbol::k_from)) {
        point();
        expect(symbol::k_to, "TO");
        point();
    } else {
        expect(symbol::k_all, "AS OF, BETWEEN, FROM or ALL");
    }
    reference.system_time.end = pos_;
}

void reader::index_hints(table_reference& reference) {
    while (at_any({symbol::k_use, symbol::k_force, symbol::k_ignore}) &&
           (peek() == symbol::k_index || peek() == symbol::k_key)) {
        if (!reference.hints.present()) reference.hints.first = pos_;
        const bool may_be_empty = at(symbol::k_use);
        pos_ += 2;
        if (accept(symbol::k_for) && !accept(symbol::k_join)) {
            if (!accept_any({symbol::k_order, symbol::k_group})) syntax("JOIN, ORDER BY or GROUP BY");
            expect(symbol::k_by, "BY");
        }
        expect(symbol::lparen, "(");
        if (!(may_be_empty && at(symbol::rparen))) {
            do {
                if (!accept(symbol::k_primary)) identifier("an index's name");
            } while (accept(symbol::comma));
        }
        expect(symbol::rparen, ")");
        reference.hints.end = pos_;
    }
}

node_id reader::json_table() {
    const level here(*this);
    const node_id id = open(node_kind::json_table);
    pos_ += 2;
    add(id, expression());
    expect(symbol::comma, ",");
    if (!at(symbol::string)) syntax("a path");
    add(id, leaf(node_kind::literal));
    json_columns(id);
    expect(symbol::rparen, ")");
    table_reference reference;
    alias(reference, true);
    return keep_table(close(id), reference);
}

void reader::json_columns(node_id table) {
    const level here(*this);
    expect(symbol::k_columns, "COLUMNS");
    expect(symbol::lparen, "(");
    do {
        json_column(table);
    } while (accept(symbol::comma));
    expect(symbol::rparen, ")");
}

void reader::json_column(node_id table) {
    const bool nested = at(symbol::k_nested) && (peek() == symbol::k_path || peek() == symbol::string);
    if (nested) {
        ++pos_;
        accept(symbol::k_path);
        if (!at(symbol::string)) syntax("a path");
        add(table, leaf(node_kind::literal));
        return json_columns(table);
    }
    add(table, name_node("a column's name"));
    if (accept(symbol::k_for)) return expect(symbol::k_ordinality, "ORDINALITY");
    column_type();
    const bool exists_test = accept(symbol::k_exists);
    expect(symbol::k_path, "PATH");
    if (!at(symbol::string)) syntax("a path");
    add(table, leaf(node_kind::literal));
    if (!exists_test) json_on_clauses(table);
}

void reader::json_on_clauses(node_id table) {
    while (at_any({symbol::k_null, symbol::k_error, symbol::k_default})) {
        if (accept(symbol::k_default)) {
            if (!at(symbol::string)) fail(parse_error::not_supported, "a string");
            add(table, leaf(node_kind::literal));
        } else {
            ++pos_;
        }
        expect(symbol::k_on, "ON");
        if (!accept_any({symbol::k_empty, symbol::k_error})) syntax("EMPTY or ERROR");
    }
}

// The types that JSON_TABLE's columns usually have.
void reader::column_type() {
    switch (cur()) {
        case symbol::k_char:
        case symbol::k_varchar:
            ++pos_;
            parenthesised_numbers(1);
            return character_set_of_type();
        case symbol::k_text:
        case symbol::k_json:
        case symbol::k_date:
        case symbol::k_bool:
        case symbol::k_boolean:
            ++pos_;
            return;
        case symbol::k_tinyint:
        case symbol::k_smallint:
        case symbol::k_mediumint:
        case symbol::k_int:
        case symbol::k_integer:
        case symbol::k_bigint:
            ++pos_;
            parenthesised_numbers(1);
            if (!accept(symbol::k_unsigned)) accept(symbol::k_signed);
            return;
        case symbol::k_decimal:
        case symbol::k_numeric:
        case symbol::k_double:
        case symbol::k_float:
            ++pos_;
            parenthesised_numbers(2);
            return;
        case symbol::k_datetime:
        case symbol::k_time:
        case symbol::k_timestamp:
            ++pos_;
            parenthesised_numbers(1);
            return;
        default:
            fail(parse_error::not_supported, "a column's type");
    }
}

}  // namespace fairlead::policy::mysql::parse
