#include "policy/postgres/guard.h"

#include "policy/postgres/guard/analysis.h"
#include "policy/postgres/guard/effect_rules.h"
#include "policy/postgres/guard/parse.h"
#include "policy/postgres/guard/parse_budget.h"
#include "policy/postgres/guard/statement_rules.h"
#include "policy/postgres/lexer.h"

#include <string>
#include <utility>

namespace fairlead::policy::postgres {

namespace {

using guard::analysis;

/// A text that was not understood: refused, except on a server of the tenant's own, where it passes with a
/// pin.
void not_understood(analysis& a, rule why, std::string message, std::uint32_t position) {
    if (a.where == guard::reach::own_server)
        a.pin(Pin::unparsed);
    else
        a.refuse_at(why, std::move(message), position);
}

/// What the statements of one text have done so far, as far as it concerns the next one.
struct batch {
    bool transaction_ended = false;
    bool settings_reset = false;
};

/// A text that ends a transaction (or resets all settings, which takes the transaction's context along) may
/// go on only with statements that touch no data, like a driver's reset.
void check_order(analysis& a, const batch& before, bool has_effect) {
    if (!a.has_context() || (!before.transaction_ended && !before.settings_reset)) return;
    if (a.touches_data || (has_effect && before.transaction_ended))
        a.refuse(rule::transaction_in_batch,
                 before.transaction_ended ? "a statement after COMMIT or ROLLBACK in the same text is refused"
                                          : "a query after RESET ALL in the same text is refused");
}

void check_text(analysis& a, const PgQuery__ParseResult& tree) {
    batch before;
    a.verdict.needs_context = false;
    a.verdict.multiple_statements = tree.n_stmts > 1;
    for (std::size_t i = 0; i < tree.n_stmts && !a.refused(); ++i) {
        const PgQuery__RawStmt& raw = *tree.stmts[i];
        const guard::tree_node* statement = guard::unwrap(raw.stmt);
        if (statement == nullptr) continue;
        TransactionEffect so_far = std::exchange(a.verdict.transaction, TransactionEffect::none);
        a.touches_data = false;
        bool needs_context = check_statement(a, *statement, static_cast<std::uint32_t>(raw.stmt_location));
        a.verdict.needs_context |= needs_context;
        TransactionEffect effect = a.verdict.transaction;
        check_order(a, before, effect != TransactionEffect::none);
        bool undone = effect == TransactionEffect::rollback || effect == TransactionEffect::rollback_to;
        if (undone) a.verdict.ends = {};
        if (effect == TransactionEffect::none) a.verdict.transaction = so_far;
        before.transaction_ended |=
            effect == TransactionEffect::commit || effect == TransactionEffect::rollback;
        before.settings_reset |=
            !a.verdict.settings.empty() && a.verdict.settings.back().kind == SettingChange::Kind::reset_all;
    }
    if (a.verdict.command != SessionCommand::none && a.verdict.multiple_statements)
        a.refuse(rule::session_command_in_batch,
                 "a session command together with other statements is refused");
}

void run(analysis& a, const lex_result& lexed) {
    if (!lexed)
        return not_understood(a, rule::syntax_error, std::string(to_string(lexed.error)), lexed.position + 1);
    if (!guard::within_parse_budget(a.sql, a.tokens))
        return not_understood(a, rule::too_complex, "the statement is nested too deeply", 0);
    guard::parsed result = guard::parse(a.sql);
    if (!result.tree)
        return not_understood(a, rule::syntax_error, std::move(result.message), result.position);
    check_text(a, *result.tree);
    a.verdict.writes = !guard::only_reads(*result.tree);
}

}  // namespace

Verdict analyse(const GuardScope& scope, std::string_view own_schema, std::string_view sql,
                std::vector<std::uint32_t>* examined) {
    std::vector<token> tokens;
    lex_result lexed = lex(sql, tokens);
    analysis a(scope, own_schema, sql, tokens);
    run(a, lexed);
    if (examined != nullptr) *examined = a.take_examined();
    return std::move(a.verdict);
}

}  // namespace fairlead::policy::postgres
