#include "dal/driver/server_session.h"

#include <atomic>

namespace fairlead::dal {
namespace {

std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

ServerSession::ServerSession() : number_(next_number()) {}

std::unique_ptr<ServerSession> make_server_session(config::Engine engine, std::uint32_t max_prepared) {
    return engine == config::Engine::postgres ? postgres::make_server_session(max_prepared)
                                              : mysql::make_server_session(max_prepared);
}

}  // namespace fairlead::dal
