#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

namespace fairlead {

class Tracer;

/// How a DataSource is opened. Pool settings (pool_size, max_overflow, pool_timeout, pool_recycle,
/// pool_pre_ping) stand in the configuration file, per backend, and are the same for the proxy. A value; the
/// tracer is shared, and lives as long as the DataSource at least.
struct OpenOptions {
    /// What the server shows as the client program.
    std::string application_name = "fairlead";
    /// Called around each statement; null: nobody.
    std::shared_ptr<Tracer> tracer;
    /// How often the configuration and the tenant directory are looked at for changes; 0: only reload().
    std::chrono::milliseconds watch_interval{0};
};

/// Of one call, or of all calls through a handle (Tenant::with()). A value.
struct CallOptions {
    /// From the beginning of the call to its end, waiting for a connection included; 0, and what is longer
    /// than 50 years: no limit but pool_timeout; below 0: it has passed. Of a stream each step is a call.
    /// When it passes the statement is cancelled on the server and DeadlineExceeded thrown.
    std::chrono::milliseconds timeout{0};
    /// Cancels calls when stop is requested, from any thread; they throw CallCancelled.
    std::stop_token stop{};
    /// Whether the statement is prepared and kept on the connection. false: for texts that hardly come twice.
    bool prepare = true;
};

/// What other transactions a transaction sees, as the SQL standard names it.
enum class IsolationLevel : std::uint8_t {
    server_default,    ///< what the server is set to
    read_uncommitted,  ///< PostgreSQL: as read_committed
    read_committed,    ///< each statement sees what was committed before it
    repeatable_read,   ///< all see what was committed before the first
    serializable       ///< as if one ran after the other; may fail with SerializationError
};

/// When a whole transaction is run again. Only after SerializationError, when the server has said that
/// nothing of it happened; never after OutcomeUnknown. A value.
struct RetryPolicy {
    unsigned max_attempts = 1;                     ///< 1: never again
    std::chrono::milliseconds first_pause{5};      ///< before the second attempt
    std::chrono::milliseconds longest_pause{500};  ///< pauses double, with jitter
};

/// How a transaction begins. A value.
struct TransactionOptions {
    IsolationLevel isolation =
        IsolationLevel::server_default;  ///< asked of the server with the first statement
    bool read_only = false;              ///< writing fails with TransactionStateError
    RetryPolicy retry{};                 ///< of Tenant::transaction() alone
};

}  // namespace fairlead
