#include "dal/driver/server_session.h"

namespace fairlead::dal {

std::unique_ptr<ServerSession> make_server_session(config::Engine engine, std::uint32_t max_prepared) {
    return engine == config::Engine::postgres ? postgres::make_server_session(max_prepared)
                                              : mysql::make_server_session(max_prepared);
}

}  // namespace fairlead::dal
