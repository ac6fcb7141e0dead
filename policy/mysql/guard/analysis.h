#pragma once

#include "policy/mysql/guard.h"
#include "policy/mysql/guard/edit_list.h"
#include "policy/mysql/lexer.h"
#include "policy/mysql/parse/ast.h"
#include "policy/mysql/rules.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql::guard {

using parse::no_node;
using parse::no_token;
using parse::node;
using parse::node_id;
using parse::node_kind;
using parse::token_index;

/// What a table reference turned out to name.
enum class table_class : std::uint8_t {
    none,          // derived tables and JSON_TABLE: nothing is named
    common_table,  // an element of WITH
    tenant,        // shared, with the tenant column: to be filtered
    global,        // shared, named in global_tables
    dictionary,    // information_schema
    own,           // in a database or on a server of the tenant's own
};

struct resolved_table {
    table_class kind = table_class::none;
    const Relation* relation = nullptr;  // tenant, global
    bool derived = false;                // a derived table takes its place
};

/// One analysis under way: what it is about, and the verdict as far as it is known. The first refusal stands.
class analysis {
public:
    analysis(const GuardScope& guard_scope, const Speaker& session, std::string_view sql_text,
             const std::vector<token>& sql_tokens, const parse::tree& syntax);

    const GuardScope& scope;
    const Speaker& speaker;
    const std::string_view sql;
    const std::vector<token>& tokens;
    const parse::tree& tree;
    std::vector<resolved_table> tables;  // by index of tree.tables
    edit_list edits;
    Verdict verdict;
    /// Functions, locks and variables in it touch nothing; tables do.
    bool touches_data = false;

    bool pool() const { return scope.model == config::Model::pool; }
    bool bridge() const { return scope.model == config::Model::bridge; }
    bool silo() const { return scope.model == config::Model::silo; }
    bool refused() const { return verdict.refused; }
    /// "tenants of shared tables", ... for messages.
    std::string_view whom() const;

    /// `at`: the token it is about. `hint`: instead of the rule's remedy.
    void refuse(rule why, std::string message, token_index at = no_token, std::string_view hint = {});
    void refuse_at_byte(rule why, std::string message, std::uint32_t byte);
    void pin(Pin cause);
    /// All causes of this kind have ended.
    void end_pins(Pin kind);
    /// One cause of this kind. In a text of several statements it is not known how many are left.
    void end_one_pin(Pin kind);

    /// The verdict depends on the value of the literal at `token`; no effect on other tokens.
    void examine(token_index token);
    void examine_all(token_index first, token_index end);
    std::vector<std::uint32_t> take_examined();

    std::string_view text(token_index token) const { return tokens[token].text_in(sql); }
    /// The unquoted word at `token` is this one (lower case).
    bool is_word(token_index token, std::string_view lower) const;
    /// The identifier at `token` without its quotes.
    std::string name(token_index token) const;
    const node& at(node_id id) const { return tree.nodes[id]; }

    /// `name` is the tenant's database, by its own or its exposed name.
    bool is_own_database(std::string_view name);
    bool same_table_name(std::string_view a, std::string_view b) const;
    /// The qualifier at `token` names the tenant's database; splices the real name in where it differs.
    /// Otherwise refuses.
    bool own_qualifier(token_index token);

private:
    std::vector<std::uint32_t> examined_;
};

}  // namespace fairlead::policy::mysql::guard
