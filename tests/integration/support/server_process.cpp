#include "tests/integration/support/server_process.h"

#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fairlead::test {
namespace {

/// In the child.
void become(const std::string& name) {
    if (geteuid() != 0) return;
    const passwd* const user = getpwnam(name.c_str());
    if (user == nullptr || initgroups(name.c_str(), user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
        setuid(user->pw_uid) != 0) {
        _exit(126);
    }
}

}  // namespace

void give_up(const std::string& why) {
    std::fprintf(stderr, "a test's server cannot be used: %s\n", why.c_str());
    std::abort();
}

pid_t spawn(const std::vector<std::string>& words, const std::string& log, const std::string& user,
            int last_signal) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child < 0) give_up("fork failed");
    if (child > 0) return child;
    become(user);
    prctl(PR_SET_PDEATHSIG, last_signal);
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (out >= 0) {
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
    }
    execv(arguments[0], arguments.data());
    _exit(127);
}

std::uint16_t free_port() {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);  // open until the process ends
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        give_up("no free port");
    }
    // Not before bind: two holders would share a port.
    const int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return ntohs(address.sin_port);
}

std::string make_server_folder(const std::string& prefix, const std::string& user) {
    std::string name = (std::filesystem::temp_directory_path() / (prefix + "-XXXXXX")).string();
    if (mkdtemp(name.data()) == nullptr) give_up("no temporary folder");
    if (geteuid() == 0) {
        const passwd* const account = getpwnam(user.c_str());
        if (account == nullptr || chown(name.c_str(), account->pw_uid, account->pw_gid) != 0)
            give_up("no user " + user);
    }
    return name;
}

void must_succeed(pid_t process, const std::string& what) {
    int status = 0;
    if (waitpid(process, &status, 0) != process || status != 0) give_up(what + " failed");
}

}  // namespace fairlead::test
