#include "policy/mysql/guard.h"

#include "policy/mysql/guard/analysis.h"
#include "policy/mysql/guard/effect_rules.h"
#include "policy/mysql/guard/statement_rules.h"
#include "policy/mysql/guard/with_rules.h"
#include "policy/mysql/parse/parser.h"
#include "policy/mysql/render.h"
#include "policy/mysql/verifier.h"

#include <algorithm>
#include <string>
#include <utility>

namespace fairlead::policy::mysql {

namespace {

using guard::analysis;
using parse::parse_error;

/// A text that was not understood: refused, except on a server of the tenant's own, where it passes with a
/// pin.
void not_understood(analysis& a, rule why, std::string message, std::uint32_t byte) {
    if (!a.silo()) return a.refuse_at_byte(why, std::move(message), byte);
    a.pin(Pin::unparsed);
    a.verdict.may_change_mode = true;
}

void not_parsed(analysis& a, const parse::parse_result& result) {
    std::string message(parse::to_string(result.error));
    if (!result.expected.empty()) message += ": expected " + std::string(result.expected);
    bool inside = result.token < a.tokens.size();
    std::uint32_t byte = inside ? a.tokens[result.token].begin : static_cast<std::uint32_t>(a.sql.size());
    switch (result.error) {
        case parse_error::too_deep:
        case parse_error::too_many_nodes:
        case parse_error::too_many_tokens:
            return not_understood(a, rule::too_complex, std::move(message), byte);
        case parse_error::not_supported:
            message = "not read by the guard: " + std::string(result.expected);
            return not_understood(a, rule::unknown_syntax, std::move(message), byte);
        default:
            return not_understood(a, rule::syntax_error, std::move(message), byte);
    }
}

void check_number(analysis& a) {
    const parse::node& text = a.at(0);
    bool several = text.first_child != text.last_child;
    a.verdict.multiple_statements = several;
    if (!several || (a.speaker.multi_statements && !a.speaker.prepared)) return;
    a.refuse(rule::several_statements, "several statements in one text", a.at(text.last_child).first);
}

/// Whatever rules read the statement: a table that none of them resolved would be reached unconfined.
void check_every_table(analysis& a) {
    if (a.silo()) return;
    for (std::size_t i = 0; i < a.tree.tables.size() && !a.refused(); ++i) {
        const parse::table_reference& table = a.tree.tables[i];
        if (table.name != parse::no_token && a.tables[i].kind == guard::table_class::none)
            a.refuse(rule::unknown_syntax, "a table in a place that is not read", table.name);
    }
}

void check_text(analysis& a) {
    a.verdict.needs_context = false;
    check_number(a);
    guard::note_effect(a);
    guard::check_recursion(a);
    bool only = !a.verdict.multiple_statements;
    for (parse::node_id id = a.at(0).first_child; id != parse::no_node && !a.refused();
         id = a.at(id).next_sibling) {
        TransactionEffect so_far = std::exchange(a.verdict.transaction, TransactionEffect::none);
        check_statement(a, id, only);
        if (a.verdict.transaction == TransactionEffect::none) a.verdict.transaction = so_far;
    }
    if (!a.refused()) check_every_table(a);
    a.verdict.needs_context = a.touches_data;
    // What a routine does to sql_mode holds for the statements behind it, which were read already.
    if (!a.silo() && !only && a.verdict.may_change_mode)
        a.refuse(rule::setting_in_batch, "a statement that may change sql_mode among other statements");
}

/// Inside an executable comment text can be put in, behind a blank, but nothing can be taken out: what a
/// digit or a mark at its begin would mean is not certain.
void check_comments(analysis& a) {
    for (Splice& splice : a.verdict.splices) {
        auto touched = splice.first == a.tokens.size() ? splice.first - 1 : splice.first;
        bool inside = false;
        for (std::uint32_t i = touched; i < a.tokens.size() && i <= std::max(splice.last, touched + 1) - 1;
             ++i)
            inside |= a.tokens[i].in_comment;
        if (!inside) continue;
        if (splice.first != splice.last)
            return a.refuse(rule::unknown_syntax, "a part of an executable comment would have to be replaced",
                            splice.first);
        if (splice.text.front() != ' ') splice.text.insert(0, 1, ' ');
    }
}

/// Invariant I5: what would be sent is read again and checked by code that shares nothing with the rules.
void prove(analysis& a) {
    if (!a.pool() && a.verdict.splices.empty()) return;
    std::string sent;
    render_values values{a.speaker.tenant, a.speaker.database, 0};
    if (!render(a.sql, a.tokens, a.verdict.splices, values, sent))
        return a.refuse(rule::not_verified, "the statement cannot be put together safely");
    if (auto problem = verify(a.scope, a.speaker, sent)) a.refuse(rule::not_verified, std::move(*problem));
}

void run(analysis& a, const lex_result& lexed, const parse::parse_result& parsed) {
    if (!lexed)
        return not_understood(a, rule::syntax_error, std::string(to_string(lexed.error)), lexed.position);
    if (!parsed) return not_parsed(a, parsed);
    check_text(a);
    if (a.refused()) return;
    a.verdict.splices = a.edits.take();
    check_comments(a);
    if (!a.refused()) prove(a);
}

/// Nothing of a refused statement happens, so nothing of it is remembered.
Verdict refused_only(Verdict&& from) {
    Verdict out;
    out.refused = true;
    out.refusal = std::move(from.refusal);
    out.depends_on_tenant = from.depends_on_tenant;
    return out;
}

}  // namespace

Verdict analyse(const GuardScope& scope, const Speaker& speaker, std::string_view sql,
                std::vector<std::uint32_t>* examined) {
    std::vector<token> tokens;
    parse::parser parser;
    parse::tree tree;
    lex_result lexed = lex(sql, speaker.mode, tokens);
    parse::parse_result parsed;
    if (lexed) parsed = parser.parse(sql, speaker.mode, tokens, tree);
    analysis a(scope, speaker, sql, tokens, tree);
    run(a, lexed, parsed);
    if (examined != nullptr) *examined = a.take_examined();
    return a.refused() ? refused_only(std::move(a.verdict)) : std::move(a.verdict);
}

}  // namespace fairlead::policy::mysql
