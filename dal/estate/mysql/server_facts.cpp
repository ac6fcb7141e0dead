#include "dal/estate/mysql/server_facts.h"

#include <cstdlib>

namespace fairlead::dal::mysql {
namespace {

/// fairlead_app@% -> 'fairlead_app'@'%'. The host holds no @, the user may.
std::string quoted_account(const Connection& connection, const std::string& account) {
    const std::size_t at = account.rfind('@');
    if (at == std::string::npos) return connection.quote(account);
    return connection.quote(account.substr(0, at)) + "@" + connection.quote(account.substr(at + 1));
}

}  // namespace

SqlResult<ServerFacts> read_server_facts(Connection& connection) {
    SqlResult<Rows> rows = connection.execute(
        "SELECT @@global.lower_case_table_names, @@session.sql_mode, CURRENT_USER(),"
        " EXISTS (SELECT 1 FROM information_schema.routines WHERE routine_type = 'FUNCTION'"
        " AND routine_schema NOT IN ('mysql', 'sys'))");
    if (!rows) return rows.error();
    ServerFacts facts;
    facts.flavour = connection.server_flavour();
    facts.version = connection.server_version();
    for (const Row& row : rows->rows) {
        facts.lower_case_table_names =
            static_cast<std::uint8_t>(std::strtoul(row[0].value_or("0").c_str(), nullptr, 10));
        facts.sql_mode = row[1].value_or("");
        facts.account = quoted_account(connection, row[2].value_or(""));
        facts.stored_functions = row[3].value_or("1") != "0";
    }
    return facts;
}

}  // namespace fairlead::dal::mysql
