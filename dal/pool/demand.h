#pragma once

#include "dal/pool/index_list.h"

#include <vector>

namespace fairlead::dal {

/// What each database needs and has, and the databases that need one more connection opened ("hungry"), in
/// the order in which they became so; one that got its connection and needs more goes to the end. All O(1).
class demand {
public:
    enum class login : std::uint8_t {
        free,     // as many at once as needed
        resting,  // none: logins to this database failed a moment ago
        probing,  // one at a time until one succeeds
    };
    struct counts {
        std::uint32_t need = 0;  // waiters that could take a connection now (their tenant is below its cap)
        std::uint32_t connecting = 0, idle = 0, lent = 0;
        login logins = login::free;
        bool hungry = false;

        std::uint32_t live() const { return idle + lent; }
        std::uint32_t total() const { return live() + connecting; }
    };

    void reset(std::uint32_t database);
    void change(std::uint32_t database, std::uint32_t counts::*which, int by);
    /// One of its connections passes from one count to another. At once: in between it would look hungry, and
    /// lose its place among the hungry.
    void move(std::uint32_t database, std::uint32_t counts::*from, std::uint32_t counts::*to);
    void set_logins(std::uint32_t database, login logins);

    const counts& of(std::uint32_t database) const { return databases_[database]; }
    bool hungry(std::uint32_t database) const { return databases_[database].hungry; }
    std::uint32_t first_hungry() const { return hungry_.first; }
    /// The first goes to the end.
    void rotate();

private:
    void refresh(std::uint32_t database);

    std::vector<counts> databases_;
    index_list hungry_;
    list_links links_;
};

}  // namespace fairlead::dal
