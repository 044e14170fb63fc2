// What all attention of packed rows has in common: tiles of 64 rows, which of them meet, and the kernel of the sums delta.

#define ROWS 64

// Rows of a matrix, from some column on.
struct rows_of {
    const float *first;
    int stride;
    int count;
};

__device__ static inline rows_of part_of(const float *matrix, int stride, int column, int row, int count) {
    return {matrix + (long long)row * stride + column, stride, count};
}

// Of `end - first` rows, those of one tile.
__device__ static inline int at_most_rows(int first, int end) { return end - first < ROWS ? end - first : ROWS; }

// The rows [first, first + count) of an example [start, end); count is at most 64, and not positive where a block has none.
struct tile {
    int first;
    int count;
    int start;
    int end;
    bool in_example;
};

// Example e has the blocks from starts[e] / 64 + e on: enough, however long the ones before it are. Behind the last example
// is one more, of the rows of none.
__device__ static inline tile tile_of(const int *starts, int examples, int rows, int block) {
    int example = 0;
    int last = examples;
    while (example < last) {
        const int middle = (example + last + 1) / 2;
        if (starts[middle] / ROWS + middle <= block) {
            example = middle;
        } else {
            last = middle - 1;
        }
    }
    tile at;
    at.start = starts[example];
    at.end = example < examples ? starts[example + 1] : rows;
    at.first = at.start + (block - at.start / ROWS - example) * ROWS;
    at.count = at_most_rows(at.first, at.end);
    at.in_example = example < examples;
    return at;
}

__device__ static inline bool sees(int query, int key, int causal, int window) {
    return !causal || (key <= query && query - key < window);
}

// Rows [first, end) of an example.
struct span {
    int first;
    int end;
};

// The keys that some query of a tile sees.
__device__ static inline span keys_of(tile at, int causal, int window) {
    const int earliest = at.first - window + 1;
    const int first = causal && earliest > at.start ? earliest : at.start;
    return {first, !at.in_example ? first : causal ? at.first + at.count : at.end};
}

// The queries that see some key of a tile.
__device__ static inline span queries_of(tile at, int causal, int window) {
    const int first = causal ? at.first : at.start;
    const int last = at.first + at.count - 1;
    return {first, !at.in_example ? first : causal && at.end - last > window ? last + window : at.end};
}

// The head and the first of the columns that a block takes: heads have ceil(size / columns) blocks in y.
struct columns_of {
    int head;
    int from;
};

__device__ static inline columns_of columns_of_block(int size, int columns) {
    const int parts = (size + columns - 1) / columns;
    return {(int)(blockIdx.y / parts), (int)(blockIdx.y % parts * columns)};
}

// What the backward sweeps know of a query's row in a head: L and delta. Zeros where there is no row.
struct query_sums {
    float log_sum;
    float delta;
};

__device__ static inline query_sums sums_of(const float *log_sums, const float *deltas, int row, int heads, int head, bool there) {
    const long long place = (long long)row * heads + head;
    return {there ? log_sums[place] : 0.0f, there ? deltas[place] : 0.0f};
}

// deltas [rows, heads] = the sums of upstream * out over the columns of a head, for the rows of examples. A warp takes a sum.
extern "C" __global__ void attention_deltas(const float *upstream, int upstream_stride, const float *out, int out_stride,
                                            const int *starts, float *deltas, int examples, int heads, int size) {
    const long long count = (long long)starts[examples] * heads;
    const long long warps = (long long)gridDim.x * (blockDim.x / 32);
    for (long long i = blockIdx.x * (long long)(blockDim.x / 32) + threadIdx.x / 32; i < count; i += warps) {
        const long long row = i / heads;
        const int column = (int)(i % heads) * size;
        float sum = 0.0f;
        for (int c = threadIdx.x % 32; c < size; c += 32) {
            sum += upstream[row * upstream_stride + column + c] * out[row * out_stride + column + c];
        }
        sum = warp_sum(sum);
        if (threadIdx.x % 32 == 0) {
            deltas[i] = sum;
        }
    }
}
