#pragma once

#include "dal/session/judged_text.h"
#include "policy/cache/keyed_hash.h"
#include "policy/mysql/lex_mode.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal {

/// All that decides how a text is judged and rewritten, besides the text. What an engine's verdicts do not
/// depend on stays empty.
struct text_speaker {
    /// Stands for the placement's rules and its catalogue; must not die before known_texts::clear().
    const void* scope = nullptr;
    std::string_view tenant;
    std::string_view database;  // on the server; PostgreSQL: the schema of its own
    std::string_view exposed;
    policy::mysql::lex_mode mode;
};

/// Texts that come again byte for byte, as an application's do: found without reading them. In front of a
/// verdict cache. Speaker and text are compared in full; of those that fall on one place the last stays.
/// Not thread-safe. Finding allocates nothing.
class known_texts {
public:
    /// When there are more than about `max_bytes`, all are forgotten.
    explicit known_texts(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// Null: not known.
    judged_ptr find(const text_speaker& speaker, std::string_view sql) const {
        if (entries_.empty()) return nullptr;
        const std::unique_ptr<const entry>& there = entries_[place_of(speaker, sql)];
        return there != nullptr && there->is(speaker, sql) ? there->judged : nullptr;
    }
    void keep(const text_speaker& speaker, std::string_view sql, judged_ptr judged);
    void clear();

private:
    static constexpr std::size_t places = 4'096;
    static constexpr std::size_t longest = 4'096;  // bytes of a text

    struct entry {
        entry(const text_speaker& speaker, std::string_view text, judged_ptr what);
        bool is(const text_speaker& speaker, std::string_view text) const {
            return scope == speaker.scope && sql == text && tenant == speaker.tenant &&
                   database == speaker.database && exposed == speaker.exposed && mode == speaker.mode;
        }
        std::size_t bytes() const;

        const void* scope;
        std::string sql, tenant, database, exposed;
        policy::mysql::lex_mode mode;
        judged_ptr judged;
    };
    std::size_t place_of(const text_speaker& speaker, std::string_view sql) const;

    const policy::keyed_hash hash_;
    const std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    std::vector<std::unique_ptr<const entry>> entries_;  // empty: nothing was kept yet
};

}  // namespace fairlead::dal
