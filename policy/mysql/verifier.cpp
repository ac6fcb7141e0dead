#include "policy/mysql/verifier.h"

#include "policy/mysql/verifier/conditions.h"
#include "policy/mysql/verifier/prepared_text.h"
#include "policy/mysql/verifier/reading.h"
#include "policy/mysql/verifier/tables.h"
#include "policy/mysql/verifier/writes.h"

#include <algorithm>
#include <iterator>

namespace fairlead::policy::mysql {

namespace {

using namespace verifier;
using parse::statement_kind;
using parse::table_role;

bool reads_and_writes_rows(statement_kind kind) {
    return kind == statement_kind::select || kind == statement_kind::insert ||
           kind == statement_kind::replace || kind == statement_kind::update ||
           kind == statement_kind::delete_;
}

// Statements that only name a table, and those that touch none.
bool is_harmless(statement_kind kind) {
    constexpr statement_kind kinds[] = {
        statement_kind::explain,
        statement_kind::describe,
        statement_kind::show,
        statement_kind::set,
        statement_kind::set_statement,
        statement_kind::set_transaction,
        statement_kind::use,
        statement_kind::kill,
        statement_kind::deallocate,
        statement_kind::begin,
        statement_kind::commit,
        statement_kind::rollback,
        statement_kind::savepoint,
        statement_kind::rollback_to,
        statement_kind::release_savepoint,
        statement_kind::get_diagnostics,
        statement_kind::unlock_tables,
    };
    return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

// The statement that a node is part of.
const parse::statement& statement_of(const reading& r, node_id id) {
    while (r.at(id).kind != node_kind::statement) id = r.at(id).parent;
    return r.tree().statements[r.at(id).detail];
}

void check_reference(reading& r, node_id table_node) {
    const parse::table_reference& reference = r.table(table_node);
    known_table table = resolve(r, table_node);
    statement_kind kind = statement_of(r, table_node).kind;
    if (reference.role == table_role::other) {
        bool describes = kind == statement_kind::describe || kind == statement_kind::show;
        if (!describes) r.fail("a table in a statement that may not name one");
        return;
    }
    if (!reads_and_writes_rows(kind)) return r.fail("a table in a statement that may not read one");
    if (reference.role == table_role::load_target) return r.fail("LOAD DATA into a shared table");
    if (reference.role == table_role::insert_target) return;  // check_insert
    if (table.kind == table_kind::tenant && !is_filtered(r, table_node, *table.relation)) {
        return r.fail("table " + r.name(reference.name) + " is not filtered by the tenant");
    }
    if (table.kind == table_kind::dictionary && !is_narrowed(r, table_node)) {
        r.fail("information_schema." + r.name(reference.name) + " is not narrowed to this database");
    }
}

void check_prepared(reading& r, const std::string& text);

void check_statement(reading& r, const parse::statement& statement) {
    switch (statement.kind) {
        case statement_kind::insert:
        case statement_kind::replace:
            return check_insert(r, statement);
        case statement_kind::update:
            return check_update(r, statement);
        case statement_kind::delete_:
            return check_delete(r, statement);
        case statement_kind::select:
            return;
        case statement_kind::execute:
            return check_execute(r, statement);
        case statement_kind::prepare:
            if (auto text = prepared_text(r, statement)) check_prepared(r, *text);
            return;
        default:
            if (!is_harmless(statement.kind)) r.fail("a statement of a kind that may not pass");
    }
}

void check_blocks(reading& r) {
    for (const parse::query_block& block : r.tree().blocks) {
        if (block.into_file) r.fail("a file is written");
        if (block.procedure.present()) r.fail("PROCEDURE");
    }
}

// MariaDB 10.11.19 crashes on some statements with WITH in WITH RECURSIVE; they would stop all tenants.
void check_recursion(reading& r) {
    auto [clauses, recursive] = r.count_with_clauses();
    if (recursive && clauses > 1) r.fail("WITH RECURSIVE beside another WITH");
}

// A net under the parser: behind these words stands a table, and the tree has to know of it.
void check_words(reading& r) {
    std::vector<bool> known(r.tokens().size(), false);
    for (const parse::table_reference& reference : r.tree().tables) {
        if (reference.name != no_token) known[reference.name] = true;
        if (reference.qualifier != no_token) known[reference.qualifier] = true;
    }
    constexpr std::string_view openers[] = {"join", "straight_join", "into", "table"};
    for (token_index i = 0; i + 1 < r.tokens().size(); ++i) {
        if (r.tokens()[i].kind != token_kind::word) continue;
        bool opens = std::any_of(std::begin(openers), std::end(openers),
                                 [&](std::string_view word) { return same_ascii(r.text(i), word); });
        bool behind_dot = i > 0 && r.text(i - 1) == ".";
        token_kind next = r.tokens()[i + 1].kind;
        bool names = next == token_kind::word || next == token_kind::quoted_identifier;
        if (!opens || behind_dot || !names || known[i + 1]) continue;
        std::string name = r.name(i + 1);
        for (const Relation& relation : r.scope.catalogue->relations()) {
            if (might_be(relation.name, name)) r.fail("table " + name + " was not seen");
        }
    }
}

void check_all(reading& r) {
    for (const parse::statement& statement : r.tree().statements) {
        if (!r.failed()) check_statement(r, statement);
    }
    for (node_id id = 0; id < r.tree().nodes.size() && !r.failed(); ++id) {
        if (r.at(id).kind == node_kind::table) check_reference(r, id);
    }
    if (!r.failed()) check_blocks(r);
    if (!r.failed()) check_recursion(r);
    if (!r.failed()) check_words(r);
}

// As any other text, and nothing but a statement that reads or writes rows.
void check_prepared(reading& r, const std::string& text) {
    reading inside(r.scope, r.speaker, text);
    if (!inside.failed()) {
        bool rows =
            inside.tree().statements.size() == 1 && reads_and_writes_rows(inside.tree().statements[0].kind);
        if (!rows) inside.fail("no single statement about rows");
    }
    if (!inside.failed()) check_all(inside);
    if (inside.failed()) r.fail("in the text that is prepared: " + inside.problem());
}

}  // namespace

std::optional<std::string> verify(const GuardScope& scope, const Speaker& speaker,
                                  std::string_view rewritten) {
    if (scope.model != config::Model::pool) return std::nullopt;
    if (scope.catalogue == nullptr) return "the tables are not known";
    if (scope.tenant_column.empty() || speaker.tenant.empty()) return "there is no tenant";
    reading r(scope, speaker, rewritten);
    if (!r.failed()) check_all(r);
    return r.failed() ? std::optional(r.problem()) : std::nullopt;
}

}  // namespace fairlead::policy::mysql
