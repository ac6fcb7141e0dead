#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal::mysql {

/// One line of SHOW GRANTS.
struct Grant {
    enum class Level {
        global,    // ON *.*
        database,  // ON `shop`.*
        table,     // ON `shop`.`orders`
        routine,   // ON FUNCTION|PROCEDURE|PACKAGE `shop`.`f`
        proxy,     // PROXY ON 'other'@'%'
        role,      // GRANT `role` TO ...
    };
    Level level = Level::global;
    std::vector<std::string> privileges;  // upper case, without column lists: {"SELECT", "CREATE USER"}
    std::string database;  // database level: a pattern in which % and _ stand for others, unless behind \.
    std::string object;    // table or routine; of a role its name as the server quotes it
    bool with_grant_option = false;
};

/// nullopt for what is not a grant or is not understood. Pure.
std::optional<Grant> parse_grant(std::string_view line);

/// Lines of SHOW GRANTS that give nothing: SET DEFAULT ROLE, MySQL's partial REVOKE.
bool gives_nothing(std::string_view line);

/// A database level grant's pattern against what placements call their databases, with {id} for a tenant's
/// id: whether the grant reaches no further than one of `names`. `shop_app` reaches itself, although its _
/// stands for any character.
bool stays_within(std::string_view pattern, const std::vector<std::string>& names);

}  // namespace fairlead::dal::mysql
