#pragma once

#include "dal/session/session_operation.h"

#include <string>
#include <vector>

namespace fairlead::dal {

/// COMMIT, ROLLBACK, SAVEPOINT and the like on a kept connection: texts of ours, one after the other. It
/// never asks for a context, which none of them needs.
class command_operation final : public session_operation {
public:
    enum class Effect : std::uint8_t {
        none,
        commits,  // a connection that breaks leaves the outcome unknown
    };
    command_operation(kept_connection& kept, std::vector<std::string> commands,
                      std::chrono::milliseconds timeout, Effect effect = Effect::none);

private:
    void prepare(Diagnostics&) override {}
    Wait start(ServerSession& session) override;
    std::optional<Wait> proceed(ServerSession& session) override;
    bool takes_begin() const override { return false; }
    bool may_take_effect() const override { return effect_ == Effect::commits; }
    bool interrupted_unknown() const override { return effect_ == Effect::commits; }

    const std::vector<std::string> commands_;
    const Effect effect_;
    std::size_t next_ = 0;
};

}  // namespace fairlead::dal
