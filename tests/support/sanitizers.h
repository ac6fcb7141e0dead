#pragma once

// Memory and CPU time mean nothing under ASan and TSan. gcc says so by a macro each, clang by __has_feature.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FAIRLEAD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FAIRLEAD_SANITIZED 1
#endif
#endif
#ifndef FAIRLEAD_SANITIZED
#define FAIRLEAD_SANITIZED 0
#endif
