// Rows of tables by number.

// out[row] = table[token of row]; NaN where the token is not in [0, vocabulary). A thread has a column, or four where all rows are
// aligned; a line of the grid takes as many rows at once as it has threads for. 0 < columns <= the threads of a line.
template <typename T>
__device__ static inline void gather_rows(const T *table, int table_stride, int vocabulary, const int *tokens, T *out,
                                          int out_stride, int rows, int columns) {
    const bool quads = columns % 4 == 0 && in_quads(table, table_stride) && in_quads(out, out_stride);
    const int each = quads ? 4 : 1;
    const int across = columns / each;
    const int thread = blockIdx.x * blockDim.x + threadIdx.x;
    const int lines = (int)(gridDim.x * blockDim.x) / across;
    if (thread >= across * lines) {
        return;
    }
    const int column = thread % across * each;
    const long long step = (long long)gridDim.y * lines;  // more than an int has room for, of a narrow table beside a wide one
    for (long long row = (long long)blockIdx.y * lines + thread / across; row < rows; row += step) {
        const int token = tokens[row];
        const bool known = token >= 0 && token < vocabulary;
        const T *from = table + (long long)token * table_stride + column;
        T *to = out + row * out_stride + column;
        if (quads) {
            store4(to, known ? load4(from) : make_float4(NAN, NAN, NAN, NAN));
        } else {
            store1(to, known ? load1(from) : NAN);
        }
    }
}

// Grid: columns in x, rows in y.
extern "C" __global__ void gather(const VALUE *table, int table_stride, int vocabulary, const int *tokens, VALUE *out,
                                  int out_stride, int rows, int columns) {
    gather_rows(table, table_stride, vocabulary, tokens, out, out_stride, rows, columns);
}

// The same of two tables by one launch; the second holds floats. Grid: columns of the wider one in x, rows in y.
extern "C" __global__ void gather_pair(const VALUE *table, int table_stride, const float *second, int second_stride,
                                       int vocabulary, const int *tokens, VALUE *out, int out_stride, float *second_out,
                                       int second_out_stride, int rows, int columns, int second_columns) {
    gather_rows(table, table_stride, vocabulary, tokens, out, out_stride, rows, columns);
    gather_rows(second, second_stride, vocabulary, tokens, second_out, second_out_stride, rows, second_columns);
}

// table[tokens[s]] += scale * the sum of the rows whose numbers are places[starts[s]] to places[starts[s + 1] - 1], for each of
// the segments s. Tokens are different, so no two threads write to one place; places are sorted, so sums are always the same.
extern "C" __global__ void scatter(const float *rows, int rows_stride, const int *tokens, const int *starts,
                                   const int *places, int segments, float scale, float *table, int table_stride,
                                   int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    for (int s = blockIdx.y; s < segments; s += gridDim.y) {
        float sum = 0.0f;
        for (int i = starts[s]; i < starts[s + 1]; i++) {
            sum += rows[(long long)places[i] * rows_stride + column];
        }
        table[(long long)tokens[s] * table_stride + column] += scale * sum;
    }
}
