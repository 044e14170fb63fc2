/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.bytedeco.cuda.global.cublas.CUBLASLT_EPILOGUE_BIAS;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_EPILOGUE_DRELU;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_EPILOGUE_DRELU_BGRAD;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_EPILOGUE_RELU_AUX_BIAS;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_EPILOGUE_RELU_BIAS;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_BIAS_POINTER;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_EPILOGUE;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSA;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSB;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_N;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_ARCH_MISMATCH;
import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_NOT_SUPPORTED;
import static org.bytedeco.cuda.global.cublas.CUBLAS_STATUS_SUCCESS;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmul;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulAlgoGetHeuristic;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescSetAttribute;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceSetAttribute;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutDestroy;
import static org.bytedeco.cuda.global.cudart.CUDA_R_32F;

import java.util.function.ToIntFunction;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.PlacedEpilogue;
import org.amend4j.internal.backend.PlacedProduct;
import org.amend4j.internal.backend.SignMask;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulDescOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulPreferenceOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatrixLayoutOpaque_t;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** Products of one {@link Shape} by cuBLASLt: how their matrices lie, and the algorithm that it recommends, if it has one. */
final class LtProduct implements AutoCloseable {

    private static final int MOST_ALIGNMENT = 256;

    /**
     * What an algorithm depends on.
     *
     * @param alignments bytes that the addresses of A, B, C, bias or sums, and mask are multiples of, at most 256
     */
    record Shape(Gemm product, ElementType factors, ElementType result, Ending ending, Alignments alignments) {

        static Shape of(PlacedProduct product, PlacedEpilogue epilogue) {
            Gemm gemm = product.product();
            return new Shape(
                    gemm.withFactors(1, gemm.beta() == 0 ? 0 : 1), // numbers that it is called with
                    product.factors(),
                    product.result(),
                    Ending.of(epilogue),
                    new Alignments(
                            alignment(product.a()),
                            alignment(product.b()),
                            alignment(product.c()),
                            alignment(epilogue.vector()),
                            alignment(epilogue.mask())));
        }

        private static int alignment(long address) {
            return address == 0 ? MOST_ALIGNMENT : (int) Math.min(MOST_ALIGNMENT, Long.lowestOneBit(address));
        }
    }

    /** In bytes. */
    record Alignments(int a, int b, int c, int vector, int mask) {}

    private final Owned owned = new Owned();
    private final cublasLtContext handle;
    private final cublasLtMatmulDescOpaque_t description;
    private final cublasLtMatrixLayoutOpaque_t a;
    private final cublasLtMatrixLayoutOpaque_t b;
    private final cublasLtMatrixLayoutOpaque_t c;
    private final cublasLtMatmulHeuristicResult_t found = new cublasLtMatmulHeuristicResult_t();
    /** An address on its way to cuBLASLt, which has read it when its call returns. */
    private final LongPointer number = new LongPointer(1);

    private final Ending ending;
    private final boolean possible;

    /**
     * Looks for an algorithm.
     *
     * @param epilogue whose addresses are as aligned as the shape says
     * @param workspaceBytes that it may use
     */
    LtProduct(cublasLtContext handle, Shape shape, PlacedEpilogue epilogue, long workspaceBytes) {
        this.handle = handle;
        this.ending = shape.ending();
        Gemm product = shape.product();
        try {
            owned.add(found);
            owned.add(number);
            description = made(
                    cublasLtMatmulDescOpaque_t.class,
                    place -> cublasLtMatmulDescCreate(
                            place, Blas.computeType(product.precision(), shape.factors()), CUDA_R_32F),
                    "cublasLtMatmulDescCreate");
            owned.add(() -> Blas.check(cublasLtMatmulDescDestroy(description), "cublasLtMatmulDescDestroy"));
            a = layout(shape.factors(), product.transposeA(), product.m(), product.k(), product.leadingA());
            b = layout(shape.factors(), product.transposeB(), product.k(), product.n(), product.leadingB());
            c = layout(shape.result(), false, product.m(), product.n(), product.leadingC());
            possible = describe(shape, epilogue) && search(shape, workspaceBytes);
        } catch (RuntimeException e) {
            try (owned) {
                throw e;
            }
        }
    }

    private static <P extends Pointer> P made(Class<P> type, ToIntFunction<PointerPointer<P>> create, String call) {
        try (PointerPointer<P> place = new PointerPointer<>(1)) {
            Blas.check(create.applyAsInt(place), call);
            return place.get(type);
        }
    }

    private cublasLtMatrixLayoutOpaque_t layout(
            ElementType type, boolean transposed, int rows, int columns, int leading) {
        cublasLtMatrixLayoutOpaque_t layout = made(
                cublasLtMatrixLayoutOpaque_t.class,
                place -> cublasLtMatrixLayoutCreate(
                        place, Blas.typeOf(type), transposed ? columns : rows, transposed ? rows : columns, leading),
                "cublasLtMatrixLayoutCreate");
        owned.add(() -> Blas.check(cublasLtMatrixLayoutDestroy(layout), "cublasLtMatrixLayoutDestroy"));
        return layout;
    }

    /** False for sums of bfloat16 numbers: cuBLASLt's vectors are of C's type, which sums are not. */
    private boolean describe(Shape shape, PlacedEpilogue epilogue) {
        Gemm product = shape.product();
        set(CUBLASLT_MATMUL_DESC_TRANSA, product.transposeA() ? CUBLAS_OP_T : CUBLAS_OP_N);
        set(CUBLASLT_MATMUL_DESC_TRANSB, product.transposeB() ? CUBLAS_OP_T : CUBLAS_OP_N);
        set(CUBLASLT_MATMUL_DESC_EPILOGUE, epilogueOf(ending));
        if (ending.hasMask()) {
            set(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, (long) SignMask.wordsOfRow(product.m()) * Integer.SIZE);
        }
        place(epilogue);
        return ending != Ending.GRADIENT_WITH_SUMS || shape.result() == ElementType.FLOAT;
    }

    private static int epilogueOf(Ending ending) {
        return switch (ending) {
            case BIAS -> CUBLASLT_EPILOGUE_BIAS;
            case RECTIFIER -> CUBLASLT_EPILOGUE_RELU_BIAS;
            case RECTIFIER_WITH_MASK -> CUBLASLT_EPILOGUE_RELU_AUX_BIAS;
            case GRADIENT -> CUBLASLT_EPILOGUE_DRELU;
            case GRADIENT_WITH_SUMS -> CUBLASLT_EPILOGUE_DRELU_BGRAD;
        };
    }

    /** Where bias or sums and mask are. */
    private void place(PlacedEpilogue epilogue) {
        if (ending.hasVector()) {
            set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, epilogue.vector());
        }
        if (ending.hasMask()) {
            set(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, epilogue.mask());
        }
    }

    private void set(int attribute, int value) {
        try (IntPointer place = new IntPointer(1)) {
            place.put(value);
            set(attribute, place, Integer.BYTES);
        }
    }

    private void set(int attribute, long value) {
        number.put(value);
        set(attribute, number, Long.BYTES);
    }

    private void set(int attribute, Pointer value, int bytes) {
        Blas.check(
                cublasLtMatmulDescSetAttribute(description, attribute, value, bytes),
                "cublasLtMatmulDescSetAttribute(" + attribute + ")");
    }

    private boolean search(Shape shape, long workspaceBytes) {
        cublasLtMatmulPreferenceOpaque_t preference = made(
                cublasLtMatmulPreferenceOpaque_t.class,
                place -> cublasLtMatmulPreferenceCreate(place),
                "cublasLtMatmulPreferenceCreate");
        try {
            Alignments alignments = shape.alignments();
            number.put(workspaceBytes);
            prefer(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, number, Long.BYTES);
            prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignments.a());
            prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignments.b());
            prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignments.c());
            prefer(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignments.c());
            int[] count = new int[1];
            int status = cublasLtMatmulAlgoGetHeuristic(handle, description, a, b, c, c, preference, 1, found, count);
            if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_ARCH_MISMATCH) {
                return false;
            }
            Blas.check(status, "cublasLtMatmulAlgoGetHeuristic of " + shape.product());
            return count[0] > 0 && found.state() == CUBLAS_STATUS_SUCCESS;
        } finally {
            Blas.check(cublasLtMatmulPreferenceDestroy(preference), "cublasLtMatmulPreferenceDestroy");
        }
    }

    private static void prefer(cublasLtMatmulPreferenceOpaque_t preference, int attribute, int value) {
        try (IntPointer place = new IntPointer(1)) {
            place.put(value);
            prefer(preference, attribute, place, Integer.BYTES);
        }
    }

    private static void prefer(cublasLtMatmulPreferenceOpaque_t preference, int attribute, Pointer value, int bytes) {
        Blas.check(
                cublasLtMatmulPreferenceSetAttribute(preference, attribute, value, bytes),
                "cublasLtMatmulPreferenceSetAttribute(" + attribute + ")");
    }

    /** Whether there is an algorithm. */
    boolean isPossible() {
        return possible;
    }

    /** Starts a product of this shape. */
    void multiply(
            PlacedProduct product,
            PlacedEpilogue epilogue,
            FloatPointer alpha,
            FloatPointer beta,
            Pointer workspace,
            CUstream_st stream) {
        place(epilogue);
        Pointer result = new DevicePointer(product.c());
        Blas.check(
                cublasLtMatmul(
                        handle,
                        description,
                        alpha,
                        new DevicePointer(product.a()),
                        a,
                        new DevicePointer(product.b()),
                        b,
                        beta,
                        result,
                        c,
                        result,
                        c,
                        found.algo(),
                        workspace,
                        found.workspaceSize(),
                        stream),
                "cublasLtMatmul of " + product.product());
    }

    @Override
    public void close() {
        owned.close();
    }
}
