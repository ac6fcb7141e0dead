#pragma once

#include "config/report.h"
#include "config/snapshot.h"

#include <cstddef>
#include <string>
#include <vector>

namespace fairlead::config {

/// Where one [[tenants]] or [[users]] block stands, and its keys that cross checks speak about.
struct EntrySource {
    std::size_t index = 0;  // in its own file: tenants[index]
    Location block;
    Location name;      // id or name
    Location links;     // placement or tenants
    Location password;  // users only
};

/// What the files say: typed and checked value by value, not yet against each other.
struct Draft {
    Settings settings;
    std::vector<Tenant> tenants;
    std::vector<EntrySource> tenant_sources;  // same order as tenants
    std::vector<User> users;
    std::vector<EntrySource> user_sources;  // same order as users
    NameMap<Location> places;               // dotted key (without tenants and users) -> its value
    bool tenants_complete = true;  // false: the directory could not be read, so who exists is unknown

    /// The place of a key, or of the nearest table around it when the key is not given.
    Location place(std::string_view dotted_key) const;
    bool given(std::string_view dotted_key) const { return places.find(dotted_key) != places.end(); }
};

}  // namespace fairlead::config
