#include "policy/mysql/parse/keywords.h"
#include "policy/mysql/parse/reader.h"

/// Calls: name ( arguments ), and the functions whose arguments are no plain list.
namespace fairlead::policy::mysql::parse {

namespace {

// Reserved words that are functions when a parenthesis follows.
bool callable_although_reserved(symbol s) {
    switch (s) {
        case symbol::k_if:
        case symbol::k_left:
        case symbol::k_right:
        case symbol::k_replace:
        case symbol::k_repeat:
        case symbol::k_insert:
        case symbol::k_mod:
        case symbol::k_char:
        case symbol::k_database:
        case symbol::k_schema:
        case symbol::k_interval:
        case symbol::k_convert:
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
        case symbol::k_grouping:
            return true;
        default:
            return is_window_function(s);
    }
}

}  // namespace

node_id reader::begin_call() {
    const node_id call = open(node_kind::function_call);
    at_node(call).name = pos_++;
    if (space_before(0)) at_node(call).flags |= space_before_arguments;
    expect(symbol::lparen, "(");
    return call;
}

void reader::end_call(node_id call) {
    expect(symbol::rparen, ")");
    close(call);
}

node_id reader::function_call() {
    const level here(*this);
    const symbol name = cur();
    const bool word = name >= symbol::identifier && name != symbol::quoted;
    if (name < symbol::identifier) syntax("an expression");
    if (word && reserved(name) && !callable_although_reserved(name)) syntax("an expression");
    if (word && is_function_token(name) && apart(1)) {
        fail(parse_error::not_supported, "no white space between this function and its parenthesis");
    }
    if (name == symbol::k_cast || name == symbol::k_convert) return cast_call(name);
    const node_id call = begin_call();
    if (special_arguments(name, call)) {
        at_node(call).flags |= keyword_syntax;
    } else {
        if (name == symbol::k_last_value && at(symbol::rparen)) syntax("an expression");
        plain_arguments(call);
    }
    end_call(call);
    if (accept_words(symbol::k_within, symbol::k_group)) {
        expect(symbol::lparen, "(");
        add(call, order_by(no_node));
        end_call(call);
    }
    if (at(symbol::k_over) && windowed(name)) {
        add(call, over());
        close(call);
    }
    return call;
}

node_id reader::function_call_after(node_id id, std::uint32_t names) {
    const level here(*this);
    if (names != 1) syntax("a function's name");
    at_node(id).kind = node_kind::function_call;
    at_node(id).detail = names;
    if (space_before(0)) at_node(id).flags |= space_before_arguments;
    expect(symbol::lparen, "(");
    plain_arguments(id);
    end_call(id);
    return id;
}

void reader::plain_arguments(node_id call) {
    if (!at(symbol::rparen)) expression_list(call);
}

bool reader::special_arguments(symbol name, node_id call) {
    switch (name) {
        case symbol::k_count:
            if (accept(symbol::k_all) && !at(symbol::star)) return (plain_arguments(call), true);
            if (at(symbol::star)) return (add(call, leaf(node_kind::star)), true);
            [[fallthrough]];
        case symbol::k_sum:
        case symbol::k_avg:
        case symbol::k_min:
        case symbol::k_max:
        case symbol::k_group_concat:
        case symbol::k_json_arrayagg:
            return (aggregate_arguments(call), true);
        case symbol::k_trim:
            return (trim_arguments(call), true);
        case symbol::k_substr:
        case symbol::k_substring:
        case symbol::k_mid:
            return (substring_arguments(call), true);
        default:
            return worded_arguments(name, call);
    }
}

// Arguments with words among them.
bool reader::worded_arguments(symbol name, node_id call) {
    switch (name) {
        case symbol::k_position:
            add(call, bit_expression());
            expect(symbol::k_in, "IN");
            add(call, expression());
            return true;
        case symbol::k_extract:
            unit(true);
            expect(symbol::k_from, "FROM");
            add(call, expression());
            return true;
        case symbol::k_date_add:
        case symbol::k_date_sub:
            return (date_arguments(call, false), true);
        case symbol::k_adddate:
        case symbol::k_subdate:
            return (date_arguments(call, true), true);
        case symbol::k_timestampadd:
        case symbol::k_timestampdiff:
            return (unit_arguments(call), true);
        case symbol::k_get_format:
            if (!accept_any({symbol::k_date, symbol::k_time, symbol::k_datetime, symbol::k_timestamp})) {
                syntax("DATE, TIME or DATETIME");
            }
            expect(symbol::comma, ",");
            add(call, expression());
            return true;
        case symbol::k_weight_string:
            return (weight_arguments(call), true);
        case symbol::k_char:
            expression_list(call);
            if (accept(symbol::k_using)) add(call, cast_type_of_using());
            return true;
        case symbol::k_nextval:
        case symbol::k_lastval:
        case symbol::k_setval:
            fail(parse_error::not_supported, "a sequence");
            return true;
        case symbol::k_column_create:
        case symbol::k_column_add:
        case symbol::k_column_get:
        case symbol::k_column_delete:
        case symbol::k_json_value:
            if (name == symbol::k_json_value && maria_) return false;
            fail(parse_error::not_supported, "a function with types among its arguments");
            return true;
        default:
            return false;
    }
}

void reader::aggregate_arguments(node_id call) {
    if (accept(symbol::k_distinct)) {
        at_node(call).flags |= distinct;
    } else {
        accept(symbol::k_all);
    }
    expression_list(call);
    if (at(symbol::k_order)) add(call, order_by(no_node));
    if (accept(symbol::k_separator)) {
        if (!at(symbol::string)) syntax("a string");
        add(call, leaf(node_kind::literal));
    }
    if (at(symbol::k_limit)) add(call, limit(no_node));
}

void reader::trim_arguments(node_id call) {
    const bool side = accept_any({symbol::k_both, symbol::k_leading, symbol::k_trailing});
    if (side && accept(symbol::k_from)) return add(call, expression());
    add(call, expression());
    if (side && !at(symbol::k_from)) syntax("FROM");
    if (accept(symbol::k_from)) add(call, expression());
}

void reader::substring_arguments(node_id call) {
    add(call, expression());
    if (accept(symbol::k_from)) {
        add(call, expression());
        if (accept(symbol::k_for)) add(call, expression());
        return;
    }
    while (accept(symbol::comma)) add(call, expression());
}

void reader::date_arguments(node_id call, bool number_allowed) {
    add(call, expression());
    expect(symbol::comma, ",");
    if (at(symbol::k_interval) && !interval_is_function()) return add(call, interval());
    if (!number_allowed) syntax("INTERVAL");
    add(call, expression());
}

void reader::unit_arguments(node_id call) {
    unit(false);
    for (int i = 0; i < 2; ++i) {
        expect(symbol::comma, ",");
        add(call, expression());
    }
}

void reader::weight_arguments(node_id call) {
    add(call, expression());
    if (accept(symbol::k_as)) {
        const node_id type = open(node_kind::words);
        if (!accept_any({symbol::k_char, symbol::k_binary})) syntax("CHAR or BINARY");
        parenthesised_numbers(1);
        add(call, close(type));
    }
    if (at(symbol::k_level)) fail(parse_error::not_supported, "LEVEL");
}

node_id reader::no_parenthesis_function() {
    const node_id call = leaf(node_kind::function_call);
    return call;
}

// DEFAULT(column), VALUES(column).
node_id reader::column_function(node_kind kind) {
    const node_id id = open(kind);
    at_node(id).name = pos_;
    pos_ += 2;
    const node_id column = name_operand();
    if (at_node(column).kind != node_kind::column_reference) syntax("a column");
    add(id, column);
    expect(symbol::rparen, ")");
    return close(id);
}

}  // namespace fairlead::policy::mysql::parse
