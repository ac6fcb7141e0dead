#pragma once

#include "policy/cache/intrusive_list.h"
#include "policy/cache/keyed_hash.h"
#include "policy/verdict.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy {

/// One key of the verdict cache and what it leads to. Linked into a bucket, a segment and, if it is a
/// variant, the variants of its shape.
struct stored_verdict {
    std::string key;
    const void* scope = nullptr;
    VerdictPtr verdict;                   // null for a shape whose verdict depends on literals
    std::vector<std::uint32_t> examined;  // shapes: token indexes of those literals, ascending
    std::uint8_t session = 0;             // shapes: what of the session the verdict depends on, as bits

    // Kept by verdict_store.
    std::uint64_t id = 0;  // never used twice, so a variant's key cannot outlive its shape
    std::uint64_t hash = 0;
    std::size_t bytes = 0;
    std::uint8_t segment = 0;
    stored_verdict* next_in_bucket = nullptr;
    list_links<stored_verdict> age;
    stored_verdict* shape = nullptr;  // variants: whose
    list_links<stored_verdict> sibling;
    using variant_list = intrusive_list<stored_verdict, &stored_verdict::sibling>;
    std::array<variant_list, 2> variants;  // shapes: by segment, newest first
    std::uint32_t variant_count = 0;
};

/// Keys to verdicts within a number of bytes. Segmented: a new key is on probation and moves to the protected
/// segment (four fifths of the bytes) when it is asked for again; keys on probation go first, oldest first. A
/// flood of keys that are used once therefore pushes out only such keys. Not thread-safe; finding and
/// touching allocate nothing.
class verdict_store {
public:
    /// `max_variants`: of one shape.
    verdict_store(std::size_t max_bytes, std::uint32_t max_variants);
    ~verdict_store();
    verdict_store(const verdict_store&) = delete;
    verdict_store& operator=(const verdict_store&) = delete;

    /// Null if there is none. Does not count as use. Pointers live until the next insert or erase.
    stored_verdict* find(std::string_view key) const;
    /// Marks as used.
    void touch(stored_verdict* entry);
    /// Adds an entry (its key must not be there yet), evicting others. `shape`: it is a variant of that one.
    /// Null when the entry alone is too large to be worth its place.
    stored_verdict* insert(std::unique_ptr<stored_verdict> entry, stored_verdict* shape = nullptr);
    /// With its variants, if it is a shape.
    void erase(stored_verdict* entry);
    void erase_scope(const void* scope);

    std::size_t bytes() const { return bytes_; }
    std::size_t entries() const { return entries_; }
    std::uint64_t evictions() const { return evictions_; }

private:
    using age_list = intrusive_list<stored_verdict, &stored_verdict::age>;

    stored_verdict** slot(std::uint64_t hash) const { return &buckets_[hash & (buckets_.size() - 1)]; }
    void grow();
    void enter(stored_verdict* entry, std::uint8_t segment);
    void leave(stored_verdict* entry);
    void erase_variants(stored_verdict* shape);
    void evict_for(const stored_verdict* fresh);
    stored_verdict* victim(const stored_verdict* fresh) const;
    void bound_variants(stored_verdict* shape, const stored_verdict* fresh);

    std::size_t max_bytes_;
    std::uint32_t max_variants_;
    keyed_hash hash_;
    mutable std::vector<stored_verdict*> buckets_;
    std::array<age_list, 2> segments_;
    std::array<std::size_t, 2> segment_bytes_{};
    std::size_t bytes_ = 0;
    std::size_t entries_ = 0;
    std::uint64_t evictions_ = 0;
    std::uint64_t last_id_ = 0;
};

}  // namespace fairlead::policy
