#pragma once

#include "common/log_level.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// Typed settings, exactly as the configuration file names them (docs/configuration.md has one entry for
/// each). Defaults stand here and nowhere else.
namespace fairlead::config {

using std::chrono::milliseconds;

enum class Engine { postgres, mysql };
enum class TlsMode { disable, allow, prefer, require, verify_ca, verify_full };
enum class Model { pool, bridge, silo };
enum class Isolation { sealed, guc, rewrite, none };
enum class Pooling { transaction, session };
enum class ClientAuth { automatic, password };

struct Tls {
    TlsMode mode = TlsMode::disable;
    std::string cert;  // path, PEM
    std::string key;   // path, PEM
    std::string ca;    // path, PEM; verifies the peer

    bool operator==(const Tls&) const = default;
};

struct Listen {
    std::vector<std::string> address;  // "host:port" or "unix:/path"; empty: this engine is not served
    Tls tls;  // listeners: disable, prefer, require, verify-ca, verify-full (client certificate)
    std::string sni_suffix;  // "db.example.com": SNI acme.db.example.com names tenant acme
    /// automatic: SCRAM, or md5 where the stored secret is one. password: clear text, taken under TLS only.
    ClientAuth auth = ClientAuth::automatic;

    bool operator==(const Listen&) const = default;
};

struct Proxy {
    unsigned workers = 0;  // 0: one per core
    milliseconds login_timeout{15'000};
    milliseconds shutdown_timeout{30'000};
    std::uint32_t max_client_connections = 20'000;
    std::uint32_t max_startup_connections = 5'000;  // connections that have not logged in yet
    std::uint64_t max_statement_bytes = 1 << 20;    // longest statement the guard reads; longer is refused
    std::uint32_t max_prepared_statements = 1'000;  // per client
    std::uint64_t guard_cache_bytes = 64ull << 20;  // per worker

    bool operator==(const Proxy&) const = default;
};

struct Log {
    LogFormat format = LogFormat::text;
    LogLevel level = LogLevel::info;
    bool statements = false;  // put statement text into refusal lines

    bool operator==(const Log&) const = default;
};

struct Admin {
    std::string address;            // empty: off
    unsigned busiest_tenants = 20;  // tenants that get metric series of their own

    bool operator==(const Admin&) const = default;
};

struct Backend {
    std::string name;
    Engine engine = Engine::postgres;
    std::string host;        // name, address, or a directory ("/var/run/postgresql") for a unix socket
    std::uint16_t port = 0;  // default: 5432 or 3306
    std::string user;
    std::string password;
    std::uint32_t pool_size = 20;
    std::uint32_t min_pool_size = 0;
    std::uint32_t max_overflow = 0;
    milliseconds pool_timeout{2'000};
    milliseconds pool_recycle{3'600'000};
    bool pool_pre_ping = false;  // embedded library only
    milliseconds idle_timeout{600'000};
    milliseconds connect_timeout{5'000};
    milliseconds dns_ttl{30'000};
    std::uint32_t max_parallel_logins = 4;
    std::uint32_t max_server_prepared_statements = 200;  // per server connection
    std::uint32_t minimum_server_version =
        0;  // 0: the built-in security floor; else like 150018, lowers it by name
    milliseconds probe_interval{30'000};  // estate probes; 0: off
    Tls tls{TlsMode::prefer, {}, {}, {}};

    bool operator==(const Backend&) const = default;
};

struct Placement {
    std::string name;
    Model model = Model::pool;
    std::string backend;
    std::string database;       // bridge by database: contains "{id}"
    std::string schema;         // bridge by schema: contains "{id}"
    std::string tenant_column;  // pool only
    std::vector<std::string> global_tables;
    std::vector<std::string>
        allowed_functions;  // application functions the guard lets pass, "schema.name" or "name"
    std::string expose_as;  // default: the resolved database name
    Isolation isolation =
        Isolation::none;  // default: sealed (pool on PostgreSQL), rewrite (pool on MySQL), none
    Pooling pooling = Pooling::transaction;
    std::string context_variable = "app.current_tenant";  // isolation guc only
    std::vector<std::string>
        context_keys;  // sealed: newest first, at most two; empty: derived from the password
    milliseconds context_lifetime{
        3'600'000};                          // sealed: how long a token may be used on its server connection
    milliseconds catalogue_refresh{30'000};  // pool: how often the tables are read again

    bool operator==(const Placement&) const = default;
};

struct Tenant {
    std::string id;
    std::vector<std::string> placements;  // at most one per engine and exposed database name
    std::uint32_t weight = 1;
    std::uint32_t max_server_connections = 0;  // 0: no cap of its own
    std::uint32_t max_client_connections = 0;  // 0: no cap of its own

    bool operator==(const Tenant&) const = default;
};

struct User {
    std::string name;
    std::string password;              // plain, or "SCRAM-SHA-256$...", or "md5..."
    std::vector<std::string> tenants;  // bound to these
    bool any_tenant = false;           // tenants = "*": names its tenant with each connection
    std::string
        certificate_name;  // client certificate common name accepted instead of a password; empty: none

    bool operator==(const User&) const = default;
};

struct Settings {
    Proxy proxy;
    Log log;
    Admin admin;
    Listen postgres;
    Listen mysql;
    std::vector<Backend> backends;
    std::vector<Placement> placements;
    std::string directory_source;  // "", "file:..." or "postgres://..."
};

}  // namespace fairlead::config
