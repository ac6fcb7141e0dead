#include "proxy/session/prepared.h"

#include <algorithm>

namespace fairlead::proxy {
namespace {

// Lengths in front make the parts unambiguous whatever bytes they hold.
void append_part(std::string& key, std::string_view part) {
    key.append(std::to_string(part.size()));
    key.push_back(':');
    key.append(part);
}

}  // namespace

statement_ptr statement_registry::parsed(std::string_view scope, std::string_view text,
                                         std::string_view types) {
    std::string key = "P";
    append_part(key, scope);
    append_part(key, types);
    append_part(key, text);
    auto statement = std::make_shared<prepared_statement>();
    statement->text = text;
    statement->types = types;
    return intern(std::move(key), std::move(statement));
}

statement_ptr statement_registry::sql_prepared(std::string_view scope, std::string_view before,
                                               std::string_view after) {
    std::string key = "S";
    append_part(key, scope);
    append_part(key, before);
    append_part(key, after);
    auto statement = std::make_shared<prepared_statement>();
    statement->sql_level = true;
    statement->text = before;
    statement->types = after;  // put together in intern(), once the name is known
    return intern(std::move(key), std::move(statement));
}

statement_ptr statement_registry::intern(std::string key, std::shared_ptr<prepared_statement> statement) {
    std::lock_guard lock(mutex_);
    auto& slot = statements_[key];
    if (auto known = slot.lock()) return known;
    statement->id = next_id_++;
    statement->server_name = "fl_" + std::to_string(statement->id);
    if (statement->sql_level) {
        statement->text += statement->server_name + statement->types;
        statement->types.clear();
    }
    statement_ptr made = std::move(statement);
    slot = made;
    if (statements_.size() >= sweep_at_) {
        std::erase_if(statements_, [](const auto& entry) { return entry.second.expired(); });
        sweep_at_ = std::max<std::size_t>(1024, 2 * statements_.size());
    }
    return made;
}

std::size_t statement_registry::size() const {
    std::lock_guard lock(mutex_);
    return statements_.size();
}

bool prepared_set::use(const prepared_statement& statement) {
    auto found = by_id_.find(statement.id);
    if (found == by_id_.end()) return false;
    if (found->second != recent_.begin()) recent_.splice(recent_.begin(), recent_, found->second);
    return true;
}

void prepared_set::add(statement_ptr statement) {
    std::uint64_t id = statement->id;
    if (by_id_.contains(id)) return;
    recent_.push_front(std::move(statement));
    by_id_.emplace(id, recent_.begin());
}

void prepared_set::remove(std::uint64_t id) {
    auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    recent_.erase(found->second);
    by_id_.erase(found);
}

void prepared_set::clear() {
    recent_.clear();
    by_id_.clear();
}

statement_ptr prepared_set::evict_above(std::size_t limit) {
    if (by_id_.size() <= limit) return nullptr;
    statement_ptr oldest = recent_.back();
    remove(oldest->id);
    return oldest;
}

}  // namespace fairlead::proxy
