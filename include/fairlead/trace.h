#pragma once

#include "fairlead/api.h"
#include "fairlead/error.h"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace fairlead {

/// A statement that is about to run.
///
/// Errors: none. Threads: read it on the thread that was called. Lifetime: views, valid during the call only.
struct StatementStart {
    std::string_view tenant;     ///< its id
    std::string_view placement;  ///< its name in the configuration
    std::string_view backend;    ///< its name in the configuration
    std::string_view sql;        ///< as the caller wrote it
    /// The same for all statements that differ in literals and layout only; stable within a process.
    std::uint64_t fingerprint = 0;
};

/// A statement that has ended.
///
/// Errors: none; `outcome` is the statement's. Threads: read it on the thread that was called. Lifetime:
/// views, valid during the call only.
struct StatementEnd {
    const StatementStart& start;           ///< what before() got
    std::chrono::nanoseconds duration{0};  ///< waiting for a connection included
    std::chrono::nanoseconds waited{0};    ///< of it, for a connection
    std::uint64_t rows = 0;                ///< returned or affected
    const Diagnostics& outcome;            ///< not failed(): it succeeded
};

/// Receives what happens to statements, those that are refused included. Be quick: the statement waits. Never
/// log `sql` with literals where that is not wanted.
///
/// Errors: it has no way to fail a statement, and must not throw. Threads: called on the thread that runs the
/// call, several at once. Lifetime: kept as long as the DataSource that it was given to.
class FAIRLEAD_API Tracer {
public:
    virtual ~Tracer();
    /// In front of the guard and of waiting for a connection.
    virtual void before(const StatementStart& start) noexcept = 0;
    /// Once for each before().
    virtual void after(const StatementEnd& end) noexcept = 0;
};

}  // namespace fairlead
