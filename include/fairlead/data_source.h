#pragma once

#include "fairlead/options.h"
#include "fairlead/tenant.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

namespace detail {
class data_source_impl;
}

/// What the pool of one backend looks like at a moment. A value.
struct PoolState {
    std::string backend;                 ///< its name in the configuration
    std::uint32_t connecting = 0;        ///< connections that are being made
    std::uint32_t idle = 0;              ///< connections that wait for a call
    std::uint32_t lent = 0;              ///< connections that serve a call, transaction, session or stream
    std::uint32_t waiting = 0;           ///< calls that wait for a connection
    std::uint64_t connects = 0;          ///< logins that succeeded, since it was opened
    std::uint64_t connect_failures = 0;  ///< logins that failed
    std::uint64_t timeouts = 0;          ///< calls that waited pool_timeout in vain
    std::uint64_t recycled = 0;          ///< connections closed at the end of their lifetime
};

/// The databases and tenants of one configuration file: the same file, pool, routing and isolation as the
/// proxy's. Owns its connections and two background threads (logins, cleaning and cancelling; verifying and
/// watching the files); a process may have several, which share nothing.
///
/// Errors: ConfigurationError alone; UsageError for calls on one that is empty. Threads: any number at once.
/// Lifetime: a handle; copies share everything. The last of them and of what was made of them (tenants,
/// transactions, sessions, streams, collectors) closes the connections.
class FAIRLEAD_API DataSource {
public:
    /// Reads the file and verifies its placements (tables, policies, rights). A placement that does not hold
    /// is refused, not the whole: its tenants' calls throw ConfigurationError with the reason. Throws
    /// ConfigurationError with every mistake of the file.
    static DataSource open(const std::string& config_file, const OpenOptions& options = {});
    /// The same, not throwing: on failure an empty one.
    static DataSource open(Diagnostics& failed, const std::string& config_file,
                           const OpenOptions& options = {});

    /// A handle to a tenant. `database`: the exposed database name, for tenants that live in several; empty:
    /// the only one. Throws ConfigurationError when there is no such tenant or database; a tenant that goes
    /// away later makes its calls fail.
    Tenant tenant(std::string_view id, std::string_view database = {}) const;
    /// The same, not throwing.
    Tenant tenant(Diagnostics& failed, std::string_view id, std::string_view database = {}) const;

    /// Reads configuration and tenant directory again. On ConfigurationError everything stays as it was.
    /// Calls that run keep their version; connections to what changed are replaced when they come back.
    void reload();
    /// The same, not throwing.
    void reload(Diagnostics& failed);
    /// Grows by one with each reload that was taken over.
    std::uint64_t generation() const;

    /// One for each backend. Takes each pool's lock for a moment.
    std::vector<PoolState> pools() const;

    /// For the other headers of this library.
    const std::shared_ptr<detail::data_source_impl>& impl() const { return impl_; }

    DataSource() = default;  ///< empty; only to be assigned to
    /// Made by the library.
    explicit DataSource(std::shared_ptr<detail::data_source_impl> impl) : impl_(std::move(impl)) {}

private:
    std::shared_ptr<detail::data_source_impl> impl_;
};

}  // namespace fairlead
