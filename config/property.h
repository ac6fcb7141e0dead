#pragma once

#include "config/near_miss.h"
#include "config/value.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::config {

/// One key that a table of the file may hold: its name, and how its value becomes a member of Owner. The
/// tables of these (config/properties.cpp) are the whole knowledge of which keys exist.
template <typename Owner>
struct Property {
    std::string_view name;
    void (*read)(const Value& value, Owner& owner);
};

namespace detail {
template <typename Owner, typename Member>
Owner owner_of(Member Owner::*);
}

/// Binds a key to a member through a parser of config/parsers.h, which also checks the value by itself.
template <auto Member, auto Parse>
constexpr auto bind(std::string_view name) {
    using Owner = decltype(detail::owner_of(Member));
    return Property<Owner>{name, [](const Value& value, Owner& owner) { Parse(value, owner.*Member); }};
}

/// Names of a property table, for "did you mean".
template <typename Owner>
std::string unknown_key(std::string_view key, std::span<const Property<Owner>> properties) {
    NearMiss search(key);
    for (const auto& property : properties) search.offer(property.name);
    return "unknown key" + search.text();
}

/// Reads every key of a table into `owner`; an unknown key is a mistake. `seen(property, value)` is called
/// for each known key, whether or not its value was good.
template <typename Owner, typename Seen>
void read_table(const Value& table, Owner& owner, std::span<const Property<Owner>> properties, Seen&& seen) {
    const auto* keys = table.node.as_table();
    if (keys == nullptr) return table.wrong_type("a table");
    for (const auto& [key, node] : *keys) {
        KeyPath path{&table.path, key.str(), KeyPath::no_index};
        Value value{node, path, table.source};
        const Property<Owner>* known = nullptr;
        for (const auto& property : properties)
            if (property.name == key.str()) known = &property;
        if (known == nullptr) {
            table.source.report.mistake(location(key.source(), table.source), path.text(),
                                        unknown_key(key.str(), properties));
            continue;
        }
        seen(*known, value);
        known->read(value, owner);
    }
}

/// The same for settings, whose places are kept by dotted key.
template <typename Owner>
void read_settings(const Value& table, Owner& owner, std::span<const Property<Owner>> properties) {
    read_table(table, owner, properties, [](const Property<Owner>&, const Value& value) {
        value.source.places.emplace(value.path.text(), value.at());
    });
}

}  // namespace fairlead::config
