/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.bytedeco.cuda.global.cublas.cublasLtCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtDestroy;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.PlacedEpilogue;
import org.amend4j.internal.backend.PlacedProduct;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** cuBLASLt on one stream: products with epilogues, each shape prepared once. For use in the context that it was made in. */
final class BlasLt implements AutoCloseable {

    /** Shapes that are remembered, those used last; lengths of texts make many. */
    private static final int MOST_SHAPES = 512;
    /** Of bias, sums and mask: what its kernels load at once. */
    private static final int LEAST_ALIGNMENT = 16;

    private final cublasLtContext handle = new cublasLtContext();
    private final CUstream_st stream;
    private final Pointer workspace;
    private final long workspaceBytes;
    private final FloatPointer alpha = new FloatPointer(1);
    private final FloatPointer beta = new FloatPointer(1);
    private final Map<LtProduct.Shape, LtProduct> products = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * A handle on a stream.
     *
     * @param workspace must outlive the handle; what else uses it works on the same stream
     */
    BlasLt(CUstream_st stream, Pointer workspace, long workspaceBytes) {
        this.stream = stream;
        this.workspace = workspace;
        this.workspaceBytes = workspaceBytes;
        Blas.check(cublasLtCreate(handle), "cublasLtCreate");
    }

    /**
     * Starts a product of matrices stored by columns, if there is an algorithm for it.
     *
     * @return false if there is none, and nothing was done
     */
    boolean multiply(PlacedProduct product, PlacedEpilogue epilogue) {
        LtProduct.Shape shape = LtProduct.Shape.of(product, epilogue);
        if (product.product().k() == 0
                || shape.alignments().vector() < LEAST_ALIGNMENT
                || shape.alignments().mask() < LEAST_ALIGNMENT) {
            return false;
        }
        LtProduct prepared = prepared(shape, epilogue);
        if (!prepared.isPossible()) {
            return false;
        }
        Gemm gemm = product.product();
        alpha.put((float) gemm.alpha());
        beta.put((float) gemm.beta());
        prepared.multiply(product, epilogue, alpha, beta, workspace, stream);
        return true;
    }

    private LtProduct prepared(LtProduct.Shape shape, PlacedEpilogue epilogue) {
        LtProduct known = products.get(shape);
        if (known != null) {
            return known;
        }
        if (products.size() == MOST_SHAPES) {
            Iterator<LtProduct> used = products.values().iterator();
            LtProduct longestAgo = used.next();
            used.remove();
            longestAgo.close();
        }
        LtProduct prepared = new LtProduct(handle, shape, epilogue, workspaceBytes);
        products.put(shape, prepared);
        return prepared;
    }

    @Override
    public void close() {
        try (Owned owned = new Owned()) {
            owned.add(() -> Blas.check(cublasLtDestroy(handle), "cublasLtDestroy"));
            owned.add(alpha);
            owned.add(beta);
            products.values().forEach(owned::add);
        }
    }
}
