// What the parts of the stand-in for CUDA 11.6's runtime share.
#pragma once
#include "driver.h"

#include <cstddef>
#include <string>

namespace standin {

struct Dim3 {
    unsigned x, y, z;
};

// The runtime's own numbers.
enum RuntimeStatus { RUNTIME_SUCCESS = 0, RUNTIME_INVALID_VALUE = 1, RUNTIME_NOT_READY = 600, RUNTIME_NOT_SUPPORTED = 801 };

// The work of one of ND4J's kernels on the values that its arguments have now; empty if the kernel is not one of those that
// stand in.
// name: as C++ writes it, with template arguments
Work host_kernel(const std::string &name, Dim3 grid, void **arguments);

}  // namespace standin
