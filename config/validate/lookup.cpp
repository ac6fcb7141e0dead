#include "config/validate/rules.h"

#include <algorithm>

namespace fairlead::config::rules {

namespace {

template <typename Item>
const Item* find(const std::vector<Item>& items, std::string_view name) {
    auto found =
        std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.name == name; });
    return found == items.end() ? nullptr : &*found;
}

}  // namespace

const Backend* find_backend(const Draft& draft, std::string_view name) {
    return find(draft.settings.backends, name);
}

const Placement* find_placement(const Draft& draft, std::string_view name) {
    return find(draft.settings.placements, name);
}

std::string shown_name(const Draft& draft, const Placement& placement, std::string_view pattern_key,
                       std::string_view name) {
    std::string key = key_of("placements", placement.name).append(".").append(pattern_key);
    return shown(draft.place(key), name);
}

std::string key_of(std::string_view table, std::string_view name) {
    KeyPath parent{nullptr, table, KeyPath::no_index};
    return KeyPath{&parent, name, KeyPath::no_index}.text();
}

std::string key_of(std::string_view list, std::size_t index, std::string_view name) {
    return std::string(list) + "[" + std::to_string(index) + "]" + (name.empty() ? "" : ".") +
           std::string(name);
}

}  // namespace fairlead::config::rules
