#pragma once

#include "policy/verdict.h"

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace fairlead::dal {

/// Verdicts of texts that come again byte for byte, as an application's do: found without reading the text.
/// In front of a verdict cache, for verdicts that follow from scope, schema and text alone. Compared in full;
/// of texts that fall on one place the last stays. Not thread-safe.
class known_texts {
public:
    /// Null: not known. `scope` stands for all that was judged by; it must not die before clear().
    const policy::VerdictPtr& find(const void* scope, std::string_view schema, std::string_view sql) const {
        static const policy::VerdictPtr none;
        const Entry& entry = entries_[place_of(sql)];
        const bool same = entry.scope == scope && entry.sql == sql && entry.schema == schema;
        return same ? entry.verdict : none;
    }
    void keep(const void* scope, std::string_view schema, std::string_view sql, policy::VerdictPtr verdict) {
        if (sql.size() > longest) return;
        Entry& entry = entries_[place_of(sql)];
        entry.scope = scope;
        entry.schema = schema;
        entry.sql = sql;
        entry.verdict = std::move(verdict);
    }
    void clear() { entries_ = {}; }

private:
    static constexpr std::size_t places = 64;
    static constexpr std::size_t longest = 4'096;  // bytes of a text; so at most 256 KiB in all

    struct Entry {
        const void* scope = nullptr;
        std::string schema, sql;
        policy::VerdictPtr verdict;
    };
    static std::size_t place_of(std::string_view sql) { return std::hash<std::string_view>()(sql) % places; }

    std::array<Entry, places> entries_;
};

}  // namespace fairlead::dal
