// Frozen numbers in few bits, and back. A block has 64 numbers and one scale; codes are those of the host, to the byte.

#define BLOCK 64
#define SMALLEST 0x1p-100f  // a block below it becomes zeros

__device__ static inline bool is_finite(float value) { return fabsf(value) <= 3.402823466e+38f; }

// Whole numbers from -127 to 127 times the scale, four a word.
struct integers {
    static const int BITS = 8;
    static const bool HAS_LEVELS = false;

    __device__ static inline float scale(float largest) {
        return largest < SMALLEST ? 0.0f : static_cast<float>(static_cast<double>(largest) / 127.0);
    }

    // What the largest number becomes.
    __device__ static inline float most(float scale) { return 127.0f * scale; }

    __device__ static inline unsigned code(float value, float largest, float scale) {
        const double steps = scale == 0.0f ? 0.0 : 127.0 / static_cast<double>(largest);
        return static_cast<unsigned>(static_cast<int>(rint(value * steps))) & 0xFFu;
    }

    __device__ static inline float value(unsigned code, float scale, const float *) {
        return scale * static_cast<float>(static_cast<int>(code << 24) >> 24);
    }

    __device__ static inline void eight(const int *words, long long at, unsigned (&codes)[8]) {
        const int2 both = *reinterpret_cast<const int2 *>(words + at / 4);
        for (int k = 0; k < 4; k++) {
            codes[k] = static_cast<unsigned>(both.x) >> (8 * k) & 0xFFu;
            codes[k + 4] = static_cast<unsigned>(both.y) >> (8 * k) & 0xFFu;
        }
    }
};

// One of 16 levels times the scale, eight a word.
struct quantiles {
    static const int BITS = 4;
    static const bool HAS_LEVELS = true;

    __device__ static inline float level(int number) {
        switch (number) {
            case 0: return -1.0f;
            case 1: return -0.6961928f;
            case 2: return -0.52507305f;
            case 3: return -0.3949175f;
            case 4: return -0.28444138f;
            case 5: return -0.18477343f;
            case 6: return -0.091050036f;
            case 7: return 0.0f;
            case 8: return 0.0795803f;
            case 9: return 0.1609302f;
            case 10: return 0.2461123f;
            case 11: return 0.33791524f;
            case 12: return 0.44070983f;
            case 13: return 0.562617f;
            case 14: return 0.72295684f;
            default: return 1.0f;
        }
    }

    __device__ static inline float scale(float largest) { return largest < SMALLEST ? 0.0f : largest; }

    __device__ static inline float most(float scale) { return scale; }

    // The nearest level: as many middles between two as are below.
    __device__ static inline unsigned code(float value, float largest, float scale) {
        const float part = scale == 0.0f ? 0.0f : value / scale;
        unsigned number = 0;
        for (int k = 0; k < 15; k++) {
            const float middle = static_cast<float>((static_cast<double>(level(k)) + static_cast<double>(level(k + 1))) / 2.0);
            number += part > middle ? 1u : 0u;
        }
        return number;
    }

    __device__ static inline float value(unsigned code, float scale, const float *levels) { return scale * levels[code]; }

    __device__ static inline void eight(const int *words, long long at, unsigned (&codes)[8]) {
        const unsigned word = static_cast<unsigned>(words[at / 8]);
        for (int k = 0; k < 8; k++) {
            codes[k] = word >> (4 * k) & 0xFu;
        }
    }
};

// A word of the codes of two numbers of each of its lanes, in all of them.
template <int BITS> __device__ static inline unsigned joined(unsigned first, unsigned second) {
    const int lanes = 16 / BITS;
    unsigned word = (first | second << BITS) << (threadIdx.x % lanes * 2 * BITS);
    for (int distance = 1; distance < lanes; distance *= 2) {
        word |= __shfl_xor_sync(0xFFFFFFFFu, word, distance);
    }
    return word;
}

// A warp encodes a block; what is behind the last number is 0.
template <class storage>
__device__ static inline void encode(const float *values, int *words, float *scales, int *refused, long long count) {
    const long long blocks = (count + BLOCK - 1) / BLOCK;
    const int lane = threadIdx.x % 32;
    const int lanes = 16 / storage::BITS;
    const long long step = gridDim.x * (long long)blockDim.x / 32;
    for (long long block = (blockIdx.x * (long long)blockDim.x + threadIdx.x) / 32; block < blocks; block += step) {
        const long long at = block * BLOCK + 2 * lane;
        const float first = at < count ? values[at] : 0.0f;
        const float second = at + 1 < count ? values[at + 1] : 0.0f;
        const float largest = warp_max(fmaxf(fabsf(first), fabsf(second)));
        const float scale = storage::scale(largest);
        const unsigned word =
            joined<storage::BITS>(storage::code(first, largest, scale), storage::code(second, largest, scale));
        if (lane % lanes == 0) {
            words[block * (2 * storage::BITS) + lane / lanes] = static_cast<int>(word);
        }
        if (lane == 0) {
            scales[block] = scale;
        }
        if (!is_finite(first) || !is_finite(second) || !is_finite(storage::most(scale))) {
            *refused = 1;  // whoever says it
        }
    }
}

extern "C" __global__ void encode_int8(const float *values, int *words, float *scales, int *refused, long long count) {
    encode<integers>(values, words, scales, refused, count);
}

extern "C" __global__ void encode_nf4(const float *values, int *words, float *scales, int *refused, long long count) {
    encode<quantiles>(values, words, scales, refused, count);
}

// Whole blocks: zeros behind the last number.
extern "C" __global__ void encode_bf16(const float *values, unsigned short *words, int *refused, long long count) {
    const long long padded = (count + BLOCK - 1) / BLOCK * BLOCK;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < padded; i += (long long)gridDim.x * blockDim.x) {
        const float value = i < count ? values[i] : 0.0f;
        const unsigned half = upper_half(value);
        words[i] = static_cast<unsigned short>(half);
        if (!is_finite(of_upper_half(half))) {
            *refused = 1;
        }
    }
}

__device__ static inline void put8(float *to, const float (&values)[8]) {
    store4(to, make_float4(values[0], values[1], values[2], values[3]));
    store4(to + 4, make_float4(values[4], values[5], values[6], values[7]));
}

__device__ static inline void put8(unsigned short *to, const float (&values)[8]) {
    *reinterpret_cast<uint4 *>(to) = make_uint4(halves(values[0], values[1]), halves(values[2], values[3]),
                                                halves(values[4], values[5]), halves(values[6], values[7]));
}

// Whether eight numbers of a part are eight neighbours of the matrix, from a multiple of 8 on, and can be written at once.
__device__ static inline bool in_eights(const void *to, int width, int first_column, int columns) {
    return width % 8 == 0 && first_column % 8 == 0 && columns % 8 == 0 && reinterpret_cast<unsigned long long>(to) % 16 == 0;
}

// Which number of the matrix a number of the part is, or the first of eight.
__device__ static inline long long place(unsigned number, int across, int each, int width, int first_row, int first_column) {
    const int row = number / across;
    return (first_row + row) * (long long)width + first_column + (number - (unsigned)row * across) * each;
}

// to [rows, columns] = a part of a matrix whose rows have `width` numbers. Shared: the levels.
template <class storage, typename number>
__device__ static inline void decode(const int *words, const float *scales, number *to, int width, int first_row, int rows,
                                     int first_column, int columns) {
    SHARED(float, levels);
    if (storage::HAS_LEVELS) {
        if (threadIdx.x < 16) {
            levels[threadIdx.x] = quantiles::level(threadIdx.x);
        }
        __syncthreads();
    }
    const int each = in_eights(to, width, first_column, columns) ? 8 : 1;
    const unsigned count = (unsigned)rows * (columns / each);
    for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
        const long long at = place(i, columns / each, each, width, first_row, first_column);
        const float scale = scales[at / BLOCK];
        if (each == 1) {
            const int bit = static_cast<int>(at % (32 / storage::BITS)) * storage::BITS;
            const unsigned code = static_cast<unsigned>(words[at / (32 / storage::BITS)]) >> bit;
            store1(to + i, storage::value(code & ((1u << storage::BITS) - 1), scale, levels));
            continue;
        }
        unsigned codes[8];
        storage::eight(words, at, codes);
        float values[8];
        for (int k = 0; k < 8; k++) {
            values[k] = storage::value(codes[k], scale, levels);
        }
        put8(to + 8ll * i, values);
    }
}

extern "C" __global__ void decode_int8(const int *words, const float *scales, float *to, int width, int first_row, int rows,
                                       int first_column, int columns) {
    decode<integers>(words, scales, to, width, first_row, rows, first_column, columns);
}

extern "C" __global__ void decode_int8_rounded(const int *words, const float *scales, unsigned short *to, int width,
                                               int first_row, int rows, int first_column, int columns) {
    decode<integers>(words, scales, to, width, first_row, rows, first_column, columns);
}

extern "C" __global__ void decode_nf4(const int *words, const float *scales, float *to, int width, int first_row, int rows,
                                      int first_column, int columns) {
    decode<quantiles>(words, scales, to, width, first_row, rows, first_column, columns);
}

extern "C" __global__ void decode_nf4_rounded(const int *words, const float *scales, unsigned short *to, int width,
                                              int first_row, int rows, int first_column, int columns) {
    decode<quantiles>(words, scales, to, width, first_row, rows, first_column, columns);
}

extern "C" __global__ void decode_bf16(const unsigned short *words, float *to, int width, int first_row, int rows,
                                       int first_column, int columns) {
    const int each = in_eights(to, width, first_column, columns) ? 8 : 1;
    const unsigned count = (unsigned)rows * (columns / each);
    for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
        const long long at = place(i, columns / each, each, width, first_row, first_column);
        if (each == 1) {
            to[i] = of_upper_half(words[at]);
            continue;
        }
        const uint4 pairs = *reinterpret_cast<const uint4 *>(words + at);
        store4(to + 8ll * i, make_float4(of_upper_half(pairs.x & 0xFFFFu), of_upper_half(pairs.x >> 16),
                                         of_upper_half(pairs.y & 0xFFFFu), of_upper_half(pairs.y >> 16)));
        store4(to + 8ll * i + 4, make_float4(of_upper_half(pairs.z & 0xFFFFu), of_upper_half(pairs.z >> 16),
                                             of_upper_half(pairs.w & 0xFFFFu), of_upper_half(pairs.w >> 16)));
    }
}

// to = from in bfloat16.
extern "C" __global__ void round_bf16(const float *from, unsigned short *to, long long count) {
    const bool aligned =
        reinterpret_cast<unsigned long long>(from) % 16 == 0 && reinterpret_cast<unsigned long long>(to) % 8 == 0;
    const long long quads = aligned ? count / 4 : 0;
    const long long first = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    const long long step = (long long)gridDim.x * blockDim.x;
    for (long long i = first; i < quads; i += step) {
        store4(to + 4 * i, load4(from + 4 * i));
    }
    for (long long i = 4 * quads + first; i < count; i += step) {
        store1(to + i, from[i]);
    }
}

// The same of rows, four columns at once where all are aligned.
extern "C" __global__ void round_rows(const float *from, int from_stride, unsigned short *to, int to_stride, int rows,
                                      int columns) {
    const bool aligned = columns % 4 == 0 && in_quads(from, from_stride) && in_quads(to, to_stride);
    const int each = aligned ? 4 : 1;
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        const float *source = from + (long long)row * from_stride;
        unsigned short *target = to + (long long)row * to_stride;
        for (int column = (blockIdx.x * blockDim.x + threadIdx.x) * each; column < columns;
             column += gridDim.x * blockDim.x * each) {
            if (aligned) {
                store4(target + column, load4(source + column));
            } else {
                store1(target + column, source[column]);
            }
        }
    }
}
