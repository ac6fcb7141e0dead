#pragma once

#include "dal/session/judged_text.h"
#include "dal/session/tenant_home.h"
#include "policy/cache/keyed_hash.h"
#include "policy/mysql/verdict_cache.h"
#include "policy/named_text.h"
#include "policy/postgres/verdict_cache.h"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fairlead::dal {

/// The guard of both engines with its caches, for all threads: caches are for one thread at a time, so there
/// are a few, and a thread keeps to its own. Thread-safe.
class statement_guard {
public:
    /// `max_bytes`: of all caches together.
    explicit statement_guard(std::size_t max_bytes);
    ~statement_guard();
    statement_guard(const statement_guard&) = delete;
    statement_guard& operator=(const statement_guard&) = delete;

    /// One statement of this tenant; never null. A rewriting that cannot be done safely is a refusal.
    judged_ptr judge(const tenant_home& home, std::string_view sql);

    /// The text with the engine's own placeholders. `error`: why it cannot be had.
    struct named_result {
        std::shared_ptr<const policy::named_text> text;  // null: error
        std::string error;
        std::uint32_t position = 0;
    };
    named_result named(const tenant_home& home, std::string_view sql);

    /// The same for all statements that differ in literals and layout only. For tracers.
    std::uint64_t fingerprint(const tenant_home& home, std::string_view sql) const;

    /// Of another version of the estate: verdicts by scopes that it does not have are forgotten.
    void retain(const estate_version& version);

private:
    struct shard;

    static judged_ptr judge_postgres(shard& mine, const tenant_home& home, std::string_view sql);
    static judged_ptr judge_mysql(shard& mine, const tenant_home& home, std::string_view sql);

    policy::keyed_hash hash_;
    std::array<std::unique_ptr<shard>, 4> shards_;
};

}  // namespace fairlead::dal
