#include "dal/pool/demand.h"

#include <cassert>

namespace fairlead::dal {

void demand::reset(std::uint32_t database) {
    grow_to(databases_, database);
    grow_to(links_, database);
    assert(!databases_[database].hungry && databases_[database].total() == 0);
    databases_[database] = {};
}

void demand::change(std::uint32_t database, std::uint32_t counts::*which, int by) {
    std::uint32_t& number = databases_[database].*which;
    assert(by >= 0 || number != 0);
    number = static_cast<std::uint32_t>(static_cast<int>(number) + by);
    refresh(database);
}

void demand::move(std::uint32_t database, std::uint32_t counts::*from, std::uint32_t counts::*to) {
    counts& numbers = databases_[database];
    assert(numbers.*from != 0);
    --(numbers.*from);
    ++(numbers.*to);
    refresh(database);
}

void demand::set_logins(std::uint32_t database, login logins) {
    databases_[database].logins = logins;
    refresh(database);
}

void demand::rotate() {
    const std::uint32_t first = hungry_.first;
    if (first == no_index || first == hungry_.last) return;
    hungry_.remove(links_, first);
    hungry_.push_back(links_, first);
}

void demand::refresh(std::uint32_t database) {
    counts& now = databases_[database];
    bool hungry = now.need > now.connecting + now.idle;
    if (now.logins == login::resting) hungry = false;
    if (now.logins == login::probing && now.connecting != 0) hungry = false;
    if (hungry == now.hungry) return;
    now.hungry = hungry;
    if (hungry) {
        hungry_.push_back(links_, database);
    } else {
        hungry_.remove(links_, database);
    }
}

}  // namespace fairlead::dal
