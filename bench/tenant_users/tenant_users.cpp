// Preloaded into pgbench (LD_PRELOAD), which knows one user a run: gives each of its connections the next of
// the users t1 ... tN, so that one pgbench drives N tenants and stays the same load generator as in the runs
// without tenants. N comes from BENCH_TENANTS.

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <string>
#include <vector>

struct pg_conn;

extern "C" pg_conn* PQconnectdbParams(const char* const* keywords, const char* const* values,
                                      int expand_dbname) {
    using connect_function = pg_conn* (*)(const char* const*, const char* const*, int);
    static const auto real = reinterpret_cast<connect_function>(dlsym(RTLD_NEXT, "PQconnectdbParams"));
    static const char* const count_text = std::getenv("BENCH_TENANTS");
    static const unsigned count = count_text == nullptr ? 1 : static_cast<unsigned>(std::atoi(count_text));
    static std::atomic<unsigned> next{0};

    const std::string user = "t" + std::to_string(next.fetch_add(1) % count + 1);
    std::vector<const char*> changed;
    std::size_t i = 0;
    for (; keywords[i] != nullptr; ++i) {
        changed.push_back(std::strcmp(keywords[i], "user") == 0 ? user.c_str() : values[i]);
    }
    changed.push_back(nullptr);
    return real(keywords, changed.data(), expand_dbname);
}
