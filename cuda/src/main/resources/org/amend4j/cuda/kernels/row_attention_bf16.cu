// Attention of packed rows with factors of 8 significant bits: see tensor_attention.cuh.

#define PER_WORD 2
#define COLUMNS 128

#include "mma.cuh"
#include "attention_tiles.cuh"
#include "tensor_attention.cuh"
