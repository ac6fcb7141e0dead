#pragma once

#include "dal/session/session_operation.h"

namespace fairlead::dal {

/// Reads what is left of a stream that nobody wants to its end, so that its transaction or session can go on.
class drain_operation final : public session_operation {
public:
    drain_operation(kept_connection& kept, std::chrono::milliseconds timeout)
        : session_operation(*kept.home(), &kept, timeout) {}

private:
    void prepare(Diagnostics&) override {}
    Wait start(ServerSession& session) override { return session.start_drain(); }
    bool takes_begin() const override { return false; }
    std::optional<Wait> proceed(ServerSession&) override { return std::nullopt; }
};

}  // namespace fairlead::dal
