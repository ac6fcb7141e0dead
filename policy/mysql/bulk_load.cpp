#include "policy/mysql/bulk_load.h"

#include "policy/bulk_columns.h"
#include "policy/mysql/render.h"

#include <string>
#include <vector>

namespace fairlead::policy::mysql {
namespace {

std::string quoted(std::string_view name) {
    std::string out = "`";
    for (const char c : name) out.append(c == '`' ? 2 : 1, c);
    return out + "`";
}

// Hexadecimal literals mean the same under every sql_mode, unlike '\t' and '\\'.
constexpr std::string_view format =
    " CHARACTER SET utf8mb4 FIELDS TERMINATED BY X'09' ESCAPED BY X'5C' LINES TERMINATED BY X'0A'";

/// What a statement is made of.
struct parts {
    std::string table;
    std::vector<std::string> columns;
    std::string tenant;  // "`tenant_id` = 'acme'"; empty: none
};

// Bytes go through a variable: in the text they would have to be valid characters.
std::string statement_of(const parts& load, const std::vector<bool>& hexadecimal) {
    std::string fields, sets = load.tenant;
    for (std::size_t i = 0; i < load.columns.size(); ++i) {
        const bool hex = i < hexadecimal.size() && hexadecimal[i];
        const std::string variable = "@fairlead_" + std::to_string(i);
        fields += (i == 0 ? "" : ", ") + (hex ? variable : load.columns[i]);
        if (hex) sets += (sets.empty() ? "" : ", ") + load.columns[i] + " = UNHEX(" + variable + ")";
    }
    return "LOAD DATA LOCAL INFILE 'rows' INTO TABLE " + load.table + std::string(format) + " (" + fields +
           ")" + (sets.empty() ? "" : " SET " + sets);
}

}  // namespace

Result<bulk_load> plan_bulk_load(const GuardScope& scope, std::string_view database, std::string_view tenant,
                                 std::string_view table, std::span<const std::string_view> columns) {
    if (table.empty() || table.find('.') != std::string_view::npos)
        return Error{"a bulk load into \"" + std::string(table) + "\"",
                     "Name a table of the tenant's database, without the database."};
    parts load;
    load.table = quoted(table);
    const Relation* relation = nullptr;
    if (scope.model == config::Model::pool) {
        relation = scope.catalogue == nullptr ? nullptr : scope.catalogue->find(database, table);
        if (auto mistake = bulk_table_mistake(relation, table)) return *mistake;
        if (relation->tenant_is_text ? !is_tenant_id(tenant) : !is_tenant_number(tenant))
            return Error{"the tenant's id is no value of the tenant column", ""};
        load.tenant = quoted(scope.tenant_column) + " = " +
                      (relation->tenant_is_text ? "'" + std::string(tenant) + "'" : std::string(tenant));
    }
    if (auto mistake = bulk_columns_mistake(relation, scope.tenant_column, columns)) return *mistake;
    for (const std::string_view name : columns) load.columns.push_back(quoted(name));
    bulk_load made;
    made.statement = [load](const std::vector<bool>& hexadecimal) { return statement_of(load, hexadecimal); };
    return made;
}

}  // namespace fairlead::policy::mysql
