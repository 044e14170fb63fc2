// Attention of packed rows with factors of 11 significant bits: see tensor_attention.cuh.

#define PER_WORD 1
#define COLUMNS 128

#include "mma.cuh"
#include "attention_tiles.cuh"
#include "tensor_attention.cuh"
