#include "config/file_stamp.h"

#include <algorithm>
#include <system_error>

namespace fairlead::config {

FileStamp stamp_of(const std::filesystem::path& file) {
    FileStamp made;
    made.file = file;
    std::error_code failed;
    const auto written = std::filesystem::last_write_time(file, failed);
    if (!failed) made.written = written;
    const auto size = std::filesystem::file_size(file, failed);
    if (!failed) made.size = size;
    return made;
}

bool are_current(const std::vector<FileStamp>& stamps) {
    return std::all_of(stamps.begin(), stamps.end(),
                       [](const FileStamp& then) { return stamp_of(then.file) == then; });
}

}  // namespace fairlead::config
