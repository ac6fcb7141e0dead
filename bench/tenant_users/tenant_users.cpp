// Preloaded into pgbench or sysbench (LD_PRELOAD), which know one user a run: gives each of their connections
// the next of the users t1 ... tN, so that one process drives N tenants and stays the same load generator as
// in the runs without tenants. N comes from BENCH_TENANTS.

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <string>
#include <vector>

namespace {

std::string next_user() {
    static const char* const count_text = std::getenv("BENCH_TENANTS");
    static const unsigned count = count_text == nullptr ? 1 : static_cast<unsigned>(std::atoi(count_text));
    static std::atomic<unsigned> next{0};
    return "t" + std::to_string(next.fetch_add(1) % count + 1);
}

}  // namespace

struct pg_conn;
struct st_mysql;

extern "C" pg_conn* PQconnectdbParams(const char* const* keywords, const char* const* values,
                                      int expand_dbname) {
    using connect_function = pg_conn* (*)(const char* const*, const char* const*, int);
    static const auto real = reinterpret_cast<connect_function>(dlsym(RTLD_NEXT, "PQconnectdbParams"));
    const std::string user = next_user();
    std::vector<const char*> changed;
    std::size_t i = 0;
    for (; keywords[i] != nullptr; ++i) {
        changed.push_back(std::strcmp(keywords[i], "user") == 0 ? user.c_str() : values[i]);
    }
    changed.push_back(nullptr);
    return real(keywords, changed.data(), expand_dbname);
}

extern "C" st_mysql* mysql_real_connect(st_mysql* mysql, const char* host, const char*, const char* password,
                                        const char* database, unsigned port, const char* socket,
                                        unsigned long flags) {
    using connect_function = st_mysql* (*)(st_mysql*, const char*, const char*, const char*, const char*,
                                           unsigned, const char*, unsigned long);
    static const auto real = reinterpret_cast<connect_function>(dlsym(RTLD_NEXT, "mysql_real_connect"));
    return real(mysql, host, next_user().c_str(), password, database, port, socket, flags);
}
