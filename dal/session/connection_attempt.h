#pragma once

#include "config/settings.h"
#include "dal/session/backend_work.h"
#include "dal/session/keeper_job.h"
#include "fairlead/error.h"

#include <memory>
#include <string>
#include <vector>

namespace fairlead::dal {

/// One login: name, addresses one after the other as long as none is reached, handshake; all within
/// connect_timeout. A machine; the keeper's thread only.
class connection_attempt {
public:
    /// `first_address`: which of several is tried first, modulo their number. `tools` must outlive this.
    connection_attempt(const keeper_tools& tools, std::shared_ptr<const config::Backend> backend,
                       std::string database, std::size_t first_address, TimePoint now);
    /// To exactly there.
    connection_attempt(const keeper_tools& tools, const connection_origin& origin, TimePoint now);

    enum class state : std::uint8_t { running, connected, failed };
    /// Begins, or goes on; see keeper_job.
    state advance(Wait ready, TimePoint now);
    keeper_job::wish wants() const;

    /// When connected.
    std::unique_ptr<ServerSession> take() { return std::move(session_); }
    connection_origin origin() const { return {backend_, options_.database, options_.host}; }
    /// When failed.
    const Diagnostics& failed() const { return failed_; }

private:
    state resolve(TimePoint now);
    state connect_next();
    state after(Wait wait);
    state fail(Diagnostics why);
    state fail(std::string why);

    const keeper_tools& tools_;
    std::shared_ptr<const config::Backend> backend_;
    ConnectOptions options_;
    std::size_t next_address_;
    TimePoint began_;
    std::vector<std::string> addresses_;
    std::size_t tried_ = 0;
    std::unique_ptr<ServerSession> session_;
    Wait wait_ = Wait::nothing;
    Diagnostics failed_;
};

}  // namespace fairlead::dal
