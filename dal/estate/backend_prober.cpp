#include "dal/estate/backend_prober.h"

#include "dal/estate/mysql/backend_prober.h"
#include "dal/estate/postgres/backend_prober.h"

#include <utility>

namespace fairlead::dal {

std::unique_ptr<BackendProber> make_backend_prober(config::Backend backend,
                                                   std::vector<config::Placement> placements) {
    if (backend.engine == config::Engine::mysql) {
        return std::make_unique<mysql::BackendProber>(std::move(backend), std::move(placements));
    }
    return std::make_unique<postgres::BackendProber>(std::move(backend), std::move(placements));
}

}  // namespace fairlead::dal
