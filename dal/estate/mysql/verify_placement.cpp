#include "dal/estate/mysql/verify_placement.h"

#include "dal/estate/mysql/assess.h"
#include "dal/estate/mysql/catalogue.h"
#include "dal/estate/mysql/inventory.h"

#include <utility>

namespace fairlead::dal::mysql {

SqlResult<Verification> verify_placement(Connection& connection, const config::Backend& backend,
                                         const config::Placement& placement,
                                         const std::vector<std::string>& databases) {
    Verification out;
    if (placement.model == config::Model::silo) {
        SqlResult<ServerFacts> server = read_server_facts(connection);
        if (!server) return server.error();
        out.server = std::move(server).value();
        return out;
    }
    const bool pool = placement.model == config::Model::pool;
    SqlResult<Inventory> inventory =
        pool ? read_inventory(connection, placement.database, placement.tenant_column)
             : read_account_facts(connection);
    if (!inventory) return inventory.error();
    out.findings = assess(*inventory, backend, placement, databases);
    if (pool) out.catalogue = make_catalogue(*inventory, placement);
    out.server = std::move(inventory->server);
    return out;
}

}  // namespace fairlead::dal::mysql
