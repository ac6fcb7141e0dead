#pragma once

#include <functional>
#include <string>
#include <vector>

namespace fairlead::proxy::admin {

struct admin_response {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
};

/// One page. `answer` runs on the thread of the admin io_context, may block it, and an exception from it
/// becomes status 500 for that request only.
struct admin_route {
    std::string path;     // "/metrics"; exact, without query string
    std::string summary;  // one line for the index at "/"
    std::function<admin_response()> answer;
};
using admin_routes = std::vector<admin_route>;

}  // namespace fairlead::proxy::admin
