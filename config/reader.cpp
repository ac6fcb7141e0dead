#include "config/reader.h"

#include "config/entries.h"
#include "config/properties.h"

namespace fairlead::config {

namespace {

/// What reading a table of the main file needs.
struct Target {
    Draft& draft;
    DirectorySource& directory;
};

struct TopLevel {
    std::string_view name;
    void (*read)(const Value& value, Target& target);
    bool proxy_only = false;  // a library does not look at it, at the secrets in it neither
};

void remember(const Value& value) {
    value.source.places.emplace(value.path.text(), value.at());
}

template <auto Member>
void read_into(const Value& value, Target& target) {
    remember(value);
    auto& owner = target.draft.settings.*Member;
    read_settings(value, owner, properties_of<std::remove_cvref_t<decltype(owner)>>());
}

constexpr TopLevel listeners[] = {
    {"postgres", read_into<&Settings::postgres>},
    {"mysql", read_into<&Settings::mysql>},
};

template <std::size_t Count>
void read_named(const Value& table, Target& target, const TopLevel (&known)[Count],
                std::string_view remark = {}) {
    const auto* keys = table.node.as_table();
    if (keys == nullptr) return table.wrong_type("a table");
    const KeyPath* parent = table.path.name.empty() ? nullptr : &table.path;
    for (const auto& [key, node] : *keys) {
        KeyPath path{parent, key.str(), KeyPath::no_index};
        const TopLevel* found = nullptr;
        NearMiss search(key.str());
        for (const TopLevel& entry : known) {
            search.offer(entry.name);
            if (entry.name == key.str()) found = &entry;
        }
        if (found == nullptr)
            table.source.report.mistake(location(key.source(), table.source), path.text(),
                                        ("unknown key" + search.text()).append(remark));
        else if (!found->proxy_only || table.source.purpose == Purpose::proxy)
            found->read(Value{node, path, table.source}, target);
    }
}

void read_listen(const Value& value, Target& target) {
    remember(value);
    read_named(value, target, listeners);
}

/// [backends.NAME], [placements.NAME]: every key is a name that the operator chose.
template <auto Member>
void read_by_name(const Value& value, Target& target) {
    remember(value);
    const auto* tables = value.node.as_table();
    if (tables == nullptr) return value.wrong_type("a table");
    auto& items = target.draft.settings.*Member;
    for (const auto& [name, node] : *tables) {
        KeyPath path{&value.path, name.str(), KeyPath::no_index};
        Value table{node, path, value.source};
        remember(table);
        auto& item = items.emplace_back();
        item.name = name.str();
        if (item.name.empty()) table.mistake("a name must not be empty");
        read_settings(table, item, properties_of<std::remove_cvref_t<decltype(item)>>());
    }
}

void read_directory_settings(const Value& value, Target& target) {
    remember(value);
    Directory directory;
    read_settings(value, directory, properties_of<Directory>());
    if (!target.draft.given("directory.source")) value.mistake("source is required: expected \"file:PATH\"");
    target.directory = {directory.source, target.draft.place("directory.source")};
}

constexpr TopLevel main_file[] = {
    {"proxy", read_into<&Settings::proxy>},
    {"log", read_into<&Settings::log>},
    {"admin", read_into<&Settings::admin>, true},
    {"listen", read_listen, true},
    {"backends", read_by_name<&Settings::backends>},
    {"placements", read_by_name<&Settings::placements>},
    {"directory", read_directory_settings},
    {"tenants", [](const Value& value, Target& target) { read_tenants(value, target.draft); }},
    {"users", [](const Value& value, Target& target) { read_users(value, target.draft); }, true},
};

constexpr TopLevel directory_file[] = {
    {"tenants", [](const Value& value, Target& target) { read_tenants(value, target.draft); }},
    {"users", [](const Value& value, Target& target) { read_users(value, target.draft); }, true},
};

template <std::size_t Count>
DirectorySource read_file(const toml::table& document, const Source& source, Draft& draft,
                          const TopLevel (&known)[Count], std::string_view remark = {}) {
    DirectorySource directory;
    Target target{draft, directory};
    KeyPath root;
    read_named(Value{document, root, source}, target, known, remark);
    return directory;
}

}  // namespace

DirectorySource read_settings_file(const toml::table& document, const Source& source, Draft& draft) {
    return read_file(document, source, draft, main_file);
}

void read_directory_file(const toml::table& document, const Source& source, Draft& draft) {
    read_file(document, source, draft, directory_file,
              ": a directory file holds [[tenants]] and [[users]] only");
}

}  // namespace fairlead::config
