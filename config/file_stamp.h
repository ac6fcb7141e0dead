#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace fairlead::config {

/// When a file was written, and how long it was; another value: it may say something else by now.
struct FileStamp {
    std::filesystem::path file;
    std::filesystem::file_time_type written{};
    std::uintmax_t size = 0;
    bool operator==(const FileStamp&) const = default;
};

/// A file that is not there counts as empty.
FileStamp stamp_of(const std::filesystem::path& file);

/// Whether all of them are still as they were.
bool are_current(const std::vector<FileStamp>& stamps);

}  // namespace fairlead::config
