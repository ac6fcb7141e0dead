#pragma once

#include "tests/integration/library/library_shop.h"

#include <gtest/gtest.h>

namespace fairlead::test {

/// A test that runs on each engine, with a shop of its own.
class on_each_engine : public testing::TestWithParam<config::Engine> {
protected:
    library_shop shop{GetParam()};
};

inline auto both_engines() {
    return testing::Values(config::Engine::postgres, config::Engine::mysql);
}
inline std::string name_of_engine(const testing::TestParamInfo<config::Engine>& info) {
    return engine_name(info.param);
}

}  // namespace fairlead::test
