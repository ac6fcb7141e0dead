#pragma once

#include "config/settings.h"
#include "policy/catalogue.h"
#include "policy/mysql/lex_mode.h"
#include "policy/verdict.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql {

/// Everything of a placement that a verdict depends on. One object per placement, shared by all its clients.
struct GuardScope {
    config::Model model = config::Model::pool;
    bool session_pooling = false;
    std::string tenant_column;  // pool
    std::vector<std::string> allowed_functions;
    flavour server = flavour::mariadb;
    std::uint32_t server_version = 101100;
    std::uint8_t lower_case_table_names = 0;
    CataloguePtr catalogue;  // pool: required, without it every table is unknown
};

/// Everything of the session that a verdict depends on.
struct Speaker {
    std::string_view tenant;
    std::string_view database;  // the tenant's, on the server; the only one within reach of pool and bridge
    std::string_view exposed;   // the name by which the client knows it; may be the same
    lex_mode mode;
    bool multi_statements = false;  // the client may send several statements in one text
    bool prepared = false;          // COM_STMT_PREPARE: one statement, placeholders allowed
};

/// Analyses a text and, for shared tables, says how it has to be rewritten; the rewritten text of every
/// verdict that passes was lexed and parsed again and verified by separate code (policy/mysql/verifier.h).
/// Pure and thread-safe; costs tens of microseconds, so callers go through the cache. `examined`: receives,
/// as token indexes, the literals whose value the verdict depends on.
Verdict analyse(const GuardScope& scope, const Speaker& speaker, std::string_view sql,
                std::vector<std::uint32_t>* examined);

}  // namespace fairlead::policy::mysql
