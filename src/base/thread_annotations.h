// Which mutex guards what, checked by Clang's thread safety analysis; empty for other compilers.
#pragma once

#if defined(__clang__)
#define STOKER_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define STOKER_THREAD_ANNOTATION(x)
#endif

#define GUARDED_BY(x) STOKER_THREAD_ANNOTATION(guarded_by(x))
#define REQUIRES(...) STOKER_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
