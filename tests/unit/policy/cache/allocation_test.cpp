#include "policy/mysql/render.h"
#include "policy/mysql/verdict_cache.h"
#include "policy/postgres/verdict_cache.h"
#include "support/sanitizers.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <string>

// A hit is on the path of every query: it must not allocate. Counted by replacing operator new for this
// program, which the sanitizers do themselves, so the test is left out there.
#if !FAIRLEAD_SANITIZED

namespace {
thread_local std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace fairlead::policy::postgres {
namespace {

TEST(verdict_cache_allocation, a_hit_allocates_nothing) {
    VerdictCache::Limits limits;
    VerdictCache cache(limits, [](const GuardScope&, std::string_view, std::string_view sql, auto* examined) {
        Verdict verdict;
        if (sql.find("f(") != std::string_view::npos) examined->push_back(3);
        verdict.refused = sql.find("refuse") != std::string_view::npos;
        return verdict;
    });
    GuardScope scope;
    for (const std::string& sql : {"SELECT a FROM t WHERE id = 1" + std::string(600, ' ') + "AND b = 'x'",
                                   std::string("SELECT f('x')"), std::string("SELECT refuse FROM t")}) {
        std::size_t at_start = allocations;
        cache.check(scope, "", sql);
        ASSERT_GT(allocations, at_start) << "nothing is counted";
        // Until both segments hold it and all scratch memory has its size.
        cache.check(scope, "", sql);
        std::size_t before = allocations;
        for (int i = 0; i < 10; ++i) cache.check(scope, "", sql);
        EXPECT_EQ(allocations, before) << sql;
        EXPECT_EQ(cache.counters().hits % 11, 0U);
    }
}

}  // namespace
}  // namespace fairlead::policy::postgres

namespace fairlead::policy::mysql {
namespace {

TEST(mysql_verdict_cache_allocation, a_hit_and_its_rendering_allocate_nothing) {
    VerdictCache cache(VerdictCache::Limits{}, [](const GuardScope&, const Speaker&, auto, auto* examined) {
        Verdict verdict;
        verdict.depends_on_tenant = true;
        verdict.splices.push_back({3, 3, std::string("x = ") + tenant_mark + " AND "});
        examined->push_back(7);
        return verdict;
    });
    GuardScope scope;
    Speaker speaker{.tenant = "acme", .database = "shop_on_the_server", .exposed = "shop", .mode = {}};
    std::string sql = "SELECT a FROM t WHERE id = 1 AND c = '" + std::string(600, 'c') + "'", out;
    auto ask = [&] {
        VerdictPtr verdict = cache.check(scope, speaker, sql);
        out.clear();
        ASSERT_TRUE(render(sql, cache.tokens(), verdict->splices, {.tenant = "acme", .database = "d"}, out));
    };
    ask();
    ask();
    std::size_t before = allocations;
    for (int i = 0; i < 10; ++i) ask();
    EXPECT_EQ(allocations, before);
    EXPECT_EQ(cache.counters().hits, 11U);
}

}  // namespace
}  // namespace fairlead::policy::mysql

#endif
