#pragma once

#include "dal/session/call_services.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fairlead::dal {

/// Tells tracer and counters of one statement: its beginning, and once its end. Points into what it is given.
class call_record {
public:
    call_record() = default;

    void begin(call_services& services, const tenant_home& home, std::string_view sql);
    /// `waited`: for a connection; nullopt: none was asked for. Nothing when it has not begun, or has ended.
    void end(const Diagnostics& outcome, std::optional<std::chrono::nanoseconds> waited, std::uint64_t rows);

private:
    Tracer* tracer_ = nullptr;
    placement_counters* counters_ = nullptr;
    StatementStart start_{};
    std::chrono::steady_clock::time_point began_{};
};

}  // namespace fairlead::dal
