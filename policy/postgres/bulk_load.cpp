#include "policy/postgres/bulk_load.h"

#include "policy/bulk_columns.h"
#include "policy/postgres/quote.h"

#include <string>

namespace fairlead::policy::postgres {
namespace {

std::string column_list(std::span<const std::string_view> columns) {
    std::string list = " (";
    for (const std::string_view name : columns) {
        if (list.size() > 2) list += ", ";
        list += quote_identifier(name);
    }
    return list + ")";
}

bulk_load copy_into(const std::string& target, std::span<const std::string_view> columns) {
    bulk_load load;
    load.statement = [text = "COPY " + target + column_list(columns) +
                             " FROM STDIN"](const std::vector<bool>&) { return text; };
    return load;
}

}  // namespace

Result<bulk_load> plan_bulk_load(const GuardScope& scope, std::string_view own_schema, std::string_view table,
                                 std::span<const std::string_view> columns) {
    const std::size_t dot = table.find('.');
    const bool qualified = dot != std::string_view::npos;
    const std::string_view schema = qualified ? table.substr(0, dot) : std::string_view();
    const std::string_view name = qualified ? table.substr(dot + 1) : table;
    if (name.empty()) return Error{"a bulk load without a table", ""};
    const std::string target = qualified ? quote_qualified(schema, name) : quote_identifier(name);
    if (scope.model == config::Model::pool) {
        const Relation* relation = scope.catalogue == nullptr ? nullptr : scope.catalogue->find(schema, name);
        if (auto mistake = bulk_table_mistake(relation, table)) return *mistake;
        if (!relation->isolated)
            return Error{"table \"" + std::string(table) + "\" is not isolated", "Give it its row policy."};
        if (auto mistake = bulk_columns_mistake(relation, scope.tenant_column, columns)) return *mistake;
        bulk_load load;
        load.how = bulk_load::way::inserts;
        load.head = "INSERT INTO " + target + column_list(columns) + " VALUES ";
        return load;
    }
    if (auto mistake = bulk_columns_mistake(nullptr, {}, columns)) return *mistake;
    if (!scope.bridge_by_schema) return copy_into(target, columns);
    if (qualified && schema != own_schema)
        return Error{"schema \"" + std::string(schema) + "\" is not the tenant's", "Name the table alone."};
    return copy_into(quote_qualified(own_schema, name), columns);
}

}  // namespace fairlead::policy::postgres
