#pragma once

#include "config/settings.h"

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::dal {

/// The database that the pool keeps a tenant's connections under. A MySQL connection is not bound to one, so
/// that all tenant databases of a backend share its connections: "".
inline std::string pool_database(config::Engine engine, std::string_view database) {
    return engine == config::Engine::mysql ? std::string() : std::string(database);
}

/// The database that a backend's min_pool_size connections belong to, as the pool keeps them: that of its
/// first placement that names one without a tenant in it. nullopt: none does, or none are to be kept.
std::optional<std::string> warm_database(const config::Settings& settings, const config::Backend& backend);

}  // namespace fairlead::dal
