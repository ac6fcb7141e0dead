#include "policy/mysql/parse/reader.h"

/// CAST, CONVERT and the types they name.
namespace fairlead::policy::mysql::parse {

node_id reader::cast_call(symbol name) {
    const node_id id = open(node_kind::cast);
    at_node(id).name = pos_++;
    expect(symbol::lparen, "(");
    add(id, expression());
    if (name == symbol::k_convert && accept(symbol::k_using)) {
        add(id, cast_type_of_using());
    } else if (accept(name == symbol::k_cast ? symbol::k_as : symbol::comma)) {
        add(id, cast_type());
    } else {
        syntax(name == symbol::k_cast ? "AS" : ", or USING");
    }
    expect(symbol::rparen, ")");
    return close(id);
}

node_id reader::cast_type_of_using() {
    const node_id id = open(node_kind::words);
    const bool known = is_identifier() || at_any({symbol::k_binary, symbol::string});
    if (!known) syntax("a character set");
    if (known) ++pos_;
    return close(id);
}

node_id reader::cast_type() {
    const node_id id = open(node_kind::words);
    if (!cast_character_type() && !cast_type_name()) fail(parse_error::not_supported, "a type");
    if (at(symbol::k_array)) fail(parse_error::not_supported, "ARRAY");
    return close(id);
}

bool reader::cast_type_name() {
    switch (cur()) {
        case symbol::k_signed:
        case symbol::k_unsigned:
            ++pos_;
            accept_any({symbol::k_integer, symbol::k_int});
            return true;
        case symbol::k_int:
        case symbol::k_integer:
            return maria_ && (++pos_, true);
        case symbol::k_date:
            return (++pos_, true);
        case symbol::k_binary:
        case symbol::k_time:
        case symbol::k_datetime:
            ++pos_;
            return (parenthesised_numbers(1), true);
        case symbol::k_decimal:
        case symbol::k_dec:
            ++pos_;
            return (parenthesised_numbers(2), true);
        case symbol::k_double:
            ++pos_;
            if (maria_) parenthesised_numbers(2);
            return true;
        case symbol::k_float:
            ++pos_;
            return (parenthesised_numbers(1), true);
        case symbol::k_json:
        case symbol::k_year:
            return !maria_ && (++pos_, true);
        default:
            if (!maria_ || !(says(pos_, "INET6") || says(pos_, "INET4") || says(pos_, "UUID"))) return false;
            return (++pos_, true);
    }
}

bool reader::cast_character_type() {
    const bool national = at(symbol::k_nchar);
    if (!national && !at(symbol::k_char) && !(maria_ && at(symbol::k_varchar))) return false;
    ++pos_;
    parenthesised_numbers(1);
    if (national) return true;
    character_set_of_type();
    return true;
}

void reader::character_set_of_type() {
    if (accept_words(symbol::k_character, symbol::k_set) || accept(symbol::k_charset)) {
        const bool named = is_identifier() || at_any({symbol::k_binary, symbol::string});
        if (!named) syntax("a character set");
        if (named) ++pos_;
    } else if (at_any({symbol::k_ascii, symbol::k_unicode, symbol::k_byte})) {
        ++pos_;
    }
    if (at(symbol::k_binary)) fail(parse_error::not_supported, "BINARY in a type");
    if (maria_ && accept(symbol::k_collate)) {
        const bool named = is_identifier() || at_any({symbol::k_binary, symbol::string});
        if (!named) syntax("a collation");
        if (named) ++pos_;
    }
}

// (n), (n, m) or nothing.
void reader::parenthesised_numbers(int most) {
    if (!accept(symbol::lparen)) return;
    int count = 0;
    do {
        expect(symbol::integer, "a number");
        ++count;
    } while (accept(symbol::comma));
    if (count > most) syntax(")");
    expect(symbol::rparen, ")");
}

}  // namespace fairlead::policy::mysql::parse
