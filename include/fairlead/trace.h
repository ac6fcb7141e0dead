#pragma once

#include "fairlead/api.h"
#include "fairlead/error.h"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace fairlead {

/// A statement that is about to run. Views: valid during the call only.
struct StatementStart {
    std::string_view tenant;
    std::string_view placement;
    std::string_view backend;
    std::string_view sql;
    /// The same for all statements that differ in literals and layout only; stable within a process.
    std::uint64_t fingerprint = 0;
};

struct StatementEnd {
    const StatementStart& start;
    std::chrono::nanoseconds duration{0};  ///< waiting for a connection included
    std::chrono::nanoseconds waited{0};    ///< of it, for a connection
    std::uint64_t rows = 0;                ///< returned or affected
    const Diagnostics& outcome;            ///< not failed(): it succeeded
};

/// Receives what happens to statements, those that are refused included. Called on the thread that runs the
/// call, several at once: thread-safe, quick, without exceptions. Never log `sql` with literals where that is
/// not wanted.
class FAIRLEAD_API Tracer {
public:
    virtual ~Tracer();
    virtual void before(const StatementStart& start) noexcept = 0;
    virtual void after(const StatementEnd& end) noexcept = 0;
};

}  // namespace fairlead
