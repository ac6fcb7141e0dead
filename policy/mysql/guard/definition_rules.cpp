#include "policy/mysql/guard/definition_rules.h"

#include "policy/mysql/guard/function_list.h"
#include "policy/mysql/guard/names.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::statement;
using parse::statement_kind;

template <std::size_t count>
bool is_one_of(std::string_view word, const std::array<std::string_view, count>& list) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

std::string word_at(const analysis& a, token_index token, token_index end) {
    bool word = token < end && a.tokens[token].kind == token_kind::word;
    return word ? lower_case(a.text(token)) : std::string();
}

rule rule_of(const std::string& verb, const std::string& object) {
    constexpr std::array<std::string_view, 5> definition = {"create", "alter", "drop", "rename", "comment"};
    constexpr std::array<std::string_view, 5> maintenance = {"analyze", "optimize", "check", "repair",
                                                             "checksum"};
    constexpr std::array<std::string_view, 11> compound = {
        "begin", "if", "case", "loop", "while", "repeat", "for", "declare", "return", "signal", "resignal"};
    if (is_one_of(verb, definition)) {
        bool account = object == "user" || object == "role" || object == "server";
        return account ? rule::privileges : rule::ddl;
    }
    if (verb == "truncate") return rule::truncate;
    if (verb == "grant" || verb == "revoke") return rule::privileges;
    if (is_one_of(verb, maintenance)) return rule::maintenance;
    if (is_one_of(verb, compound)) return rule::compound_statement;
    return rule::server_control;
}

/// Words that lead out of the database, into the server's files, or to code that runs with its definer's
/// rights.
bool leads_out(const std::string& word) {
    constexpr std::array<std::string_view, 21> words = {
        "connection", "wrapper", "directory", "tablespace", "server",   "outfile", "dumpfile",
        "infile",     "logfile", "definer",   "procedure",  "function", "trigger", "event",
        "view",       "package", "database",  "schema",     "sequence", "prepare", "execute"};
    return is_one_of(word, words);
}

/// The statement defines or maintains tables, by its first words.
bool is_of_tables(const std::string& verb, const std::string& object) {
    constexpr std::array<std::string_view, 8> objects = {"table",    "tables",  "index",     "unique",
                                                         "fulltext", "spatial", "temporary", "ignore"};
    constexpr std::array<std::string_view, 9> verbs = {"create",  "alter",    "drop",  "rename",  "truncate",
                                                       "analyze", "optimize", "check", "checksum"};
    return is_one_of(verb, verbs) && (is_one_of(object, objects) || verb == "truncate");
}

/// Engines that keep their rows in the database's own files, and ask no other server for them.
bool is_own_engine(const analysis& a, token_index token, token_index end) {
    constexpr std::array<std::string_view, 6> engines = {"innodb", "myisam", "aria",
                                                         "memory", "heap",   "archive"};
    if (token < end && a.text(token) == "=") ++token;
    if (token >= end) return false;
    std::string name = lower_case(a.text(token));
    if (a.tokens[token].kind == token_kind::string) name = name.substr(1, name.size() - 2);
    if (a.tokens[token].kind == token_kind::quoted_identifier) name = lower_case(a.name(token));
    return is_one_of(name, engines);
}

/// `a.b` where a database's name may stand: it must be the own one. Column names of CREATE TABLE ... SELECT
/// look the same, and are refused with them.
void check_token(analysis& a, token_index token, token_index end) {
    const auto kind = a.tokens[token].kind;
    bool name = kind == token_kind::word || kind == token_kind::quoted_identifier;
    if (a.text(token) == "." && (token == 0 || a.text(token - 1) == "."))
        return a.refuse(rule::unknown_syntax, "a name that begins with a dot", token);
    if (!name) {
        bool variable = kind == token_kind::system_variable || kind == token_kind::user_variable;
        if (variable) a.refuse(rule::unknown_syntax, "a variable in a definition", token);
        return;
    }
    std::string word = lower_case(a.name(token));
    bool qualifier = token + 1 < end && a.text(token + 1) == ".";
    bool behind_dot = a.text(token - 1) == ".";
    if (qualifier && behind_dot) return a.refuse(rule::unknown_syntax, "a name of three parts", token);
    if (qualifier) return void(a.own_qualifier(token));
    bool keyword = kind == token_kind::word && !behind_dot;
    if (keyword && word == "engine" && !is_own_engine(a, token + 1, end))
        return a.refuse(rule::ddl, "a table of this engine is refused for " + std::string(a.whom()), token);
    // Queries in definitions are not read, so not whether it stands beside another WITH (check_recursion).
    if (keyword && word == "recursive")
        return a.refuse(rule::with_recursive, "WITH RECURSIVE in a definition", token);
    if (keyword && leads_out(word))
        return a.refuse(rule::ddl, "a definition with " + word + " is refused for " + std::string(a.whom()),
                        token);
    const built_in_function* function = find_built_in(word);
    bool call = token + 1 < end && a.text(token + 1) == "(" && function != nullptr;
    if (call && function->family != function_family::allowed)
        a.refuse(rule::unknown_function, "function " + word + " in a definition", token);
}

void check_bridge(analysis& a, const statement& s) {
    const node& all = a.at(s.at);
    std::string verb = word_at(a, s.verb, all.end);
    std::string object = word_at(a, s.verb + 1, all.end);
    if (object == "or") object = word_at(a, s.verb + 3, all.end);  // CREATE OR REPLACE USER
    if (!is_of_tables(verb, object))
        return a.refuse(rule_of(verb, object),
                        lower_case(a.text(s.verb)) + " is refused for " + std::string(a.whom()), s.verb);
    for (token_index i = s.verb + 1; i < all.end && !a.refused(); ++i) check_token(a, i, all.end);
}

}  // namespace

void check_definition(analysis& a, const statement& s) {
    a.touches_data = true;
    a.examine_all(a.at(s.at).first, a.at(s.at).end);
    bool temporary =
        s.kind == statement_kind::create_temporary_table || s.kind == statement_kind::drop_temporary_table;
    std::string verb = word_at(a, s.verb, a.at(s.at).end);
    if (a.pool()) {
        rule why = temporary ? rule::temporary_table : rule_of(verb, word_at(a, s.verb + 1, a.at(s.at).end));
        return a.refuse(why,
                        (temporary ? "a temporary table" : verb) + " is refused for " + std::string(a.whom()),
                        s.verb);
    }
    if (a.bridge()) check_bridge(a, s);
    if (s.kind == statement_kind::create_temporary_table) a.pin(Pin::temporary_object);
    if (s.kind == statement_kind::drop_temporary_table) a.end_one_pin(Pin::temporary_object);
    if (a.silo()) {
        a.verdict.may_change_mode = true;
        if (verb == "flush") a.pin(Pin::table_lock);
    }
}

}  // namespace fairlead::policy::mysql::guard
