#pragma once

#include <string>
#include <vector>

namespace fairlead::test {

struct CommandResult {
    int status = -1;  // 2: the command line itself was wrong
    std::string out;
    std::string err;
};

/// `fairlead policy ...` or `fairlead estate ...` in this process, with an empty environment.
CommandResult run_command(std::vector<std::string> words);

}  // namespace fairlead::test
