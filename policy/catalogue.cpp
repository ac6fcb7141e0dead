#include "policy/catalogue.h"

#include <utility>

namespace fairlead::policy {

namespace {

// PostgreSQL names cannot hold a NUL, so it separates schema and name without ambiguity.
std::string index_key(std::string_view schema, std::string_view name) {
    std::string key;
    key.reserve(schema.size() + 1 + name.size());
    key.append(schema);
    key.push_back('\0');
    key.append(name);
    return key;
}

}  // namespace

Catalogue::Catalogue(std::vector<Relation> relations, std::vector<std::string> search_path,
                     std::uint64_t epoch)
    : relations_(std::move(relations)), search_path_(std::move(search_path)), epoch_(epoch) {
    index_.reserve(relations_.size());
    for (std::uint32_t i = 0; i < relations_.size(); ++i) {
        index_.try_emplace(index_key(relations_[i].schema, relations_[i].name), i);
    }
}

const Relation* Catalogue::find(std::string_view schema, std::string_view name) const {
    if (!schema.empty()) {
        auto found = index_.find(index_key(schema, name));
        return found == index_.end() ? nullptr : &relations_[found->second];
    }
    for (const std::string& candidate : search_path_) {
        auto found = index_.find(index_key(candidate, name));
        if (found != index_.end()) return &relations_[found->second];
    }
    return nullptr;
}

}  // namespace fairlead::policy
