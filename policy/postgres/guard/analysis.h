#pragma once

#include "policy/postgres/guard.h"
#include "policy/postgres/lexer.h"
#include "policy/postgres/rules.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::postgres::guard {

/// How far a tenant's statements may reach. The values are bits, so that a rule can name several.
enum class reach : std::uint8_t {
    shared_tables = 1,  // model pool
    own_schema = 2,     // bridge by schema
    own_database = 4,   // bridge by database, on an instance shared with others
    own_server = 8,     // silo
};
reach reach_of(const GuardScope& scope);

/// One analysis under way: what it is about, and the verdict as far as it is known. The first refusal stands.
class analysis {
public:
    analysis(const GuardScope& guard_scope, std::string_view schema, std::string_view sql_text,
             const std::vector<token>& sql_tokens);

    const GuardScope& scope;
    const reach where;
    const std::string_view own_schema;  // empty unless reach::own_schema
    const std::string_view sql;
    const std::vector<token>& tokens;
    Verdict verdict;
    /// The current statement reads or writes relations of the tenant, or calls functions that may.
    bool touches_data = false;

    bool in(std::uint8_t reaches) const { return (static_cast<std::uint8_t>(where) & reaches) != 0; }
    bool pool() const { return where == reach::shared_tables; }
    /// A context (the tenant, or its search_path) is set for the transaction and gone with it.
    bool has_context() const { return where == reach::shared_tables || where == reach::own_schema; }
    /// Shared database: only what is on the lists passes. Otherwise only what is known to be harmful is
    /// refused.
    bool strict() const { return in(3); }
    bool refused() const { return verdict.refused; }

    /// `location`: byte offset into the text, negative if unknown. `hint`: instead of the rule's remedy.
    void refuse(rule why, std::string message, int location = -1, std::string_view hint = {});
    void refuse_at(rule why, std::string message, std::uint32_t position);
    void pin(Pin cause);
    /// All causes of this kind end with this statement.
    void end_pins(Pin kind);

    /// Index of the first token at or behind byte `begin`.
    std::size_t first_token(std::uint32_t begin) const;
    /// The unquoted word at `index` is this one (lower case).
    bool is_word(std::size_t index, std::string_view lower) const;
    /// The token at `index`; empty behind the last one.
    std::string_view token_text(std::size_t index) const;

    /// The verdict depends on the value of the literal at `location`.
    void examine(int location);
    std::vector<std::uint32_t> take_examined();

private:
    std::vector<std::uint32_t> examined_;
};

/// "tenants of shared tables", "tenants with a schema of their own", ... for messages.
std::string_view whom(reach where);

}  // namespace fairlead::policy::postgres::guard
