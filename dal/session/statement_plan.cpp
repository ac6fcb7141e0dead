#include "dal/session/statement_plan.h"

#include "policy/postgres/lexer.h"

#include <algorithm>
#include <array>

namespace fairlead::dal {
namespace {

using policy::SessionCommand;
using policy::TransactionEffect;

bool refuse(Diagnostics& failed, std::string_view rule, std::string message, std::string hint) {
    failed.set(errc::refused);
    failed.rule = rule;
    failed.message = std::move(message);
    failed.hint = std::move(hint);
    return false;
}

bool misused(Diagnostics& failed, std::string message, std::uint32_t position = 0) {
    failed.set(errc::usage);
    failed.message = std::move(message);
    failed.position = position;
    return false;
}

bool bind_names(std::span<const Argument> given, statement_plan& plan, Diagnostics& failed) {
    plan.bound.clear();
    std::vector<bool> used(given.size());
    for (const std::string& name : plan.named->names) {
        const auto value = std::find_if(given.begin(), given.end(),
                                        [&](const Argument& each) { return each.name() == name; });
        if (value == given.end()) return misused(failed, "no value for the placeholder :" + name);
        used[static_cast<std::size_t>(value - given.begin())] = true;
        plan.bound.push_back(*value);
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (!used[i])
            return misused(failed, "no placeholder for the value named \"" + std::string(given[i].name()) +
                                       "\", or it is given twice");
    }
    plan.arguments = plan.bound;
    return true;
}

bool take_arguments(statement_guard& guard, const tenant_home& home, const Statement& statement,
                    statement_plan& plan, Diagnostics& failed) {
    plan.sql = statement.sql;
    plan.arguments = statement.arguments;
    plan.named.reset();
    const auto named =
        static_cast<std::size_t>(std::count_if(statement.arguments.begin(), statement.arguments.end(),
                                               [](const Argument& each) { return !each.name().empty(); }));
    if (named == 0) return true;
    if (named != statement.arguments.size())
        return misused(failed, "either all arguments of a call are named or none is");
    statement_guard::named_result text = guard.named(home, statement.sql);
    if (text.text == nullptr) return misused(failed, std::move(text.error), text.position);
    plan.named = std::move(text.text);
    plan.sql = plan.named->sql;
    return bind_names(statement.arguments, plan, failed);
}

// Settings by which our own reading of texts, or the driver's of values, would become wrong.
bool changes_reading(const policy::Verdict& verdict) {
    constexpr std::array<std::string_view, 7> names = {"sql_mode",
                                                       "names",
                                                       "character_set_client",
                                                       "character_set_results",
                                                       "client_encoding",
                                                       "standard_conforming_strings",
                                                       "bytea_output"};
    return std::any_of(
        verdict.settings.begin(), verdict.settings.end(), [&](const policy::SettingChange& change) {
            // Of these DEFAULT, or a variable's value, is what the server has, not the driver.
            const bool anew = change.kind == policy::SettingChange::Kind::set ||
                              change.name.starts_with("character_set_") || change.name == "sql_mode";
            return anew && std::find(names.begin(), names.end(), change.name) != names.end();
        });
}

bool sets(const policy::Verdict& verdict, std::string_view name) {
    return std::any_of(verdict.settings.begin(), verdict.settings.end(),
                       [&](const policy::SettingChange& change) { return change.name == name; });
}

bool is_copy_word(std::string_view word) {
    constexpr std::string_view copy = "copy";
    return word.size() == copy.size() &&
           std::equal(word.begin(), word.end(), copy.begin(), [](char a, char b) { return (a | 0x20) == b; });
}

// PostgreSQL's COPY speaks a protocol of its own, which would end the connection of a statement. Texts that
// begin with a letter, nearly all, are not lexed for this.
bool is_copy(std::string_view sql) {
    const std::size_t begin = sql.find_first_not_of(" \t\r\n\f\v");
    if (begin == std::string_view::npos) return false;
    if ((sql[begin] | 0x20) >= 'a' && (sql[begin] | 0x20) <= 'z')
        return is_copy_word(sql.substr(begin, sql.find_first_of(" \t\r\n\f\v(\"/-", begin) - begin));
    std::vector<policy::postgres::token> tokens;
    if (!policy::postgres::lex(sql, tokens)) return false;
    const auto first = std::find_if(tokens.begin(), tokens.end(), [&](const policy::postgres::token& each) {
        return each.text_in(sql) != ";";
    });
    return first != tokens.end() && is_copy_word(first->text_in(sql));
}

// What the guard lets pass for a client of the proxy, which does something about it, and a library cannot.
bool refuse_effects(const policy::Verdict& verdict, Diagnostics& failed) {
    if (verdict.multiple_statements)
        return refuse(failed, "several-statements", "the text holds more than one statement",
                      "Call once for each, or use a Batch.");
    if (verdict.transaction != TransactionEffect::none)
        return refuse(
            failed, "transaction-text", "the text begins, changes or ends a transaction",
            "Use transaction(), begin() with TransactionOptions, commit(), rollback() and savepoint().");
    if (verdict.command != SessionCommand::none)
        return refuse(failed, "session-command",
                      "the text is the session command " + std::string(to_string(verdict.command)),
                      "Statements are prepared by themselves, connections are cleaned by themselves, and a "
                      "tenant is chosen by DataSource::tenant().");
    // On a server of the tenant's own these are no commands.
    if (verdict.pins.has(policy::Pin::text_prepare) || verdict.ends.has(policy::Pin::text_prepare))
        return refuse(failed, "session-command", "the text prepares a statement by a name or drops it",
                      "Statements are prepared by themselves.");
    if (verdict.local_infile)
        return refuse(failed, "load-data", "LOAD DATA LOCAL reads a file of this process",
                      "Use bulk_load().");
    if (verdict.reads_previous != policy::Previous::none)
        return refuse(failed, "previous-statement",
                      "the statement asks about the one before it, which may have been another tenant's",
                      "Use insert_id() and affected() of its ResultSet.");
    if (sets(verdict, "autocommit"))
        return refuse(failed, "transaction-text", "the statement changes when statements commit",
                      "Outside of transactions each commits by itself; use transaction() or begin().");
    if (changes_reading(verdict))
        return refuse(failed, "session-setting",
                      "the statement changes how texts or values are read on its connection",
                      "The library needs these settings as they are.");
    return true;
}

bool leaves_state(const tenant_home& home, const policy::Verdict& verdict) {
    const bool changes = std::any_of(verdict.settings.begin(), verdict.settings.end(),
                                     [](const policy::SettingChange& change) { return !change.local; });
    const bool hidden =
        home.engine() == config::Engine::mysql && home.placement->served.mysql.hidden_code.may_run(verdict);
    return changes || !verdict.pins.empty() || verdict.may_change_mode || hidden;
}

}  // namespace

bool make_plan(statement_guard& guard, const tenant_home& home, const Statement& statement,
               statement_plan& plan, Diagnostics& failed) {
    if (!take_arguments(guard, home, statement, plan, failed)) return false;
    plan.judged = guard.judge(home, plan.sql);
    const policy::Verdict& verdict = plan.verdict();
    if (verdict.refused) {
        const policy::Refusal& refusal = verdict.refusal;
        failed.position = refusal.position;
        return refuse(failed, refusal.rule, refusal.message, refusal.hint);
    }
    if (!refuse_effects(verdict, failed)) return false;
    if (home.engine() == config::Engine::postgres && is_copy(plan.sql))
        return refuse(failed, "copy", "COPY is no statement for a call",
                      "Use bulk_load() to write rows and stream() to read them.");
    plan.leaves_state = leaves_state(home, verdict);
    if (!plan.judged->rewritten.empty()) plan.sql = plan.judged->rewritten;
    return true;
}

StatementJob make_job(const statement_plan& plan, const tenant_home& home, bool keep_prepared) {
    StatementJob job;
    job.sql = plan.sql;
    job.arguments = plan.arguments;
    job.plan_scope = home.plan_scope();
    job.known_hash = plan.judged->sent_hash;
    job.only_reads = !plan.verdict().writes;
    job.prepare = keep_prepared;
    return job;
}

}  // namespace fairlead::dal
