#pragma once

#include "config/file_stamp.h"
#include "config/purpose.h"
#include "config/snapshot.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::config {

/// One mistake in a configuration file. Printed as "FILE:LINE:COLUMN: KEY: MESSAGE".
struct Diagnostic {
    std::string file;
    unsigned line = 0;  // 0: not tied to a line
    unsigned column = 0;
    std::string key;      // dotted path: "backends.pg1.pool_size", "tenants[3].id"
    std::string message;  // what was found, what was expected, a near-miss suggestion where there is one
};

std::string to_string(const Diagnostic& diagnostic);

/// Looks an environment variable up; injected so that tests need not change the process environment.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
Environment process_environment();

struct LoadResult {
    SnapshotPtr snapshot;              // null when there is any mistake
    std::vector<Diagnostic> mistakes;  // all of them, in file order
    std::vector<Diagnostic> warnings;  // worth a log line, do not prevent start
    // What was read, or looked for, each as it was just before: a change meanwhile makes it another.
    std::vector<FileStamp> files;
};

/// Reads FILE, expands `env:NAME` and `${NAME}`, reads the tenant directory it names (relative to FILE),
/// checks every key, value and cross reference, and builds a snapshot. Never throws; a missing file is a
/// mistake like others.
LoadResult load(const std::string& file, const Environment& environment, std::uint64_t generation,
                Purpose purpose = Purpose::proxy);

}  // namespace fairlead::config
