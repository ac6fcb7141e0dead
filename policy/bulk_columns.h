#pragma once

#include "common/error.h"
#include "policy/catalogue.h"

#include <optional>
#include <span>
#include <string_view>

namespace fairlead::policy {

/// What is wrong with the columns of a bulk load, whatever the engine. `relation` null: a table that is not
/// in a catalogue, since it is the tenant's own. nullopt: nothing.
std::optional<Error> bulk_columns_mistake(const Relation* relation, std::string_view tenant_column,
                                          std::span<const std::string_view> columns);

/// Why a relation of shared tables takes no bulk load; null: it is not known. nullopt: it does.
std::optional<Error> bulk_table_mistake(const Relation* relation, std::string_view table);

}  // namespace fairlead::policy
