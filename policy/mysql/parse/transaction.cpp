#include "policy/mysql/parse/reader.h"

/// Transactions and locks.
namespace fairlead::policy::mysql::parse {

node_id reader::begin_statement() {
    if (peek() == symbol::k_not) fail(parse_error::not_supported, "a block of statements");
    const node_id id = open_statement(statement_kind::begin);
    ++pos_;
    accept(symbol::k_work);
    return close(id);
}

node_id reader::start_transaction() {
    if (peek() != symbol::k_transaction) return other_statement();
    const node_id id = open_statement(statement_kind::begin);
    pos_ += 2;
    about(id).words = {pos_, pos_};
    if (at_any({symbol::k_with, symbol::k_read})) {
        do {
            if (accept(symbol::k_with)) {
                if (!accept_words(symbol::k_consistent, symbol::k_snapshot)) syntax("CONSISTENT SNAPSHOT");
            } else if (!accept_words(symbol::k_read, symbol::k_only)) {
                if (!accept_words(symbol::k_read, symbol::k_write)) syntax("READ ONLY or READ WRITE");
            }
        } while (accept(symbol::comma));
    }
    about(id).words.end = pos_;
    return close(id);
}

// COMMIT | ROLLBACK [WORK] [AND [NO] CHAIN] [[NO] RELEASE], ROLLBACK [WORK] TO [SAVEPOINT] name
node_id reader::end_transaction(statement_kind kind) {
    const node_id id = open_statement(kind);
    ++pos_;
    accept(symbol::k_work);
    if (kind == statement_kind::rollback && accept(symbol::k_to)) {
        about(id).kind = statement_kind::rollback_to;
        accept_savepoint_word();
        about(id).name = identifier("a savepoint's name");
        return close(id);
    }
    if (accept(symbol::k_and)) {
        if (!accept(symbol::k_no)) about(id).flags |= chain;
        expect(symbol::k_chain, "CHAIN");
    }
    if (accept(symbol::k_no)) {
        expect(symbol::k_release, "RELEASE");
    } else if (accept(symbol::k_release)) {
        if ((about(id).flags & chain) != 0) syntax("the end of the statement");
        about(id).flags |= release;
    }
    return close(id);
}

// SAVEPOINT may be the word or the name.
void reader::accept_savepoint_word() {
    if (at(symbol::k_savepoint) && is_identifier(1)) ++pos_;
}

node_id reader::savepoint_statement(statement_kind kind) {
    const node_id id = open_statement(kind);
    ++pos_;
    if (kind == statement_kind::release_savepoint) expect(symbol::k_savepoint, "SAVEPOINT");
    about(id).name = identifier("a savepoint's name");
    return close(id);
}

node_id reader::lock_statement() {
    if (peek() != symbol::k_tables && peek() != symbol::k_table) return other_statement();
    const node_id id = open_statement(statement_kind::lock_tables);
    const scope within(*this, id);
    pos_ += 2;
    do {
        const node_id table = open(node_kind::table);
        table_reference reference{.role = table_role::other};
        table_name(reference);
        at_node(table).name = reference.name;
        alias(reference, false);
        add(id, keep_table(close(table), reference));
        if (accept(symbol::k_read)) {
            accept(symbol::k_local);
        } else {
            accept(symbol::k_low_priority);
            expect(symbol::k_write, "READ or WRITE");
            if (maria_) accept(symbol::k_concurrent);
        }
    } while (accept(symbol::comma));
    if (maria_ && accept(symbol::k_wait)) {
        expect(symbol::integer, "a number");
    } else if (maria_) {
        accept(symbol::k_nowait);
    }
    return close(id);
}

node_id reader::unlock_statement() {
    if (peek() != symbol::k_tables && peek() != symbol::k_table) return other_statement();
    const node_id id = open_statement(statement_kind::unlock_tables);
    pos_ += 2;
    return close(id);
}

}  // namespace fairlead::policy::mysql::parse
