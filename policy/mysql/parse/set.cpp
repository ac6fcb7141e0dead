#include "policy/mysql/parse/reader.h"

/// SET in all its meanings.
namespace fairlead::policy::mysql::parse {

node_id reader::set_statement() {
    const bool variable = peek(2) == symbol::eq || peek(2) == symbol::assign;  // a variable of that name
    const symbol next = peek();
    if (!variable) {
        if (next == symbol::k_transaction) return set_transaction();
        if (next == symbol::k_role || next == symbol::k_default) return set_other(statement_kind::set_role);
        if (next == symbol::k_statement && maria_) return set_for_statement();
        if (next == symbol::k_resource) fail(parse_error::not_supported, "RESOURCE GROUP");
    }
    if (next == symbol::k_password) return set_other(statement_kind::set_password);
    const bool scoped = next == symbol::k_global || next == symbol::k_session || next == symbol::k_local;
    if (scoped && peek(2) == symbol::k_transaction && peek(3) != symbol::eq) return set_transaction();

    const node_id id = open_statement(statement_kind::set);
    const scope within(*this, id);
    ++pos_;
    variable_scope sticky = variable_scope::none;
    do {
        add(id, set_item(sticky));
    } while (accept(symbol::comma));
    return close(id);
}

node_id reader::set_item(variable_scope& sticky) {
    if (at(symbol::k_names) || at(symbol::k_charset) || at(symbol::k_character)) return set_character_set();
    if (at(symbol::user_variable)) return set_variable(leaf(node_kind::user_variable));
    if (at(symbol::system_variable)) return set_variable(system_variable());
    const node_id id = open(node_kind::system_variable);
    variable_scope named = variable_scope::none;
    if (peek() != symbol::eq && peek() != symbol::assign && peek() != symbol::dot && scope_word(named)) {
        sticky = named;
        ++pos_;
    }
    if (at(symbol::k_password)) fail(parse_error::not_supported, "PASSWORD among other assignments");
    // A scope holds for the names without one behind it, too.
    at_node(id).detail = static_cast<std::uint32_t>(sticky);
    at_node(id).name = identifier("a variable's name");
    if (accept(symbol::dot)) {
        at_node(id).flags |= keyword_syntax;
        at_node(id).name = identifier_after_dot();
    }
    return set_variable(close(id));
}

node_id reader::set_variable(node_id variable) {
    const node_id id = wrap(node_kind::assignment, variable);
    at_node(id).name = pos_;
    if (!accept_any({symbol::eq, symbol::assign})) syntax("=");
    const bool user = !failed() && at_node(variable).kind == node_kind::user_variable;
    add(id, user ? expression() : set_value());
    return close(id);
}

// Besides expressions: DEFAULT, and words that are reserved elsewhere.
node_id reader::set_value() {
    if (at(symbol::k_default) && peek() != symbol::lparen) return leaf(node_kind::default_value);
    const bool word =
        at_any({symbol::k_on, symbol::k_all, symbol::k_binary, symbol::k_row, symbol::k_system});
    const symbol next = peek();
    if (word && (next == symbol::comma || next == symbol::semicolon || next == symbol::end ||
                 next == symbol::k_for)) {
        return leaf(node_kind::words);
    }
    return expression();
}

// NAMES a [COLLATE b], CHARACTER SET a, CHARSET a
node_id reader::set_character_set() {
    const node_id id = open(node_kind::character_set);
    const bool names = accept(symbol::k_names);
    if (!names && !accept(symbol::k_charset) && !accept_words(symbol::k_character, symbol::k_set)) {
        syntax("NAMES or CHARACTER SET");
    }
    const auto name = [this](std::string_view what) {
        if (!accept_any({symbol::k_default, symbol::k_binary, symbol::string})) identifier(what);
    };
    at_node(id).name = pos_;
    name("a character set");
    if (names && accept(symbol::k_collate)) name("a collation");
    return close(id);
}

// SET [GLOBAL | SESSION] TRANSACTION characteristic, ...
node_id reader::set_transaction() {
    const node_id id = open_statement(statement_kind::set_transaction);
    ++pos_;
    about(id).words.first = pos_;
    accept_any({symbol::k_global, symbol::k_session, symbol::k_local});
    ++pos_;
    do {
        if (accept(symbol::k_isolation)) {
            expect(symbol::k_level, "LEVEL");
            const bool known = accept_words(symbol::k_read, symbol::k_committed) ||
                               accept_words(symbol::k_read, symbol::k_uncommitted) ||
                               accept_words(symbol::k_repeatable, symbol::k_read) ||
                               accept(symbol::k_serializable);
            if (!known) syntax("an isolation level");
        } else if (!accept_words(symbol::k_read, symbol::k_only)) {
            if (!accept_words(symbol::k_read, symbol::k_write))
                syntax("ISOLATION LEVEL, READ ONLY or READ WRITE");
        }
    } while (accept(symbol::comma));
    about(id).words.end = pos_;
    return close(id);
}

// What is only named, never read: SET PASSWORD, SET ROLE.
node_id reader::set_other(statement_kind kind) {
    const node_id id = open_statement(kind);
    skip_statement(id);
    return close(id);
}

// SET STATEMENT a = b, ... FOR statement
node_id reader::set_for_statement() {
    const level here(*this);
    const node_id id = open_statement(statement_kind::set_statement);
    pos_ += 2;
    {
        const scope within(*this, id);
        variable_scope sticky = variable_scope::none;
        do {
            add(id, set_item(sticky));
        } while (accept(symbol::comma));
    }
    expect(symbol::k_for, "FOR");
    add(id, statement_of_text());
    return close(id);
}

}  // namespace fairlead::policy::mysql::parse
