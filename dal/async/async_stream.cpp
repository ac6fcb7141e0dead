#include "dal/async/async_stream.h"

#include "dal/session/stream_operation.h"

#include <utility>

namespace fairlead::dal {
namespace {

using fairlead::detail::async_outcome;

/// What is behind an AsyncStream. Destroyed before its end, its statement is cancelled; the transaction it
/// belongs to is over then.
class async_stream final : public fairlead::detail::async_rows,
                           public std::enable_shared_from_this<async_stream> {
public:
    async_stream(const call_origin& origin, call_place place, call_turn::flag flag, BoundStatement statement)
        : async_rows(origin.executor),
          origin_(origin),
          place_(std::move(place)),
          flag_(std::move(flag)),
          statement_(std::move(statement)),
          operation_(place_.tenant->services(), *place_.home, place_.kept.get(), statement_.statement(),
                     place_.tenant->options()) {}
    ~async_stream() override;

    void open(call_turn turn, async_call::Completion completion);
    void next(async_call::Completion completion) override;

    stream_operation& operation() { return operation_; }

private:
    const call_origin origin_;
    const call_place place_;
    const call_turn::flag flag_;
    const BoundStatement statement_;
    stream_operation operation_;
    bool first_ = true;  // the rows that came with opening were not asked for yet
};

/// One round of a stream.
class round_work final : public async_work {
public:
    round_work(std::shared_ptr<async_stream> stream, call_turn turn, bool opens)
        : turn_(std::move(turn)), stream_(std::move(stream)), opens_(opens) {}

    Operation& operation() override { return stream_->operation(); }
    void collect(async_outcome& outcome) override {
        outcome.rows = stream_->operation().rows();
        if (opens_) outcome.stream = stream_;
    }

private:
    const call_turn turn_;  // let go behind the stream: that it is dropped concerns its transaction
    const std::shared_ptr<async_stream> stream_;
    const bool opens_;
};

async_stream::~async_stream() = default;

void async_stream::open(call_turn turn, async_call::Completion completion) {
    origin_.start(std::make_unique<round_work>(shared_from_this(), std::move(turn), true),
                  std::move(completion));
}

void async_stream::next(async_call::Completion completion) {
    call_turn turn(flag_);
    if (!turn.held()) return call_origin::fail(std::move(completion), another_call_runs());
    if (operation_.rows() == nullptr || std::exchange(first_, false)) {
        async_outcome outcome;
        outcome.rows = operation_.rows();
        return call_origin::succeed(std::move(completion), std::move(outcome));
    }
    operation_.fetch();
    origin_.start(std::make_unique<round_work>(shared_from_this(), std::move(turn), false),
                  std::move(completion));
}

}  // namespace

void open_async_stream(const call_origin& origin, call_place place, call_turn::flag flag,
                       BoundStatement statement, async_call::Completion completion) {
    call_turn turn = std::move(place.turn);
    std::make_shared<async_stream>(origin, std::move(place), std::move(flag), std::move(statement))
        ->open(std::move(turn), std::move(completion));
}

}  // namespace fairlead::dal
