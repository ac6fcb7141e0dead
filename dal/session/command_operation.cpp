#include "dal/session/command_operation.h"

#include <utility>

namespace fairlead::dal {

command_operation::command_operation(kept_connection& kept, std::vector<std::string> commands,
                                     std::chrono::milliseconds timeout, Effect effect)
    : session_operation(*kept.home(), &kept, timeout), commands_(std::move(commands)), effect_(effect) {}

Wait command_operation::start(ServerSession& session) {
    next_ = 1;
    return session.start_command(commands_.front());
}

std::optional<Wait> command_operation::proceed(ServerSession& session) {
    if (next_ == commands_.size()) return std::nullopt;
    return session.start_command(commands_[next_++]);
}

}  // namespace fairlead::dal
