#include "dal/pool/expiry_heap.h"

namespace fairlead::dal {

void expiry_heap::put(std::size_t place, node moved) {
    heap_[place] = moved;
    place_[moved.item] = static_cast<std::uint32_t>(place);
}

void expiry_heap::add(std::uint32_t item, TimePoint at) {
    while (place_.size() <= item) place_.push_back(no_index);
    heap_.push_back({at, item});
    put(heap_.size() - 1, {at, item});
    rise(heap_.size() - 1);
}

void expiry_heap::remove(std::uint32_t item) {
    if (!contains(item)) return;
    const std::size_t place = place_[item];
    place_[item] = no_index;
    const node last = heap_.back();
    heap_.pop_back();
    if (last.item == item) return;
    put(place, last);
    rise(place);
    sink(place_[last.item]);
}

void expiry_heap::rise(std::size_t place) {
    const node moving = heap_[place];
    while (place != 0 && moving.at < heap_[(place - 1) / 2].at) {
        put(place, heap_[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(place, moving);
}

void expiry_heap::sink(std::size_t place) {
    const node moving = heap_[place];
    for (;;) {
        std::size_t child = 2 * place + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1].at < heap_[child].at) ++child;
        if (moving.at <= heap_[child].at) break;
        put(place, heap_[child]);
        place = child;
    }
    put(place, moving);
}

}  // namespace fairlead::dal
