#include "policy/mysql/parse/character_sets.h"
#include "policy/mysql/parse/reader.h"

/// What stands between operators.
namespace fairlead::policy::mysql::parse {

node_id reader::simple() {
    node_id left = no_node;
    if (pending_ != no_node) {
        left = pending_;
        pending_ = no_node;
    } else {
        left = primary();
    }
    for (int times = 0; at(symbol::k_collate); ++times) {
        if (times > 8) fail(parse_error::too_deep);
        const node_id id = wrap(node_kind::collate, left);
        ++pos_;
        at_node(id).name = pos_;
        const bool word = is_identifier() || at(symbol::k_binary) || at(symbol::string);
        if (!word) syntax("a collation");
        if (word) ++pos_;
        left = close(id);
    }
    return left;
}

node_id reader::primary() {
    switch (cur()) {
        case symbol::identifier:
            return at_introducer() ? introduced_literal() : name_operand();
        case symbol::quoted:
            return name_operand();
        case symbol::integer:
        case symbol::decimal:
        case symbol::real:
        case symbol::null_escape:
        case symbol::k_null:
        case symbol::k_true:
        case symbol::k_false:
            return leaf(node_kind::literal);
        case symbol::string:
        case symbol::national_string:
        case symbol::hex:
        case symbol::bit:
            return literal();
        case symbol::placeholder: {
            const node_id id = leaf(node_kind::placeholder);
            at_node(id).detail = tree_.placeholders++;
            return id;
        }
        case symbol::user_variable:
            return user_variable();
        case symbol::system_variable:
            return system_variable();
        case symbol::lparen: {
            const node_id id = parenthesised();
            if (at_node(id).kind != node_kind::parenthesised_query) return id;
            return close(wrap(node_kind::subquery, id));
        }
        case symbol::lbrace:
            return odbc_literal();
        case symbol::minus:
            return unary_operator(op::minus);
        case symbol::plus:
            return unary_operator(op::plus);
        case symbol::tilde:
            return unary_operator(op::invert);
        case symbol::bang:
            return unary_operator(op::bang);
        default:
            return word_operand();
    }
}

node_id reader::unary_operator(op operation) {
    const level here(*this);
    const node_id id = open(node_kind::unary);
    at_node(id).operation = operation;
    at_node(id).name = pos_++;
    add(id, simple());
    return close(id);
}

node_id reader::word_operand() {
    switch (cur()) {
        case symbol::k_not:
            if (!mode_.high_not_precedence) break;
            return unary_operator(op::not_);
        case symbol::k_binary:
            return unary_operator(op::binary_of);
        case symbol::k_case:
            return case_of();
        case symbol::k_exists:
            return exists();
        case symbol::k_match:
            return match_against();
        case symbol::k_row:
            return peek() == symbol::lparen ? row_constructor() : name_operand();
        case symbol::k_default:
            if (peek() != symbol::lparen) break;
            return column_function(node_kind::default_of);
        case symbol::k_value:
            if (peek() != symbol::lparen) return name_operand();
            return column_function(node_kind::values_of);
        case symbol::k_values:
            if (peek() != symbol::lparen || (maria_ && !values_is_function_)) break;
            return column_function(node_kind::values_of);
        case symbol::k_date:
        case symbol::k_time:
        case symbol::k_timestamp:
            return peek() == symbol::string ? temporal_literal() : name_operand();
        case symbol::k_current_date:
        case symbol::k_current_time:
        case symbol::k_current_timestamp:
        case symbol::k_localtime:
        case symbol::k_localtimestamp:
        case symbol::k_utc_date:
        case symbol::k_utc_time:
        case symbol::k_utc_timestamp:
        case symbol::k_current_user:
        case symbol::k_current_role:
            if (peek() == symbol::lparen) return function_call();
            return no_parenthesis_function();
        case symbol::k_next:
        case symbol::k_previous:
            if (peek() == symbol::k_value && peek(2) == symbol::k_for) {
                fail(parse_error::not_supported, "a sequence");
            }
            return name_operand();
        default:
            return name_operand();
    }
    syntax("an expression");
    return 0;
}

// ROW (a, b)
node_id reader::row_constructor() {
    const token_index first = pos_++;
    const token_index parenthesis = pos_++;
    const node_id row = row_rest(parenthesis, expression());
    if (at_node(row).kind != node_kind::row) syntax("at least two values");
    at_node(row).first = first;
    at_node(row).name = first;
    return row;
}

// DATE '2020-01-01'
node_id reader::temporal_literal() {
    const node_id id = open(node_kind::temporal_literal);
    at_node(id).name = pos_;
    pos_ += 2;
    return close(id);
}

// Adjacent strings are one. Only the first may be N'...' or have an introducer; x'41' 'b' is accepted by the
// server and refused here, as nobody writes it.
node_id reader::literal() {
    const node_id id = open(node_kind::literal);
    const bool text = at(symbol::string) || at(symbol::national_string);
    at_node(id).name = pos_++;
    if (text) {
        while (accept(symbol::string)) {
        }
    } else if (at(symbol::string)) {
        fail(parse_error::ambiguous, "an operator");
    }
    return close(id);
}

bool reader::at_introducer() const {
    return text_of(pos_).front() == '_' && is_character_set(text_of(pos_).substr(1));
}

node_id reader::introduced_literal() {
    const token_index first = pos_++;
    if (!at_any({symbol::string, symbol::hex, symbol::bit})) syntax("a literal");
    const node_id id = literal();
    at_node(id).first = first;
    return id;
}

// { d '2020-01-01' }; { fn f() } and others are refused.
node_id reader::odbc_literal() {
    const node_id id = open(node_kind::temporal_literal);
    ++pos_;
    at_node(id).name = pos_;
    if (!says(pos_, "D") && !says(pos_, "T") && !says(pos_, "TS")) {
        fail(parse_error::not_supported, "{d '...'}, {t '...'} or {ts '...'}");
    } else {
        ++pos_;
    }
    expect(symbol::string, "a string");
    expect(symbol::rbrace, "}");
    return close(id);
}

node_id reader::user_variable() {
    const node_id variable = leaf(node_kind::user_variable);
    if (!at(symbol::assign)) return variable;
    const node_id id = wrap(node_kind::user_assignment, variable);
    at_node(id).name = pos_++;
    add(id, expression());
    return close(id);
}

bool reader::scope_word(variable_scope& found) const {
    if (says(pos_, "GLOBAL")) return (found = variable_scope::global, true);
    if (says(pos_, "SESSION")) return (found = variable_scope::session, true);
    if (says(pos_, "LOCAL")) return (found = variable_scope::local, true);
    if (maria_) return false;
    if (says(pos_, "PERSIST")) return (found = variable_scope::persist, true);
    if (says(pos_, "PERSIST_ONLY")) return (found = variable_scope::persist_only, true);
    return false;
}

// @@name, @@scope.name, @@cache.name. White space within is refused.
node_id reader::system_variable() {
    const node_id id = open(node_kind::system_variable);
    ++pos_;
    variable_scope named = variable_scope::none;
    bool spaced = space_before(0);
    if (peek() == symbol::dot && cur() != symbol::quoted && scope_word(named)) {
        spaced |= space_before(1) || space_before(2);
        pos_ += 2;
    }
    at_node(id).detail = static_cast<std::uint32_t>(named);
    at_node(id).name = pos_;
    identifier("a variable's name");
    if (at(symbol::dot)) {
        spaced |= space_before(0) || space_before(1);
        ++pos_;
        at_node(id).flags |= keyword_syntax;
        at_node(id).name = pos_;
        identifier_after_dot();
    }
    if (spaced) fail(parse_error::ambiguous, "no white space in a variable's name");
    return close(id);
}

// Anything in parentheses: a query (parenthesised_query), one expression, or several (row). What begins with
// two parentheses is known only later: ((SELECT 1) UNION SELECT 2) and ((SELECT 1) + 2).
node_id reader::parenthesised() {
    const level here(*this);
    const no_into within(*this);
    const token_index first = pos_++;
    if (at_query()) return close_parenthesised_query(first, query());
    if (!at(symbol::lparen)) return row_rest(first, expression());
    node_id inner = parenthesised();
    if (at_node(inner).kind == node_kind::parenthesised_query) {
        if (at_query_tail() || at(symbol::rparen)) return close_parenthesised_query(first, query_from(inner));
        inner = close(wrap(node_kind::subquery, inner));
    }
    pending_ = inner;
    return row_rest(first, expression());
}

node_id reader::row_rest(token_index first, node_id value) {
    const bool several = at(symbol::comma);
    const node_id id = open_at(several ? node_kind::row : node_kind::parenthesised, first);
    add(id, value);
    while (accept(symbol::comma)) add(id, expression());
    expect(symbol::rparen, ")");
    return close(id);
}

node_id reader::case_of() {
    const node_id id = open(node_kind::case_of);
    at_node(id).name = pos_++;
    if (!at(symbol::k_when)) add(id, expression());
    do {
        expect(symbol::k_when, "WHEN");
        add(id, expression());
        expect(symbol::k_then, "THEN");
        add(id, expression());
    } while (at(symbol::k_when));
    if (accept(symbol::k_else)) add(id, expression());
    expect(symbol::k_end, "END");
    return close(id);
}

node_id reader::exists() {
    const node_id id = open(node_kind::exists);
    at_node(id).name = pos_++;
    add(id, parenthesised_query());
    return close(id);
}

node_id reader::match_against() {
    const node_id id = open(node_kind::match_against);
    at_node(id).name = pos_++;
    const bool enclosed = accept(symbol::lparen);
    do {
        const node_id column = name_operand();
        if (at_node(column).kind != node_kind::column_reference) syntax("a column");
        add(id, column);
    } while (accept(symbol::comma));
    if (enclosed) expect(symbol::rparen, ")");
    expect(symbol::k_against, "AGAINST");
    expect(symbol::lparen, "(");
    add(id, bit_expression());
    if (accept(symbol::k_in)) {
        const bool boolean = accept_words(symbol::k_boolean, symbol::k_mode);
        if (!boolean && !(accept_words(symbol::k_natural, symbol::k_language) && accept(symbol::k_mode))) {
            syntax("BOOLEAN MODE or NATURAL LANGUAGE MODE");
        }
        if (boolean) {
            expect(symbol::rparen, ")");
            return close(id);
        }
    }
    if (accept(symbol::k_with) && !accept_words(symbol::k_query, symbol::k_expansion))
        syntax("QUERY EXPANSION");
    expect(symbol::rparen, ")");
    return close(id);
}

// A column with its qualifying names, or a function.
node_id reader::name_operand() {
    if (peek() == symbol::lparen) return function_call();
    const node_id id = open(node_kind::column_reference);
    at_node(id).name = identifier("an expression");
    std::uint32_t names = 0;
    while (at(symbol::dot) && names < 2) {
        ++pos_;
        ++names;
        at_node(id).name = identifier_after_dot();
        if (at(symbol::lparen)) return function_call_after(id, names);
    }
    at_node(id).detail = names;
    close(id);
    if (maria_ || !at_any({symbol::arrow, symbol::arrow_text})) return id;
    const op operation = at(symbol::arrow) ? op::json_extract : op::json_unquote;
    const node_id extract = binary_node(node_kind::binary, operation, id, pos_++);
    if (!at(symbol::string)) syntax("a path");
    add(extract, leaf(node_kind::literal));
    return close(extract);
}

}  // namespace fairlead::policy::mysql::parse
