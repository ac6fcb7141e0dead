#include "dal/session/call_rules.h"

#include "policy/mysql/guard/names.h"
#include "policy/mysql/lexer.h"
#include "policy/postgres/lexer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::dal {
namespace {

using policy::mysql::guard::same_word;

using policy::SessionCommand;
using policy::TransactionEffect;

bool refuse(Diagnostics& failed, std::string_view rule, std::string message, std::string hint) {
    failed.set(errc::refused);
    failed.rule = rule;
    failed.message = std::move(message);
    failed.hint = std::move(hint);
    return false;
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

// A SET that the guard lets pass on a server of the tenant's own without knowing what it sets to: SET NAMES
// gbk, SET autocommit = (SELECT 0).
bool may_set_ours(const policy::Verdict& verdict, std::string_view sql) {
    constexpr std::array<std::string_view, 7> ours = {"names",
                                                      "charset",
                                                      "character",
                                                      "autocommit",
                                                      "sql_mode",
                                                      "character_set_client",
                                                      "character_set_results"};
    if (!verdict.pins.has(policy::Pin::setting)) return false;
    std::vector<policy::mysql::token> tokens;
    if (!policy::mysql::lex(sql, {}, tokens) || tokens.empty()) return true;
    return same_word(tokens.front().text_in(sql), "set") &&
           std::any_of(tokens.begin(), tokens.end(), [&](const policy::mysql::token& each) {
               std::string_view word = each.text_in(sql);
               if (each.kind == policy::mysql::token_kind::quoted_identifier)
                   word = word.substr(1, word.size() - 2);
               return std::any_of(ours.begin(), ours.end(),
                                  [&](std::string_view name) { return same_word(word, name); });
           });
}

// PostgreSQL's COPY speaks a protocol of its own, which would end the connection of a statement. Texts that
// begin with a letter, nearly all, are not lexed for this.
bool is_copy(std::string_view sql) {
    const std::size_t begin = sql.find_first_not_of(" \t\r\n\f\v");
    if (begin == std::string_view::npos) return false;
    if ((sql[begin] | 0x20) >= 'a' && (sql[begin] | 0x20) <= 'z')
        return same_word(sql.substr(begin, sql.find_first_of(" \t\r\n\f\v(\"/-", begin) - begin), "copy");
    std::vector<policy::postgres::token> tokens;
    if (!policy::postgres::lex(sql, tokens)) return false;
    const auto first = std::find_if(tokens.begin(), tokens.end(), [&](const policy::postgres::token& each) {
        return each.text_in(sql) != ";";
    });
    return first != tokens.end() && same_word(first->text_in(sql), "copy");
}

bool has_no_refused_effect(config::Engine engine, std::string_view sql, const policy::Verdict& verdict,
                           Diagnostics& failed) {
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
    if (verdict.pins.has(policy::Pin::listen))
        return refuse(failed, "notification", "LISTEN has nobody here to be told",
                      "Listen on a connection of your own.");
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
    if (changes_reading(verdict) || (engine == config::Engine::mysql && may_set_ours(verdict, sql)))
        return refuse(failed, "session-setting",
                      "the statement changes how texts or values are read on its connection",
                      "The library needs these settings as they are.");
    return true;
}

}  // namespace

bool may_be_called(config::Engine engine, std::string_view sql, const policy::Verdict& verdict,
                   Diagnostics& failed) {
    if (verdict.refused) {
        const policy::Refusal& refusal = verdict.refusal;
        failed.position = refusal.position;
        return refuse(failed, refusal.rule, refusal.message, refusal.hint);
    }
    if (!has_no_refused_effect(engine, sql, verdict, failed)) return false;
    if (engine == config::Engine::postgres && is_copy(sql))
        return refuse(failed, "copy", "COPY is no statement for a call",
                      "Use bulk_load() to write rows and stream() to read them.");
    return true;
}

bool leaves_state(const policy::Verdict& verdict) {
    const bool changes = std::any_of(verdict.settings.begin(), verdict.settings.end(),
                                     [](const policy::SettingChange& change) { return !change.local; });
    return changes || !verdict.pins.empty() || verdict.may_change_mode;
}

}  // namespace fairlead::dal
