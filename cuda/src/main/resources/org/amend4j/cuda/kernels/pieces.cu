// Copies of many small matrices from an array of floats into one of VALUEs.

#define PIECE_WORDS 9

__device__ static inline long long of_halves(int low, int high) { return (long long)high << 32 | (unsigned int)low; }

// The words of the piece that has an element, counted over all pieces.
__device__ static inline const int *piece_of(const int *table, int pieces, int element) {
    int first = 0;
    int behind = pieces;
    while (behind - first > 1) {
        const int middle = (first + behind) / 2;
        if (table[(long long)middle * PIECE_WORDS] <= element) {
            first = middle;
        } else {
            behind = middle;
        }
    }
    return table + (long long)first * PIECE_WORDS;
}

// A piece is nine ints of the table: how many numbers the pieces before it have, both halves of the place of a gapless matrix
// [rows, columns] in from, rows, columns, both halves of its place in to, the stride of rows there, and whether columns are rows there.
// numbers: of all pieces.
extern "C" __global__ void copy_pieces(const float *from, const int *table, int pieces, int numbers, VALUE *to) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < numbers; i += gridDim.x * blockDim.x) {
        const int *words = piece_of(table, pieces, i);
        const int within = i - words[0];
        const int row = within / words[4];
        const int column = within % words[4];
        const long long stride = words[7];
        const long long place = words[8] != 0 ? column * stride + row : row * stride + column;
        store1(to + of_halves(words[5], words[6]) + place, from[of_halves(words[1], words[2]) + within]);
    }
}
