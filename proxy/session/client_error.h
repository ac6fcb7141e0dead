#pragma once

#include <string_view>

namespace fairlead::proxy {

/// An error of ours for a client, before it is put into the words of its protocol: an ErrorResponse, or an
/// ERR packet with the number that belongs to the SQLSTATE. The views need to live for the call only.
struct client_error {
    std::string_view sqlstate;  // PostgreSQL's codes; the MySQL side translates them
    std::string_view message;
    std::string_view hint{};
    bool fatal = false;  // the connection is closed behind it
};

}  // namespace fairlead::proxy
