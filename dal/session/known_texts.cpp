#include "dal/session/known_texts.h"

#include <utility>

namespace fairlead::dal {

known_texts::entry::entry(const text_speaker& speaker, std::string_view text, judged_ptr what)
    : scope(speaker.scope),
      sql(text),
      tenant(speaker.tenant),
      database(speaker.database),
      exposed(speaker.exposed),
      mode(speaker.mode),
      judged(std::move(what)) {}

// Roughly: most verdicts are the cache's, too.
std::size_t known_texts::entry::bytes() const {
    return sizeof(entry) + sizeof(judged_text) + sizeof(policy::Verdict) + sql.size() + tenant.size() +
           database.size() + exposed.size() + judged->rewritten.size();
}

std::size_t known_texts::place_of(const text_speaker& speaker, std::string_view sql) const {
    const std::size_t scope = reinterpret_cast<std::size_t>(speaker.scope) >> 4;  // placements are few
    return (hash_(sql) ^ scope ^ (speaker.tenant.empty() ? 0 : hash_(speaker.tenant))) % places;
}

void known_texts::keep(const text_speaker& speaker, std::string_view sql, judged_ptr judged) {
    if (sql.size() > longest) return;
    auto fresh = std::make_unique<const entry>(speaker, sql, std::move(judged));
    const std::size_t size = fresh->bytes();
    if (size > max_bytes_) return;
    if (bytes_ + size > max_bytes_) clear();
    if (entries_.empty()) entries_.resize(places);
    std::unique_ptr<const entry>& place = entries_[place_of(speaker, sql)];
    if (place != nullptr) bytes_ -= place->bytes();
    bytes_ += size;
    place = std::move(fresh);
}

void known_texts::clear() {
    for (auto& each : entries_) each.reset();
    bytes_ = 0;
}

}  // namespace fairlead::dal
