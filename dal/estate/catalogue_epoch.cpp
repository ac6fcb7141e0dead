#include "dal/estate/catalogue_epoch.h"

#include <string_view>

namespace fairlead::dal {
namespace {

/// FNV-1a, 64 bit; every part ends with a separator, so that moving a letter from one part to the next shows.
class ContentHash {
public:
    void add(std::string_view text) {
        for (char c : text) add_byte(static_cast<unsigned char>(c));
        add_byte(0);
    }
    void add(bool value) { add_byte(value ? 1 : 2); }
    /// `name` keeps two lists apart of which the first may be empty.
    void add(std::string_view name, const std::vector<std::string>& list) {
        add(name);
        for (const std::string& item : list) add(item);
    }
    std::uint64_t value() const { return hash_; }

private:
    void add_byte(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ull; }
    std::uint64_t hash_ = 0xcbf29ce484222325ull;
};

void add_relation(ContentHash& hash, const policy::Relation& relation) {
    hash.add("relation");
    hash.add(relation.schema);
    hash.add(relation.name);
    hash.add(std::to_string(static_cast<int>(relation.kind)));
    for (bool value : {relation.has_tenant_column, relation.isolated, relation.global,
                       relation.security_invoker, relation.tenant_is_text, relation.tenant_compares_exactly,
                       relation.temporal, relation.has_triggers}) {
        hash.add(value);
    }
    hash.add("columns", relation.columns);
    hash.add("keys", relation.unique_keys_without_tenant);
    hash.add("hidden", relation.hidden_columns);
    hash.add("generated", relation.generated_columns);
}

}  // namespace

std::uint64_t catalogue_epoch(const std::vector<policy::Relation>& relations,
                              const std::vector<std::string>& search_path) {
    ContentHash hash;
    hash.add("path", search_path);
    for (const policy::Relation& relation : relations) add_relation(hash, relation);
    return hash.value();
}

}  // namespace fairlead::dal
