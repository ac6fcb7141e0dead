#include "policy/mysql/guard/function_rules.h"

#include "policy/mysql/guard/exposed_name.h"
#include "policy/mysql/guard/function_list.h"
#include "policy/mysql/guard/names.h"

#include <algorithm>
#include <string>

namespace fairlead::policy::mysql::guard {

namespace {

/// Named in allowed_functions: by itself, or with the database as clients or the server know it.
bool is_allowed(const analysis& a, const std::string& function) {
    const auto& list = a.scope.allowed_functions;
    return std::any_of(list.begin(), list.end(), [&](const std::string& entry) {
        std::string allowed = lower_case(entry);
        return allowed == function || allowed == lower_case(a.speaker.exposed) + "." + function ||
               allowed == lower_case(a.speaker.database) + "." + function;
    });
}

void check_stored(analysis& a, const node& call, const std::string& name, bool looks_built_in) {
    if (call.detail > 1) return a.refuse(rule::unknown_syntax, "a function of a package", call.first);
    if (call.detail == 1 && !a.own_qualifier(call.first)) return;
    a.touches_data = a.verdict.writes = a.verdict.inserts = true;
    // It may assign user variables unseen, too: the connection is reset before another client gets it.
    a.verdict.may_change_mode = true;
    if (a.pool()) {
        if (is_allowed(a, name)) return;
        rule why = call.detail == 1 || looks_built_in ? rule::stored_function : rule::unknown_function;
        return a.refuse(why, "function " + name + " is refused for " + std::string(a.whom()), call.name);
    }
    a.pin(Pin::user_variable);  // as CALL
}

/// Functions whose answer depends on what the connection did before.
bool note_previous(analysis& a, function_family family) {
    Previous asked = Previous::none;
    if (family == function_family::last_insert_id) asked = Previous::last_insert_id;
    if (family == function_family::row_count) asked = Previous::row_count;
    if (family == function_family::found_rows) asked = Previous::found_rows;
    a.verdict.reads_previous = a.verdict.reads_previous | asked;
    return asked != Previous::none;
}

rule rule_of(function_family family) {
    switch (family) {
        case function_family::sleep:
            return rule::sleep;
        case function_family::server_file:
            return rule::server_file;
        case function_family::replication:
            return rule::replication;
        case function_family::advisory_lock:
        case function_family::advisory_unlock_all:
            return rule::advisory_lock;
        default:
            return rule::unknown_function;
    }
}

/// All tenants of the server share one space of lock names: each gets a part of its own. HEX keeps databases
/// apart whatever the name holds; SHA2 has 64 digits, as long as a lock's name may be. MySQL compares names
/// without case, MariaDB does not (measured). Names may be computed; of NULL it remains NULL.
void confine_lock(analysis& a, const node& call) {
    if (call.first_child == no_node)
        return a.refuse(rule::unknown_syntax, "a lock without a name", call.name);
    const node& name = a.at(call.first_child);
    const std::string folded = a.speaker.mode.server == flavour::mysql ? "LOWER(" : "(";
    a.edits.around(name.first, name.end, "SHA2(CONCAT(HEX(DATABASE()), '/', " + folded + "CONVERT((",
                   ") USING utf8mb4))), 256)");
}

/// What a tenant's own server says of itself stays as it is, and is compared with DATABASE().
bool reads_own_dictionary(const analysis& a) {
    return a.silo() &&
           std::any_of(a.tree.tables.begin(), a.tree.tables.end(), [&](const parse::table_reference& table) {
               return table.qualifier != no_token &&
                      lower_case(a.name(table.qualifier)) == "information_schema";
           });
}

/// SELECT f() or DO f() and nothing else: it is certain to be called, and not in front of another call.
bool is_whole_statement(const analysis& a, const node& call) {
    token_index first = call.first;
    if (first == 0 || !(a.is_word(first - 1, "select") || a.is_word(first - 1, "do"))) return false;
    if (first > 1 && a.text(first - 2) != ";") return false;
    return call.end == a.tokens.size() || a.text(call.end) == ";";
}

void check_built_in(analysis& a, const node& call, const built_in_function& function) {
    if (function.family == function_family::allowed || note_previous(a, function.family)) return;
    bool reaches_server =
        function.family == function_family::server_file || function.family == function_family::replication;
    if (a.pool() || (a.bridge() && reaches_server))
        return a.refuse(rule_of(function.family),
                        "function " + std::string(function.name) + " is refused for " + std::string(a.whom()),
                        call.name);
    if (function.family == function_family::advisory_lock) a.pin(Pin::advisory_lock);
    if (a.bridge() && function.family == function_family::advisory_lock) confine_lock(a, call);
    if (function.family == function_family::advisory_unlock_all && is_whole_statement(a, call))
        a.end_pins(Pin::advisory_lock);
}

}  // namespace

void check_function(analysis& a, const node& call) {
    std::string name = lower_case(a.name(call.name));
    const built_in_function* function = call.detail == 0 ? find_built_in(name) : nullptr;
    if (function == nullptr) return check_stored(a, call, name, false);
    bool quoted_name = a.tokens[call.name].kind == token_kind::quoted_identifier;
    bool apart = call.has(parse::space_before_arguments) && !a.speaker.mode.ignore_space;
    // Under IGNORE_SPACE a comment in between still makes another name of it.
    bool comment = call.name + 1 < a.tokens.size() && a.tokens[call.name + 1].comment_before;
    if (function->immediate && (quoted_name || apart || comment)) return check_stored(a, call, name, true);
    // The id that the client was told, and can KILL by, is not that of the server connection.
    if (function->name == "connection_id")
        return a.edits.replace(call.first, call.end, std::string(1, connection_mark));
    bool database = function->name == "database" || function->name == "schema";
    if (database && has_another_name(a) && !reads_own_dictionary(a))
        return a.edits.replace(call.first, call.end, exposed_name(a));
    check_built_in(a, call, *function);
}

}  // namespace fairlead::policy::mysql::guard
