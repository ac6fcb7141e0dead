#include "dal/driver/mysql/row_block.h"

#include <algorithm>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

constexpr std::size_t smallest_block = 512;
constexpr std::size_t largest_block = std::size_t{256} << 10;

}  // namespace

row_block::row_block(std::shared_ptr<const column_names> names) : names_(std::move(names)) {
    cells_.reserve(names_->size());
}

char* row_block::grow(std::size_t size) {
    const std::size_t usual =
        blocks_.empty() ? smallest_block
                        : std::min(std::max(blocks_.back().size, smallest_block) * 2, largest_block);
    const std::size_t wanted = std::max(size, usual);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(wanted), wanted});
    at_ = blocks_.back().memory.get();
    left_ = wanted;
    return at_;
}

}  // namespace fairlead::dal::mysql
