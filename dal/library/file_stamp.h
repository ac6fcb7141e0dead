#pragma once

#include "config/snapshot.h"

#include <filesystem>
#include <string>
#include <vector>

namespace fairlead::detail {

/// When the files of a configuration were written, and how long they are; another value: read them again.
struct file_stamp {
    struct entry {
        std::filesystem::file_time_type written{};
        std::uintmax_t size = 0;
        bool operator==(const entry&) const = default;
    };
    std::vector<entry> entries;
    bool operator==(const file_stamp&) const = default;
};

/// Of the configuration and, where it is a file, the tenant directory. A file that is not there counts as
/// empty.
file_stamp stamp_of(const std::string& config_file, const config::Snapshot& snapshot);

}  // namespace fairlead::detail
