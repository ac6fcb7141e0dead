#pragma once

#include "policy/mysql/verifier/reading.h"

namespace fairlead::policy::mysql::verifier {

enum class table_kind : std::uint8_t { none, common, tenant, global, dictionary };

struct known_table {
    table_kind kind = table_kind::none;
    const Relation* relation = nullptr;
};

/// What a table node names. None, with a problem in `r`, when that is not certain.
known_table resolve(reading& r, node_id table_node);

}  // namespace fairlead::policy::mysql::verifier
