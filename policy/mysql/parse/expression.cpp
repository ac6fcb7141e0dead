#include "policy/mysql/parse/reader.h"

/// Operators, from the weakest to the strongest, as the server's grammar has them.
namespace fairlead::policy::mysql::parse {

namespace {

// Operators of the same strength make a tree that leans to the left; beyond this it is refused as too deep.
constexpr std::uint32_t longest_chain = 2000;

}  // namespace

bool reader::at_or() const {
    return at(symbol::k_or) || (at(symbol::pipe_pipe) && !mode_.pipes_as_concat);
}

bool reader::at_and() const {
    return at(symbol::k_and) || at(symbol::and_and);
}

void reader::expression_list(node_id into) {
    do {
        add(into, expression());
    } while (accept(symbol::comma));
}

node_id reader::expression() {
    const level here(*this);
    const node_id left = xor_level();
    if (!at_or()) return left;
    const node_id all = binary_node(node_kind::logical, op::or_, left, pos_);
    while (at_or()) {
        ++pos_;
        add(all, xor_level());
    }
    return close(all);
}

node_id reader::xor_level() {
    const node_id left = and_level();
    if (!at(symbol::k_xor)) return left;
    const node_id all = binary_node(node_kind::logical, op::xor_, left, pos_);
    while (accept(symbol::k_xor)) add(all, and_level());
    return close(all);
}

node_id reader::and_level() {
    const node_id left = not_level();
    if (!at_and()) return left;
    const node_id all = binary_node(node_kind::logical, op::and_, left, pos_);
    while (at_and()) {
        ++pos_;
        add(all, not_level());
    }
    return close(all);
}

node_id reader::not_level() {
    if (pending_ != no_node || !at(symbol::k_not) || mode_.high_not_precedence) return boolean_test();
    const level here(*this);
    const node_id id = open(node_kind::unary);
    at_node(id).operation = op::not_;
    at_node(id).name = pos_++;
    add(id, not_level());
    return close(id);
}

node_id reader::boolean_test() {
    node_id left = predicate();
    for (std::uint32_t length = 0;; ++length) {
        if (length > longest_chain) fail(parse_error::too_deep);
        switch (cur()) {
            case symbol::k_is:
                left = is_test(left);
                break;
            case symbol::eq:
                left = comparison(left, op::equal);
                break;
            case symbol::null_safe_eq:
                left = comparison(left, op::null_safe_equal);
                break;
            case symbol::ne:
                left = comparison(left, op::not_equal);
                break;
            case symbol::lt:
                left = comparison(left, op::less);
                break;
            case symbol::le:
                left = comparison(left, op::less_equal);
                break;
            case symbol::gt:
                left = comparison(left, op::greater);
                break;
            case symbol::ge:
                left = comparison(left, op::greater_equal);
                break;
            default:
                return left;
        }
    }
}

node_id reader::is_test(node_id left) {
    const node_id id = wrap(node_kind::is_test, left);
    ++pos_;
    if (accept(symbol::k_not)) at_node(id).flags |= negated;
    at_node(id).name = pos_;
    const bool null = at(symbol::k_null);
    if (!accept_any({symbol::k_null, symbol::k_true, symbol::k_false, symbol::k_unknown})) {
        syntax("NULL, TRUE, FALSE or UNKNOWN");
    }
    // MySQL lets nothing follow IS TRUE on this level, MariaDB goes on.
    if (!maria_ && !null && (at_operator() && !at_and() && !at_or() && !at(symbol::k_xor))) {
        fail(parse_error::ambiguous, "parentheses around IS");
    }
    return close(id);
}

node_id reader::comparison(node_id left, op operation) {
    const node_id id = binary_node(node_kind::comparison, operation, left, pos_);
    ++pos_;
    if (at_any({symbol::k_any, symbol::k_some, symbol::k_all}) && peek() == symbol::lparen) {
        if (operation == op::null_safe_equal) syntax("a value");
        const node_id query = open(node_kind::quantified);
        if (at(symbol::k_all)) at_node(query).flags |= all;
        at_node(query).name = pos_++;
        add(query, parenthesised_query());
        add(id, close(query));
    } else {
        add(id, predicate());
    }
    return close(id);
}

bool reader::at_predicate_operator() const {
    const auto one = [](symbol s) {
        return s == symbol::k_in || s == symbol::k_between || s == symbol::k_like || s == symbol::k_regexp ||
               s == symbol::k_rlike;
    };
    if (one(cur()) || (at(symbol::k_not) && one(peek()))) return true;
    if (at(symbol::k_sounds) && peek() == symbol::k_like) return true;
    return !maria_ && at(symbol::k_member) && (peek() == symbol::k_of || peek() == symbol::lparen);
}

bool reader::at_operator() const {
    op ignored = op::none;
    return at_predicate_operator() || binary_precedence(ignored) > 0 || at_or() || at_and() ||
           at_any({symbol::k_is, symbol::k_xor, symbol::eq, symbol::null_safe_eq, symbol::ne, symbol::lt,
                   symbol::le, symbol::gt, symbol::ge, symbol::assign});
}

node_id reader::predicate() {
    node_id left = bit_expression();
    for (std::uint32_t length = 0; at_predicate_operator(); ++length) {
        if (length > longest_chain) fail(parse_error::too_deep);
        left = predicate_operator(left);
        // MySQL has one such operator on this level. MariaDB has a chain that leans to the left, but what NOT
        // begins goes with the last operand: a LIKE b NOT IN (c) is a LIKE (b NOT IN (c)).
        if (at_predicate_operator() && (!maria_ || at(symbol::k_not))) {
            fail(parse_error::ambiguous, "parentheses");
        }
    }
    return left;
}

node_id reader::predicate_operator(node_id left) {
    const symbol s = at(symbol::k_not) ? peek() : cur();
    switch (s) {
        case symbol::k_in:
            return in_operator(left);
        case symbol::k_between:
            return between_operator(left);
        case symbol::k_member:
            return member_operator(left);
        case symbol::k_sounds: {
            const node_id id = binary_node(node_kind::binary, op::sounds_like, left, pos_);
            pos_ += 2;
            add(id, bit_expression());
            return close(id);
        }
        default:
            return like_operator(left);
    }
}

node_id reader::in_operator(node_id left) {
    const node_id id = wrap(node_kind::in_list, left);
    if (accept(symbol::k_not)) at_node(id).flags |= negated;
    at_node(id).name = pos_++;
    if (!at(symbol::lparen)) syntax("(");
    const node_id right = parenthesised();
    if (at_node(right).kind == node_kind::parenthesised_query) at_node(id).kind = node_kind::in_query;
    add(id, right);
    return close(id);
}

// MariaDB reads predicates on both sides of AND, and what follows the second depends on whether NOT stands
// there; where that could matter we refuse.
node_id reader::between_operator(node_id left) {
    const node_id id = wrap(node_kind::between, left);
    if (accept(symbol::k_not)) at_node(id).flags |= negated;
    at_node(id).name = pos_++;
    const level here(*this);
    add(id, bit_expression());
    if (at_predicate_operator()) fail(parse_error::ambiguous, "parentheses within BETWEEN");
    if (at(symbol::k_and)) {
        ++pos_;
    } else {
        syntax("AND");
    }
    add(id, bit_expression());
    if (at_predicate_operator()) fail(parse_error::ambiguous, "parentheses around BETWEEN");
    return close(id);
}

node_id reader::like_operator(node_id left) {
    const node_id id = wrap(node_kind::like, left);
    if (accept(symbol::k_not)) at_node(id).flags |= negated;
    const bool like = at(symbol::k_like);
    if (!like) at_node(id).kind = node_kind::regexp;
    at_node(id).name = pos_++;
    add(id, maria_ || !like ? bit_expression() : simple());
    if (like && accept(symbol::k_escape)) add(id, maria_ ? bit_expression() : simple());
    return close(id);
}

node_id reader::member_operator(node_id left) {
    const node_id id = binary_node(node_kind::binary, op::member_of, left, pos_);
    ++pos_;
    accept(symbol::k_of);
    expect(symbol::lparen, "(");
    add(id, simple());
    expect(symbol::rparen, ")");
    return close(id);
}

int reader::binary_precedence(op& operation) const {
    const auto is = [&operation](op found, int strength) { return (operation = found, strength); };
    switch (cur()) {
        case symbol::pipe:
            return is(op::bit_or, 1);
        case symbol::ampersand:
            return is(op::bit_and, 2);
        case symbol::shift_left:
            return is(op::shift_left, 3);
        case symbol::shift_right:
            return is(op::shift_right, 3);
        case symbol::plus:
            return is(op::add, 4);
        case symbol::minus:
            return is(op::subtract, 4);
        case symbol::star:
            return is(op::multiply, 5);
        case symbol::slash:
            return is(op::divide, 5);
        case symbol::percent:
        case symbol::k_mod:
            return is(op::modulo, 5);
        case symbol::k_div:
            return is(op::integer_divide, 5);
        case symbol::caret:
            return is(op::bit_xor, 6);
        case symbol::pipe_pipe:
            return mode_.pipes_as_concat ? is(op::concat, 7) : 0;
        default:
            return 0;
    }
}

node_id reader::bit_expression(int lowest) {
    const bool interval_first = pending_ == no_node && at(symbol::k_interval) && !interval_is_function();
    if (interval_first && lowest > 1) fail(parse_error::ambiguous, "parentheses around INTERVAL");
    node_id left = interval_first ? interval_sum() : simple();
    for (std::uint32_t length = 0;; ++length) {
        op operation = op::none;
        const int strength = binary_precedence(operation);
        if (strength < lowest || strength == 0) return left;
        if (length > longest_chain) fail(parse_error::too_deep);
        const node_id id = binary_node(node_kind::binary, operation, left, pos_);
        ++pos_;
        const bool sum = operation == op::add || operation == op::subtract;
        if (sum && at(symbol::k_interval) && !interval_is_function()) {
            add(id, interval());
            if (at(symbol::pipe_pipe) && mode_.pipes_as_concat) fail(parse_error::ambiguous, "parentheses");
        } else {
            add(id, bit_expression(strength + 1));
        }
        left = close(id);
    }
}

// INTERVAL(a, b, ...) compares numbers; INTERVAL (a) DAY is an interval. The server looks for the comma, too.
bool reader::interval_is_function() const {
    if (peek() != symbol::lparen || at_query_after(2)) return false;
    std::uint32_t depth = 0;
    for (std::uint32_t i = pos_ + 1; i < tokens_.size(); ++i) {
        const symbol s = symbols_[i];
        if (s == symbol::lparen) ++depth;
        if (s == symbol::comma && depth == 1) return true;
        if (s == symbol::rparen && --depth == 0) return false;
    }
    return false;
}

node_id reader::interval() {
    const node_id id = open(node_kind::interval);
    ++pos_;
    add(id, expression());
    at_node(id).name = pos_;
    unit(true);
    return close(id);
}

// INTERVAL 1 DAY + a: what belongs to the sum besides a plain operand is not certain, so it is refused.
node_id reader::interval_sum() {
    const node_id left = interval();
    const node_id id = binary_node(node_kind::binary, op::add, left, pos_);
    expect(symbol::plus, "+");
    add(id, simple());
    if (at_operator() && !at_and() && !at_or() && !at(symbol::k_xor)) {
        fail(parse_error::ambiguous, "parentheses around the sum of the interval");
    }
    return close(id);
}

bool reader::at_unit(bool compound) const {
    switch (cur()) {
        case symbol::k_microsecond:
        case symbol::k_second:
        case symbol::k_minute:
        case symbol::k_hour:
        case symbol::k_day:
        case symbol::k_week:
        case symbol::k_month:
        case symbol::k_quarter:
        case symbol::k_year:
        case symbol::k_sql_tsi_second:
        case symbol::k_sql_tsi_minute:
        case symbol::k_sql_tsi_hour:
        case symbol::k_sql_tsi_day:
        case symbol::k_sql_tsi_week:
        case symbol::k_sql_tsi_month:
        case symbol::k_sql_tsi_quarter:
        case symbol::k_sql_tsi_year:
            return true;
        case symbol::k_second_microsecond:
        case symbol::k_minute_microsecond:
        case symbol::k_minute_second:
        case symbol::k_hour_microsecond:
        case symbol::k_hour_second:
        case symbol::k_hour_minute:
        case symbol::k_day_microsecond:
        case symbol::k_day_second:
        case symbol::k_day_minute:
        case symbol::k_day_hour:
        case symbol::k_year_month:
            return compound;
        default:
            return false;
    }
}

void reader::unit(bool compound) {
    if (at_unit(compound)) {
        ++pos_;
    } else {
        syntax("a unit of time");
    }
}

}  // namespace fairlead::policy::mysql::parse
