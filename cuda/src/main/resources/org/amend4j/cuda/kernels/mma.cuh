// Products of tiles by a warp on tensor cores, and copies into shared memory that go on meanwhile: for cards from compute capability
// 8.0 on. PTX on a card; emulation.h has the same functions, by PTX's tables of fragments.
//
// A word is one tf32, or two neighbours in bfloat16, the first of them in the lower half. Counted in words both products have
// the same fragments. Lane 4g + t holds, of the left factor's 16 rows of 8 words, the words (g, t), (g + 8, t), (g, t + 4) and
// (g + 8, t + 4); of the right factor's 8 columns of 8 words (g, t) and (g, t + 4); of the sums' 16 rows of 8 the elements
// (g, 2t), (g, 2t + 1), (g + 8, 2t) and (g + 8, 2t + 1). All lanes of a warp call them together.

#define LEAST_ARCHITECTURE 80

#ifndef AMEND_EMULATED

// sums += left right, of 16 x 16 and 16 x 8 bfloat16.
[[maybe_unused]] __device__ static inline void mma_bf16_16816(float (&sums)[4], const unsigned (&left)[4], unsigned right0,
                                                              unsigned right1) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right0), "r"(right1));
}

// sums += left right, of 16 x 8 and 8 x 8 tf32.
[[maybe_unused]] __device__ static inline void mma_tf32_1688(float (&sums)[4], const unsigned (&left)[4], unsigned right0,
                                                             unsigned right1) {
    asm volatile(
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right0), "r"(right1));
}

// Two numbers in bfloat16, to nearest even.
[[maybe_unused]] __device__ static inline unsigned bf16_pair(float first, float second) {
    unsigned word;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(second), "f"(first));
    return word;
}

// A number in tf32, to nearest, halves away from zero.
[[maybe_unused]] __device__ static inline unsigned tf32_of(float value) {
    unsigned word;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(value));
    return word;
}

[[maybe_unused]] __device__ static inline unsigned shared_address(const void *place) {
    unsigned address;
    asm("{ .reg .u64 whole; cvta.to.shared.u64 whole, %1; cvt.u32.u64 %0, whole; }" : "=r"(address) : "l"(place));
    return address;
}

// Four matrices of 8 rows of 4 words: lanes 8m to 8m + 7 name the rows of matrix m, lane 4g + t gets word t of row g of each.
[[maybe_unused]] __device__ static inline void ldmatrix_x4(unsigned (&words)[4], const unsigned *row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
                 : "r"(shared_address(row))
                 : "memory");
}

// Starts to copy `bytes` of 16, zeros for the rest; both places are multiples of 16.
[[maybe_unused]] __device__ static inline void cp_async16(float *to, const float *from, int bytes) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(from), "r"(bytes) : "memory");
}

// Closes a group of copies.
[[maybe_unused]] __device__ static inline void cp_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits for the thread's own copies, but those of the last `later` groups.
template <int later> [[maybe_unused]] __device__ static inline void cp_async_wait() {
    asm volatile("cp.async.wait_group %0;" ::"n"(later) : "memory");
}

#endif
