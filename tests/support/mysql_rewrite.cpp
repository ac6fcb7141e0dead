// The guard alone, for tests that run what it lets pass on a real server: reads one JSON object a line from
// standard input and answers each with one line. {"placement": {...}} sets what the following statements are
// judged by; {"sql": "..."} is answered with the verdict as `fairlead explain --json` prints it, and what the
// session would act on.
#include "policy/explain.h"
#include "policy/mysql/guard.h"
#include "policy/mysql/lexer.h"
#include "policy/mysql/render.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace {

using fairlead::policy::Catalogue;
using fairlead::policy::Relation;
using fairlead::policy::RelationKind;
using fairlead::policy::Verdict;
namespace mysql = fairlead::policy::mysql;
using nlohmann::json;

struct placement {
    mysql::GuardScope scope;
    std::string tenant;
    std::string database;
    std::string exposed;
};

Relation relation_of(const json& from, const std::string& database) {
    Relation made;
    made.schema = database;
    made.name = from.at("name");
    made.columns = from.at("columns");
    made.kind = from.value("view", false) ? RelationKind::view : RelationKind::table;
    made.has_tenant_column = from.value("tenant", false);
    made.global = from.value("global", false);
    made.unique_keys_without_tenant = from.value("keys", std::vector<std::string>{});
    made.tenant_is_text = from.value("text", true);
    made.tenant_compares_exactly = from.value("exact", true);
    made.hidden_columns = from.value("hidden", std::vector<std::string>{});
    return made;
}

placement placement_of(const json& from) {
    placement made;
    std::string model = from.value("model", "pool");
    using fairlead::config::Model;
    made.scope.model = model == "pool" ? Model::pool : model == "bridge" ? Model::bridge : Model::silo;
    made.tenant = from.at("tenant");
    made.database = from.at("database");
    made.exposed = from.value("exposed", made.database);
    made.scope.tenant_column = from.value("tenant_column", "");
    made.scope.allowed_functions = from.value("allowed_functions", std::vector<std::string>{});
    std::vector<Relation> relations;
    for (const json& one : from.value("tables", json::array()))
        relations.push_back(relation_of(one, made.database));
    made.scope.catalogue =
        std::make_shared<Catalogue>(std::move(relations), std::vector<std::string>{made.database}, 1);
    return made;
}

json answer(const placement& where, const json& question) {
    const std::string sql = question.at("sql");
    mysql::Speaker speaker{where.tenant, where.database, where.exposed, {}, true, false};
    speaker.prepared = question.value("prepared", false);
    speaker.multi_statements = question.value("multi_statements", true);
    speaker.mode.ansi_quotes = question.value("ansi_quotes", false);
    speaker.mode.no_backslash_escapes = question.value("no_backslash_escapes", false);
    Verdict verdict = mysql::analyse(where.scope, speaker, sql, nullptr);
    std::string sent = sql;
    if (!verdict.refused && !verdict.splices.empty()) {
        std::vector<mysql::token> tokens;
        mysql::lex(sql, speaker.mode, tokens);
        sent.clear();
        if (!mysql::render(sql, tokens, verdict.splices, {where.tenant, where.database, 0}, sent))
            return {{"verdict", "not rendered"}, {"rule", nullptr}, {"message", "cannot be rendered"}};
    }
    json out = fairlead::policy::explain_json({verdict, sent});
    out["changed"] = !verdict.splices.empty();
    return out;
}

}  // namespace

int main() {
    placement where;
    for (std::string line; std::getline(std::cin, line);) {
        json question = json::parse(line);
        json out = json::object();
        if (question.contains("placement"))
            where = placement_of(question["placement"]);
        else
            out = answer(where, question);
        std::cout << out.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    }
}
