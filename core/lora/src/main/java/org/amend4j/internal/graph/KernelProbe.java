/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.graph;

import com.sun.jna.Function;
import java.security.MessageDigest;
import java.util.stream.LongStream;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.random.SplitMix64;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * What this process's native kernels make of fixed numbers, as a digest. Sums depend on which kernels OpenBLAS has chosen for the
 * processor, on ND4J's build and on how many threads divide them: processes with different digests compute gradients that differ by
 * rounding. Equal digests do not prove equal bits; they cover products, sums and exponentials, in both types, of a size that is divided
 * among threads.
 */
public final class KernelProbe {

    private static final int ROWS = 300;
    private static final int INNER = 500;
    private static final int COLUMNS = 130;

    private KernelProbe() {}

    /** 64 hexadecimal digits; takes some milliseconds. */
    @SuppressWarnings("try") // the workspace scope only has to be open
    public static String digest() {
        MessageDigest digest = Sha256.start();
        try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
                INDArray x = numbers(type, ROWS, INNER);
                INDArray w = numbers(type, INNER, COLUMNS);
                INDArray z = Transforms.tanh(x.mmul(w));
                INDArray derivative = x.transpose().mmul(z);
                ArrayBytes.update(digest, z.dup('c'));
                ArrayBytes.update(digest, derivative.dup('c'));
                ArrayBytes.update(digest, Transforms.exp(z).sum(1).dup('c'));
                ArrayBytes.update(
                        digest, Nd4j.scalar(type, derivative.sumNumber().doubleValue()));
                ArrayBytes.update(
                        digest, Nd4j.scalar(type, derivative.norm2Number().doubleValue()));
            }
        }
        return Sha256.hex(digest);
    }

    /** Which processor's kernels OpenBLAS has chosen, as it says ("SkylakeX"); "unknown" if there is another BLAS. */
    public static String coreType() {
        Loader.load(openblas_nolapack.class);
        Pointer found = Loader.addressof("openblas_get_corename");
        return found == null
                ? "unknown"
                : Function.getFunction(new com.sun.jna.Pointer(found.address())).invokeString(new Object[0], false);
    }

    private static INDArray numbers(DataType type, int rows, int columns) {
        double[] values = LongStream.range(0, (long) rows * columns)
                .mapToDouble(k -> (SplitMix64.draw(columns, k) >> 11) * 0x1p-56)
                .toArray();
        return ParameterVectors.array(values, type, rows, columns);
    }
}
