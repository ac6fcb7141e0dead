#include "policy/mysql/parse/reader.h"

/// The text and its statements; those that are short or only named.
namespace fairlead::policy::mysql::parse {

parse_result reader::text() {
    const node_id id = open(node_kind::text);
    while (!failed() && !at(symbol::end)) {
        if (accept(symbol::semicolon)) continue;  // an empty statement
        const node_id one = statement_of_text();
        add(id, one);
        if (failed()) break;
        const bool more = at(symbol::semicolon);
        if (!more && !at(symbol::end)) syntax("the end of the statement");
        if (more) about(one).separator = pos_++;
    }
    close(id);
    return result_;
}

node_id reader::open_statement(statement_kind kind) {
    const node_id id = open(node_kind::statement);
    at_node(id).detail = static_cast<std::uint32_t>(tree_.statements.size());
    tree_.statements.push_back({.at = id, .kind = kind, .verb = pos_});
    return id;
}

node_id reader::statement_of_text() {
    switch (cur()) {
        case symbol::k_select:
        case symbol::k_values:
        case symbol::lparen:
            return select_statement();
        case symbol::k_with:
            return with_statement();
        case symbol::k_table:
            return maria_ ? other_statement() : select_statement();
        case symbol::k_insert:
            return insert_statement(statement_kind::insert);
        case symbol::k_replace:
            return insert_statement(statement_kind::replace);
        case symbol::k_update:
            return update_statement();
        case symbol::k_delete:
            return delete_statement();
        case symbol::k_load:
            return load_statement();
        case symbol::k_set:
            return set_statement();
        case symbol::k_show:
            return show_statement();
        default:
            return short_statement();
    }
}

node_id reader::short_statement() {
    switch (cur()) {
        case symbol::k_use:
            return use_statement();
        case symbol::k_begin:
            return begin_statement();
        case symbol::k_start:
            return start_transaction();
        case symbol::k_commit:
            return end_transaction(statement_kind::commit);
        case symbol::k_rollback:
            return end_transaction(statement_kind::rollback);
        case symbol::k_savepoint:
            return savepoint_statement(statement_kind::savepoint);
        case symbol::k_release:
            return savepoint_statement(statement_kind::release_savepoint);
        case symbol::k_explain:
        case symbol::k_describe:
        case symbol::k_desc:
            return explain_statement(false);
        case symbol::k_analyze:
            if (!maria_ || peek() == symbol::k_table || peek() == symbol::k_tables ||
                peek() == symbol::k_local || peek() == symbol::k_no_write_to_binlog) {
                return other_statement();
            }
            return explain_statement(true);
        case symbol::k_prepare:
            return prepare_statement();
        case symbol::k_execute:
            return execute_statement();
        case symbol::k_deallocate:
        case symbol::k_drop:
            return deallocate_statement();
        case symbol::k_kill:
            return kill_statement();
        case symbol::k_do:
            return do_statement();
        case symbol::k_call:
            return call_statement();
        case symbol::k_lock:
            return lock_statement();
        case symbol::k_unlock:
            return unlock_statement();
        case symbol::k_handler:
            return handler_statement();
        default:
            return other_statement();
    }
}

node_id reader::select_statement() {
    const node_id id = open_statement(statement_kind::select);
    const scope within(*this, id);
    into_allowed_ = true;
    const node_id body = query();
    into_allowed_ = false;
    add(id, body);
    if (!failed()) {
        const node& first = tree_[tree_[body].first_child];
        if (first.kind == node_kind::with_clause) about(id).verb = first.end;
    }
    return close(id);
}

node_id reader::use_statement() {
    const node_id id = open_statement(statement_kind::use);
    ++pos_;
    about(id).name = identifier("a database's name");
    return close(id);
}

// KILL [HARD | SOFT] [CONNECTION | QUERY [ID]] expression, KILL ... USER name
node_id reader::kill_statement() {
    const node_id id = open_statement(statement_kind::kill);
    const scope within(*this, id);
    ++pos_;
    if (maria_) accept_any({symbol::k_hard, symbol::k_soft});
    if (accept(symbol::k_query)) {
        about(id).flags |= kill_query;
    } else {
        accept(symbol::k_connection);
    }
    if (maria_ && at_any({symbol::k_user, symbol::k_id})) {
        about(id).flags |= kill_by_user;
        skip_statement(id);
        return close(id);
    }
    if (at(symbol::integer)) about(id).name = pos_;
    add(id, expression());
    if (!failed() && at_node(at_node(id).last_child).kind != node_kind::literal) about(id).name = no_token;
    return close(id);
}

node_id reader::do_statement() {
    const node_id id = open_statement(statement_kind::do_);
    const scope within(*this, id);
    ++pos_;
    expression_list(id);
    return close(id);
}

node_id reader::call_statement() {
    const node_id id = open_statement(statement_kind::call);
    const scope within(*this, id);
    ++pos_;
    about(id).name = identifier("a routine's name");
    if (accept(symbol::dot)) about(id).name = identifier_after_dot();
    if (!accept(symbol::lparen)) return close(id);
    if (!at(symbol::rparen)) expression_list(id);
    expect(symbol::rparen, ")");
    return close(id);
}

// HANDLER t ...: the table, the rest is not read.
node_id reader::handler_statement() {
    const node_id id = open_statement(statement_kind::handler);
    const scope within(*this, id);
    ++pos_;
    add(id, target_table(table_role::other));
    skip_statement(id);
    return close(id);
}

// Statements known by their first words only.
node_id reader::other_statement() {
    if (!begins_other_statement(cur())) {
        fail(at_any({symbol::k_if, symbol::k_case, symbol::k_loop, symbol::k_while, symbol::k_repeat,
                     symbol::k_for, symbol::k_declare})
                 ? parse_error::not_supported
                 : parse_error::syntax,
             "a statement");
    }
    const node_id id = open_statement(statement_kind::other);
    const symbol verb = cur();
    if (verb == symbol::k_create && (peek() == symbol::k_temporary || peek(3) == symbol::k_temporary)) {
        about(id).kind = statement_kind::create_temporary_table;
    } else if (verb == symbol::k_drop && peek() == symbol::k_temporary) {
        about(id).kind = statement_kind::drop_temporary_table;
    } else if (verb == symbol::k_get) {
        about(id).kind = statement_kind::get_diagnostics;
    } else if (verb == symbol::k_xa) {
        about(id).kind = statement_kind::xa;
    }
    about(id).words.first = pos_;
    skip_statement(id);
    return close(id);
}

bool reader::begins_other_statement(symbol verb) {
    switch (verb) {
        case symbol::k_alter:
        case symbol::k_analyze:
        case symbol::k_backup:
        case symbol::k_binlog:
        case symbol::k_cache:
        case symbol::k_change:
        case symbol::k_check:
        case symbol::k_checksum:
        case symbol::k_create:
        case symbol::k_deallocate:
        case symbol::k_drop:
        case symbol::k_flush:
        case symbol::k_get:
        case symbol::k_grant:
        case symbol::k_help:
        case symbol::k_import:
        case symbol::k_install:
        case symbol::k_load:
        case symbol::k_lock:
        case symbol::k_optimize:
        case symbol::k_purge:
        case symbol::k_rename:
        case symbol::k_repair:
        case symbol::k_reset:
        case symbol::k_resignal:
        case symbol::k_restart:
        case symbol::k_revoke:
        case symbol::k_shutdown:
        case symbol::k_signal:
        case symbol::k_start:
        case symbol::k_stop:
        case symbol::k_truncate:
        case symbol::k_uninstall:
        case symbol::k_unlock:
        case symbol::k_xa:
            return true;
        default:
            return false;
    }
}

// To the next semicolon. Where a routine's body may hold semicolons of its own, what follows one is no
// statement to the server, so there we read nothing.
void reader::skip_statement(node_id at) {
    const bool defines = this->at(symbol::k_create) || this->at(symbol::k_alter);
    bool body = false;
    for (bool leading = true; !this->at(symbol::end); ++pos_) {
        if (this->at(symbol::semicolon)) {
            if (body && peek() != symbol::end) fail(parse_error::not_supported, "a routine's body");
            break;
        }
        if (this->at(symbol::placeholder)) ++tree_.placeholders;
        body |= defines && at_any({symbol::k_procedure, symbol::k_function, symbol::k_trigger,
                                   symbol::k_event, symbol::k_package});
        leading = leading && cur() >= symbol::identifier && !this->at(symbol::quoted);
        if (leading) about(at).words.end = pos_ + 1;
    }
}

}  // namespace fairlead::policy::mysql::parse
