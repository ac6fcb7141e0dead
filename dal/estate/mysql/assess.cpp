#include "dal/estate/mysql/assess.h"

#include "dal/estate/mysql/assess_account.h"
#include "dal/estate/mysql/catalogue.h"
#include "dal/estate/mysql/server_version.h"
#include "policy/mysql/guard/names.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

using policy::RelationKind;
using policy::mysql::guard::quoted;

/// Collects the findings of one placement; one method a subject.
class Assessment {
public:
    Assessment(const Inventory& inventory, const config::Backend& backend, const config::Placement& placement)
        : inventory_(inventory), backend_(backend), placement_(placement) {}

    std::vector<Finding> run(const std::vector<std::string>& databases) {
        assess_version();
        std::vector<Finding> account = assess_account(inventory_, placement_, databases);
        std::move(account.begin(), account.end(), std::back_inserter(findings_));
        if (placement_.model == config::Model::pool) {
            for (const TableFacts& table : inventory_.tables) assess_relation(table);
            assess_routines();
            assess_global_names();
            assess_emptiness();
            assess_sight();
        }
        std::stable_sort(findings_.begin(), findings_.end(),
                         [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
        return std::move(findings_);
    }

private:
    void add(Severity severity, std::string object, std::string problem, std::string remedy) {
        findings_.push_back({severity, std::move(object), std::move(problem), std::move(remedy)});
    }
    std::string shown(const TableFacts& table) const { return inventory_.database + "." + table.name; }
    std::string statement_name(const TableFacts& table) const {
        return quoted(inventory_.database) + "." + quoted(table.name);
    }

    void assess_version() {
        const ServerFacts& server = inventory_.server;
        if (meets_version_floor(server.flavour, server.version, backend_.minimum_server_version)) return;
        add(Severity::error, "backend " + backend_.name,
            "runs " + product_name(server.flavour) + " " + version_text(server.version) +
                "; row filters are " + "measured from " + version_text(version_floor(server.flavour)) + " on",
            "update the server, or accept it by name: minimum_server_version = " +
                std::to_string(server.version));
    }

    void assess_relation(const TableFacts& table) {
        const bool global = is_global(table, inventory_, placement_);
        if (table.kind == RelationKind::view) {
            assess_view(table, global);
        } else if (global) {
            assess_global(table);
        } else if (table.kind == RelationKind::table && table.tenant_column) {
            assess_tenant_table(table);
        } else if (table.kind == RelationKind::table) {
            add(Severity::warning, "table " + shown(table),
                "has no column " + placement_.tenant_column + ": the guard refuses statements on it",
                "add the column; or, if it holds nothing of any tenant, global_tables = [\"" + table.name +
                    "\"]");
        }
    }

    void assess_view(const TableFacts& view, bool global) {
        if (!global) {
            add(Severity::note, "view " + shown(view),
                "is refused by the guard: row filters do not reach the tables behind a view", "");
            return;
        }
        if (!view.definer_rights) return;
        add(Severity::warning, "view " + shown(view),
            "is in global_tables and runs with the rights of " + view.definer +
                ": every tenant sees what that account may see",
            "ALTER SQL SECURITY INVOKER VIEW " + statement_name(view) +
                " AS ...; or take it out of global_tables");
    }

    void assess_global(const TableFacts& table) {
        if (!table.tenant_column) return;
        add(Severity::warning, "table " + shown(table),
            "has the column " + placement_.tenant_column +
                " and is in global_tables: every tenant sees all of it",
            "take it out of global_tables");
    }

    void assess_tenant_table(const TableFacts& table) {
        const TenantColumn& column = *table.tenant_column;
        const std::string object = "table " + shown(table);
        if (!compares_exactly(column)) {
            add(Severity::error, object, inexact(column),
                make_exact_statement(column, statement_name(table), inventory_.server.flavour));
        } else if (!column.not_null) {
            add(Severity::warning, object,
                "accepts rows without a tenant (" + column.name + " may be NULL); nobody sees them",
                make_not_null_statement(column, statement_name(table)));
        }
        const auto& generated = table.generated_columns;
        if (std::find(generated.begin(), generated.end(), column.name) != generated.end()) {
            add(Severity::warning, object,
                "computes " + column.name + ", so that it cannot be written: the guard refuses INSERT",
                "make it a column of its own");
        }
        assess_keys(table, object);
        if (!table.triggers.empty()) {
            add(Severity::warning, object,
                "has triggers (" + joined(table.triggers) +
                    "): they run with their definer's rights and reach the rows of every tenant",
                "see that each statement in them holds " + column.name);
        }
    }

    static std::string inexact(const TenantColumn& column) {
        const std::string what = "has a tenant column of type " + column.column_type;
        if (column.data_type == "binary")
            return what + ", which fills ids up with zero bytes (to be trimmed once the type is changed)";
        if (column.collation.empty()) return what + ", which does not compare ids exactly";
        return what + " and collation " + column.collation +
               ", which takes other ids for the same (such as 'ACME' or 'acme ' for 'acme')";
    }

    void assess_keys(const TableFacts& table, const std::string& object) {
        std::vector<std::string> without;
        bool primary_first = true;
        bool any_first = false;
        for (const KeyFacts& key : table.keys) {
            if (key.unique && !key.holds_tenant) without.push_back(key.name);
            if (key.name == "PRIMARY") primary_first = key.begins_with_tenant;
            any_first = any_first || key.begins_with_tenant;
        }
        if (!without.empty()) {
            add(Severity::warning, object,
                "has unique keys without " + placement_.tenant_column + " (" + joined(without) +
                    "): a duplicate tells one tenant that another has the value, and the guard refuses "
                    "REPLACE, INSERT IGNORE and ON DUPLICATE KEY UPDATE",
                "make " + placement_.tenant_column + " part of these keys");
        }
        if (!any_first) {
            add(Severity::warning, object,
                "has no index that begins with " + placement_.tenant_column +
                    ": each statement of a tenant reads the rows of all",
                "ALTER TABLE " + statement_name(table) + " ADD INDEX (" + quoted(placement_.tenant_column) +
                    ")");
        } else if (!primary_first) {
            add(Severity::note, object,
                "does not begin its primary key with " + placement_.tenant_column +
                    ": the rows of one tenant are spread over the pages of all",
                "begin the primary key with " + placement_.tenant_column);
        }
    }

    void assess_routines() {
        for (const RoutineFacts& routine : inventory_.routines) {
            if (!routine.definer_rights) continue;
            add(Severity::warning, "routine " + inventory_.database + "." + routine.name,
                "is SQL SECURITY DEFINER and may be executed by " + inventory_.server.account +
                    ": it acts with its definer's rights on the rows of every tenant (the guard refuses it "
                    "unless allowed_functions names it)",
                "REVOKE EXECUTE ON " + routine.type + " " + quoted(inventory_.database) + "." +
                    quoted(routine.name) + " FROM " + inventory_.server.account);
        }
    }

    void assess_global_names() {
        for (const std::string& named : placement_.global_tables) {
            config::Placement only = placement_;
            only.global_tables = {named};
            const bool found =
                std::any_of(inventory_.tables.begin(), inventory_.tables.end(),
                            [&](const TableFacts& table) { return is_global(table, inventory_, only); });
            if (found) continue;
            add(Severity::warning, "placement " + placement_.name,
                "names a global table that does not exist: " + named, "correct global_tables");
        }
    }

    /// What the account may not use it does not see: a missing database looks like an empty one.
    void assess_emptiness() {
        if (!inventory_.tables.empty()) return;
        add(Severity::warning, "database " + inventory_.database,
            "has no table that " + inventory_.server.account + " may use: the guard refuses every statement",
            joined(recommended_grants(backend_, placement_)));
    }

    /// MySQL shows triggers only to those who may make them; MariaDB to all who may use the table.
    void assess_sight() {
        if (inventory_.server.flavour != policy::mysql::flavour::mysql) return;
        add(Severity::note, "database " + inventory_.database,
            "may have triggers that " + inventory_.server.account + " cannot see", "");
    }

    const Inventory& inventory_;
    const config::Backend& backend_;
    const config::Placement& placement_;
    std::vector<Finding> findings_;
};

/// tenant_{id} -> tenant\_%
std::string grant_pattern(const std::string& database) {
    const std::size_t id = database.find("{id}");
    std::string out;
    for (std::size_t i = 0; i < database.size(); ++i) {
        if (i == id) {
            out += '%';
            i += 3;
            continue;
        }
        if (database[i] == '_' || database[i] == '%') out += '\\';
        out += database[i];
    }
    return out;
}

}  // namespace

std::vector<Finding> assess(const Inventory& inventory, const config::Backend& backend,
                            const config::Placement& placement, const std::vector<std::string>& databases) {
    return Assessment(inventory, backend, placement).run(databases);
}

std::vector<std::string> recommended_grants(const config::Backend& backend,
                                            const config::Placement& placement) {
    return {"GRANT SELECT, INSERT, UPDATE, DELETE, SHOW VIEW ON " +
            quoted(grant_pattern(placement.database)) + ".* TO '" + backend.user + "'@'%'"};
}

}  // namespace fairlead::dal::mysql
