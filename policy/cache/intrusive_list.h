#pragma once

#include <cstddef>

namespace fairlead::policy {

template <typename T>
struct list_links {
    T* previous = nullptr;
    T* next = nullptr;
};

/// A doubly linked list through a member of its elements: no allocation, O(1) for everything. Does not own
/// them.
template <typename T, list_links<T> T::*Links>
class intrusive_list {
public:
    bool empty() const { return first_ == nullptr; }
    T* front() const { return first_; }
    T* back() const { return last_; }
    static T* before(T* element) { return (element->*Links).previous; }

    void push_front(T* element) {
        element->*Links = {nullptr, first_};
        (first_ == nullptr ? last_ : (first_->*Links).previous) = element;
        first_ = element;
    }
    void erase(T* element) {
        list_links<T>& links = element->*Links;
        (links.previous == nullptr ? first_ : (links.previous->*Links).next) = links.next;
        (links.next == nullptr ? last_ : (links.next->*Links).previous) = links.previous;
        links = {};
    }
    void move_to_front(T* element) {
        if (element == first_) return;
        erase(element);
        push_front(element);
    }

private:
    T* first_ = nullptr;
    T* last_ = nullptr;
};

}  // namespace fairlead::policy
