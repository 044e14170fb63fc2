/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F;
import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F_FAST_16BF;
import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F_FAST_TF32;
import static org.bytedeco.cuda.global.cublas.CUBLAS_GEMM_DEFAULT;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_N;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_SUCCESS;
import static org.bytedeco.cuda.global.cublas.cublasCreate_v2;
import static org.bytedeco.cuda.global.cublas.cublasDestroy_v2;
import static org.bytedeco.cuda.global.cublas.cublasGemmEx;
import static org.bytedeco.cuda.global.cublas.cublasGetStatusString;
import static org.bytedeco.cuda.global.cublas.cublasSetStream_v2;
import static org.bytedeco.cuda.global.cublas.cublasSetWorkspace_v2;
import static org.bytedeco.cuda.global.cudart.CUDA_R_16BF;
import static org.bytedeco.cuda.global.cudart.CUDA_R_32F;

import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.PlacedProduct;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** cuBLAS on one stream, in a workspace of its own; for use in the context that it was made in. */
final class Blas implements AutoCloseable {

    /**
     * What cuBLAS recommends for Hopper, more than it asks for elsewhere. With a workspace of its own it takes the same way through
     * a product in recorded work as outside of it.
     */
    static final long WORKSPACE_BYTES = 32L << 20;

    private final cublasContext handle = new cublasContext();
    /** α and β of the next product; cuBLAS has read them when its call returns. */
    private final FloatPointer alpha = new FloatPointer(1);

    private final FloatPointer beta = new FloatPointer(1);

    private Blas() {
        check(cublasCreate_v2(handle), "cublasCreate");
    }

    /**
     * A handle on a stream.
     *
     * @param workspace of {@link #WORKSPACE_BYTES}; must outlive the handle
     * @throws MachineException if cuBLAS refuses
     */
    static Blas on(CUstream_st stream, Pointer workspace) {
        Blas blas = new Blas();
        try {
            check(cublasSetStream_v2(blas.handle, stream), "cublasSetStream");
            check(cublasSetWorkspace_v2(blas.handle, workspace, WORKSPACE_BYTES), "cublasSetWorkspace");
            return blas;
        } catch (MachineException e) {
            try (blas) {
                throw e;
            }
        }
    }

    /** Starts a product of matrices stored by columns, at addresses on the card. */
    void multiply(PlacedProduct placed) {
        Gemm product = placed.product();
        alpha.put((float) product.alpha());
        beta.put((float) product.beta());
        int factors = typeOf(placed.factors());
        check(
                cublasGemmEx(
                        handle,
                        product.transposeA() ? CUBLAS_OP_T : CUBLAS_OP_N,
                        product.transposeB() ? CUBLAS_OP_T : CUBLAS_OP_N,
                        product.m(),
                        product.n(),
                        product.k(),
                        alpha,
                        new DevicePointer(placed.a()),
                        factors,
                        product.leadingA(),
                        new DevicePointer(placed.b()),
                        factors,
                        product.leadingB(),
                        beta,
                        new DevicePointer(placed.c()),
                        typeOf(placed.result()),
                        product.leadingC(),
                        computeType(product.precision(), placed.factors()),
                        CUBLAS_GEMM_DEFAULT),
                "cublasGemmEx of " + product);
    }

    /** How cuBLAS calls what an array holds. */
    static int typeOf(ElementType type) {
        return type == ElementType.BFLOAT16 ? CUDA_R_16BF : CUDA_R_32F;
    }

    static int computeType(ProductPrecision precision, ElementType factors) {
        if (factors == ElementType.BFLOAT16) {
            return CUBLAS_COMPUTE_32F; // nothing is rounded on the way: tensor cores take them as they are
        }
        return switch (precision) {
            case FP32 -> CUBLAS_COMPUTE_32F;
            case TF32 -> CUBLAS_COMPUTE_32F_FAST_TF32;
            case BF16 -> CUBLAS_COMPUTE_32F_FAST_16BF;
        };
    }

    @Override
    public void close() {
        alpha.close();
        beta.close();
        check(cublasDestroy_v2(handle), "cublasDestroy");
    }

    static void check(int status, String what) {
        if (status != CUBLAS_STATUS_SUCCESS) {
            throw new MachineException(
                    what + " failed: " + cublasGetStatusString(status).getString() + " (" + status + ")");
        }
    }
}
