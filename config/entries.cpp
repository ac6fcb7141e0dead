#include "config/entries.h"

#include "config/properties.h"

namespace fairlead::config {

namespace {

/// Which of the remembered places of an entry a key fills; null: none.
Location* place_for(EntrySource& source, std::string_view key) {
    if (key == "id" || key == "name") return &source.name;
    if (key == "placement" || key == "tenants") return &source.links;
    if (key == "password") return &source.password;
    return nullptr;
}

template <typename Entry>
void read_entries(const Value& list, std::string_view header, std::vector<Entry>& entries,
                  std::vector<EntrySource>& sources) {
    const auto* array = list.node.as_array();
    if (array == nullptr) return list.wrong_type(std::string(header) + " blocks");
    entries.reserve(entries.size() + array->size());
    sources.reserve(sources.size() + array->size());
    for (std::size_t i = 0; i < array->size(); ++i) {
        KeyPath path{&list.path, {}, i};
        Value value{(*array)[i], path, list.source};
        if (!value.node.is_table()) {
            value.wrong_type("a table");
            continue;
        }
        EntrySource& source = sources.emplace_back();
        source.index = i;
        source.block = value.at();
        read_table(value, entries.emplace_back(), properties_of<Entry>(),
                   [&](const Property<Entry>& property, const Value& given) {
                       if (Location* place = place_for(source, property.name)) *place = given.at();
                   });
    }
}

}  // namespace

void read_tenants(const Value& list, Draft& draft) {
    read_entries(list, "[[tenants]]", draft.tenants, draft.tenant_sources);
}

void read_users(const Value& list, Draft& draft) {
    read_entries(list, "[[users]]", draft.users, draft.user_sources);
}

}  // namespace fairlead::config
