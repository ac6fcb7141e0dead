#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

/// What the private database servers of the tests have in common. Everything aborts the test program when it
/// cannot be done.
namespace fairlead::test {

/// Prints why and aborts.
[[noreturn]] void give_up(const std::string& why);

/// Starts a program that writes to `log`. As root it becomes `user` first, since database servers refuse to
/// run as root. It gets `last_signal` when this process dies.
pid_t spawn(const std::vector<std::string>& words, const std::string& log, const std::string& user,
            int last_signal);

/// A loopback port that is this process's from now on: a server can listen there, since it sets SO_REUSEADDR
/// and the holder never listens, but nobody else is given it meanwhile, neither another test nor a client's
/// connection.
std::uint16_t free_port();

/// A new folder for temporary files, named PREFIX-..., which `user` owns when we are root.
std::string make_server_folder(const std::string& prefix, const std::string& user);

/// Waits for a program that must succeed.
void must_succeed(pid_t process, const std::string& what);

}  // namespace fairlead::test
