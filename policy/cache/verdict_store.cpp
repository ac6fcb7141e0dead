#include "policy/cache/verdict_store.h"

#include <utility>

namespace fairlead::policy {

namespace {

constexpr std::uint8_t probation = 0;
constexpr std::uint8_t protected_segment = 1;
constexpr std::size_t first_buckets = 256;
constexpr std::size_t largest_share = 16;  // an entry above max_bytes / 16 is not kept

// What an entry takes of the heap, near enough for a bound: allocator overhead counts 16 bytes a block.
std::size_t estimate(const stored_verdict& entry) {
    std::size_t bytes =
        sizeof entry + 32 + entry.key.capacity() + entry.examined.capacity() * sizeof(std::uint32_t);
    if (entry.verdict == nullptr) return bytes;
    const Verdict& v = *entry.verdict;
    bytes += sizeof v + 32 + v.refusal.rule.capacity() + v.refusal.message.capacity() +
             v.refusal.hint.capacity() + v.refusal.sqlstate.capacity() + v.command_name.capacity();
    for (const SettingChange& s : v.settings) bytes += sizeof s + s.name.capacity() + s.value.capacity();
    for (const Splice& s : v.splices) bytes += sizeof s + s.text.capacity();
    return bytes;
}

}  // namespace

verdict_store::verdict_store(std::size_t max_bytes, std::uint32_t max_variants)
    : max_bytes_(max_bytes), max_variants_(max_variants), buckets_(first_buckets, nullptr) {}

verdict_store::~verdict_store() {
    for (age_list& segment : segments_) {
        while (!segment.empty()) erase(segment.back());
    }
}

stored_verdict* verdict_store::find(std::string_view key) const {
    std::uint64_t hash = hash_(key);
    for (stored_verdict* e = *slot(hash); e != nullptr; e = e->next_in_bucket) {
        if (e->hash == hash && e->key == key) return e;
    }
    return nullptr;
}

void verdict_store::touch(stored_verdict* entry) {
    if (entry->segment == protected_segment) {
        segments_[protected_segment].move_to_front(entry);
        if (entry->shape != nullptr) entry->shape->variants[protected_segment].move_to_front(entry);
        return;
    }
    leave(entry);
    enter(entry, protected_segment);
    std::size_t share = max_bytes_ / 5 * 4;
    while (segment_bytes_[protected_segment] > share) {
        stored_verdict* oldest = segments_[protected_segment].back();
        if (oldest == entry) break;
        leave(oldest);
        enter(oldest, probation);
    }
}

stored_verdict* verdict_store::insert(std::unique_ptr<stored_verdict> entry, stored_verdict* shape) {
    entry->bytes = estimate(*entry);
    if (entry->bytes > max_bytes_ / largest_share) return nullptr;
    if (entries_ >= buckets_.size()) grow();
    stored_verdict* fresh = entry.release();
    fresh->id = ++last_id_;
    fresh->hash = hash_(fresh->key);
    fresh->shape = shape;
    fresh->next_in_bucket = std::exchange(*slot(fresh->hash), fresh);
    bytes_ += fresh->bytes;
    ++entries_;
    if (shape != nullptr) ++shape->variant_count;
    enter(fresh, probation);
    if (shape != nullptr) bound_variants(shape, fresh);
    evict_for(fresh);
    return fresh;
}

void verdict_store::erase_variants(stored_verdict* shape) {
    for (auto& variants : shape->variants) {
        while (!variants.empty()) erase(variants.back());
    }
}

void verdict_store::erase_scope(const void* scope) {
    for (age_list& segment : segments_) {
        // Erasing a shape takes its variants along, wherever they stand: take them first, then look what is
        // before.
        for (stored_verdict* e = segment.back(); e != nullptr;) {
            if (e->scope != scope) {
                e = age_list::before(e);
                continue;
            }
            erase_variants(e);
            stored_verdict* before = age_list::before(e);
            erase(e);
            e = before;
        }
    }
}

void verdict_store::grow() {
    std::vector<stored_verdict*> old(buckets_.size() * 2, nullptr);
    old.swap(buckets_);
    for (stored_verdict* e : old) {
        while (e != nullptr) {
            stored_verdict* next = e->next_in_bucket;
            e->next_in_bucket = std::exchange(*slot(e->hash), e);
            e = next;
        }
    }
}

void verdict_store::enter(stored_verdict* entry, std::uint8_t segment) {
    entry->segment = segment;
    segments_[segment].push_front(entry);
    segment_bytes_[segment] += entry->bytes;
    if (entry->shape != nullptr) entry->shape->variants[segment].push_front(entry);
}

void verdict_store::leave(stored_verdict* entry) {
    segments_[entry->segment].erase(entry);
    segment_bytes_[entry->segment] -= entry->bytes;
    if (entry->shape != nullptr) entry->shape->variants[entry->segment].erase(entry);
}

void verdict_store::erase(stored_verdict* entry) {
    erase_variants(entry);
    leave(entry);
    if (entry->shape != nullptr) --entry->shape->variant_count;
    stored_verdict** at = slot(entry->hash);
    while (*at != entry) at = &(*at)->next_in_bucket;
    *at = entry->next_in_bucket;
    bytes_ -= entry->bytes;
    --entries_;
    delete entry;
}

void verdict_store::evict_for(const stored_verdict* fresh) {
    while (bytes_ > max_bytes_) {
        stored_verdict* oldest = victim(fresh);
        if (oldest == nullptr) return;
        evictions_ += 1 + oldest->variant_count;
        erase(oldest);
    }
}

// The oldest on probation, then the oldest protected; never the new entry or the shape it hangs on.
stored_verdict* verdict_store::victim(const stored_verdict* fresh) const {
    for (const age_list& segment : segments_) {
        stored_verdict* oldest = segment.back();
        while (oldest != nullptr && (oldest == fresh || oldest == fresh->shape))
            oldest = age_list::before(oldest);
        if (oldest != nullptr) return oldest;
    }
    return nullptr;
}

void verdict_store::bound_variants(stored_verdict* shape, const stored_verdict* fresh) {
    if (shape->variant_count <= max_variants_) return;
    stored_verdict* oldest = shape->variants[probation].back();
    if (oldest == fresh) oldest = shape->variants[protected_segment].back();
    if (oldest == nullptr) return;
    ++evictions_;
    erase(oldest);
}

}  // namespace fairlead::policy
