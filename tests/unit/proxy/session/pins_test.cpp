#include "proxy/session/pins.h"

#include <gtest/gtest.h>

namespace fairlead::proxy {
namespace {

using policy::Pin;

class pins_test : public ::testing::Test {
protected:
    Pin left_after(policy::PinSet ended, bool one = false) {
        pins_.end(ended, one);
        pins_.settle();
        return pins_.reason();
    }
    pins pins_;
};

TEST_F(pins_test, holds_until_every_cause_has_ended) {
    pins_.take(Pin::listen);
    pins_.take(Pin::advisory_lock);
    EXPECT_EQ(pins_.reason(), Pin::listen);
    EXPECT_EQ(left_after(Pin::listen), Pin::advisory_lock);
    EXPECT_EQ(left_after(Pin::listen), Pin::advisory_lock);
    EXPECT_EQ(left_after(Pin::advisory_lock), Pin::none);
}

TEST_F(pins_test, names_the_cause_that_came_first) {
    pins_.take(Pin::setting);
    pins_.take(Pin::listen);
    EXPECT_EQ(pins_.reason(), Pin::setting);
    pins_.clear();
    EXPECT_EQ(pins_.reason(), Pin::none);
    pins_.take(Pin::listen);
    EXPECT_EQ(pins_.reason(), Pin::listen);
}

TEST_F(pins_test, one_of_several_leaves_the_others) {
    pins_.take(Pin::temporary_object);
    pins_.take(Pin::temporary_object);
    EXPECT_EQ(left_after(Pin::temporary_object, true), Pin::temporary_object);
    EXPECT_EQ(left_after(Pin::temporary_object, true), Pin::temporary_object) << "there may have been three";
    EXPECT_EQ(left_after(Pin::temporary_object), Pin::none);
    pins_.take(Pin::temporary_object);
    EXPECT_EQ(left_after(Pin::temporary_object, true), Pin::none);
    pins_.take(Pin::temporary_object, true);
    EXPECT_EQ(left_after(Pin::temporary_object, true), Pin::temporary_object);
}

TEST_F(pins_test, nothing_ends_before_the_transaction_does) {
    pins_.take(Pin::listen);
    pins_.end(Pin::listen);
    EXPECT_EQ(pins_.reason(), Pin::listen);
    pins_.undo_ends();
    pins_.settle();
    EXPECT_EQ(pins_.reason(), Pin::listen);
    pins_.end(Pin::listen);
    pins_.take(Pin::listen);
    pins_.settle();
    EXPECT_EQ(pins_.reason(), Pin::listen) << "it began again behind its end";
}

}  // namespace
}  // namespace fairlead::proxy
