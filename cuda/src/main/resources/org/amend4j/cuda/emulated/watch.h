// Which bytes kernels read and write. The compiler calls __tsan_… for every access (-fsanitize=thread, without its library);
// here these mark the memory that is watched. Behind emulation.h, for EmulatedDevice.watching.
struct amend_range {
    uint64_t base, bytes;
    unsigned char *marks;  // one for two bytes: 1 read, 2 written
};
struct amend_watch_list {
    uint64_t count;
    amend_range ranges[64];
};
static const amend_watch_list *amend_watched;

#define AMEND_UNWATCHED __attribute__((no_sanitize("thread")))

AMEND_UNWATCHED static void amend_touch(const void *address, size_t bytes, unsigned char how) {
    const uint64_t at = reinterpret_cast<uint64_t>(address);
    for (uint64_t r = 0; amend_watched != nullptr && r < amend_watched->count; r++) {
        const amend_range &range = amend_watched->ranges[r];
        if (at >= range.base && at < range.base + range.bytes) {
            for (uint64_t i = at - range.base; i < at - range.base + bytes && i < range.bytes; i += 2) {
                range.marks[i / 2] |= how;
            }
            return;
        }
    }
}

#define AMEND_TOUCHES(size)                                                                                          \
    AMEND_HOOK void __tsan_read##size(void *address) { amend_touch(address, size, 1); }                              \
    AMEND_HOOK void __tsan_write##size(void *address) { amend_touch(address, size, 2); }                             \
    AMEND_HOOK void __tsan_unaligned_read##size(void *address) { amend_touch(address, size, 1); }                    \
    AMEND_HOOK void __tsan_unaligned_write##size(void *address) { amend_touch(address, size, 2); }                   \
    AMEND_HOOK void __tsan_volatile_read##size(void *address) { amend_touch(address, size, 1); }                     \
    AMEND_HOOK void __tsan_volatile_write##size(void *address) { amend_touch(address, size, 2); }
#define AMEND_HOOK AMEND_UNWATCHED __attribute__((visibility("hidden"), used))

extern "C" {
AMEND_TOUCHES(1)
AMEND_TOUCHES(2)
AMEND_TOUCHES(4)
AMEND_TOUCHES(8)
AMEND_TOUCHES(16)
AMEND_HOOK void __tsan_read_range(void *address, size_t bytes) { amend_touch(address, bytes, 1); }
AMEND_HOOK void __tsan_write_range(void *address, size_t bytes) { amend_touch(address, bytes, 2); }
AMEND_HOOK void __tsan_vptr_update(void **, void *) {}
AMEND_HOOK void __tsan_func_entry(void *) {}
AMEND_HOOK void __tsan_func_exit(void) {}
AMEND_HOOK void __tsan_init(void) {}
}
