#include "dal/library/file_stamp.h"

#include <string_view>
#include <system_error>

namespace fairlead::detail {
namespace {

file_stamp::entry entry_of(const std::filesystem::path& file) {
    file_stamp::entry made;
    std::error_code failed;
    const auto written = std::filesystem::last_write_time(file, failed);
    if (!failed) made.written = written;
    const auto size = std::filesystem::file_size(file, failed);
    if (!failed) made.size = size;
    return made;
}

}  // namespace

file_stamp stamp_of(const std::string& config_file, const config::Snapshot& snapshot) {
    file_stamp stamp;
    const std::filesystem::path file(config_file);
    stamp.entries.push_back(entry_of(file));
    constexpr std::string_view scheme = "file:";
    const std::string_view source = snapshot.settings().directory_source;
    if (source.starts_with(scheme))
        stamp.entries.push_back(entry_of(file.parent_path() / source.substr(scheme.size())));
    return stamp;
}

}  // namespace fairlead::detail
